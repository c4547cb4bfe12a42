"""The weekly report when nothing changed: as JSON, painted on a terminal, and how it grows with history."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from measure import run
from rows_import import ROUNDS, WEEKLY
from write import Row, single

if TYPE_CHECKING:
    from bench import Bench

JSON, PAINTED = "week --json", "week on a terminal"
AS_JSON = {"small": (0.7, 0.4), "medium": (0.12, 0.07), "large": (0.04, 0.03)}
ON_A_TERMINAL = {"small": (1.5, 1.0), "medium": (0.3, 0.15), "large": (0.1, 0.05)}


def measure(bench: Bench) -> None:
    """All rows about reports."""
    for size in bench.sizes:
        _week(bench, size)
    if len(bench.sizes) > 1:
        _growth(bench)


def _week(bench: Bench, size: str) -> None:
    place = bench.imported(f"report-{size}", size)
    cases = {
        WEEKLY: lambda: run(place.ccusage("weekly")),
        JSON: lambda: run(place.ours("week", "--json")),
        PAINTED: lambda: run(place.ours("week", terminal=True)),
    }
    found = bench.take(f"week, {size}", cases, 2 * ROUNDS[size] + 1)
    for case, targets in ((JSON, AS_JSON), (PAINTED, ON_A_TERMINAL)):
        ratio = found.ratio(case, WEEKLY)
        bench.rows.append(Row(f"`{case}` ÷ `ccusage weekly`", size, ratio, "x", *targets[size]))


def _growth(bench: Bench) -> None:
    """The exponent of the report's time in bytes, over all sizes."""
    least, most = bench.sizes[0], bench.sizes[-1]
    first, last = (bench.taken[f"week, {size}"].figure(JSON).median for size in (least, most))
    small, large = bench.truth(least), bench.truth(most)
    exponent = math.log(last / first) / math.log(large["bytes"] / small["bytes"])
    span = f"{least} to {most}"
    bench.rows.append(Row(f"`{JSON}`, growth exponent", span, single(exponent), "exponent", 0.25, 0.18))
