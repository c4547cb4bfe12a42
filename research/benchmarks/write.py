"""The results as a page: each row with its target, then every time that was taken, then the machine."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from measure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from measure import Rounds

HEAD = """# Benchmarks

Written by `python research/benchmarks/run.py`; what the corpus holds is said in `corpus.py`. Cases run in
turns (A B C A B C), after one warm-up, with the files in the page cache. A ratio is the median of the
ratios within the same round, with the lowest and the highest behind it: those hold on a noisy machine,
where single times do not. Our command is the installed wheel; ccusage is its native program, without the
start of node. Memory below that of the process which measures, about 25 MB, is not resolved.
"""


@dataclass(frozen=True)
class Row:
    """One target and what was measured for it. `exact` wants the median to equal `must`."""

    what: str
    size: str
    figure: Figure
    unit: str
    must: float | None = None
    aim: float | None = None
    exact: bool = False

    @property
    def verdict(self) -> str:
        """Whether the target was met; a dash where there is none."""
        value = self.figure.median
        if self.must is None:
            return "-"
        if (value != self.must) if self.exact else (value > self.must):
            return "**miss**"
        return "aim" if self.aim is None or value <= self.aim else "must"


def single(value: float) -> Figure:
    """A figure that was taken once, or follows from others."""
    return Figure(value, value, value)


def page(rows: list[Row], taken: Mapping[str, Rounds], versions: Mapping[str, str], load: float) -> str:
    """Everything as Markdown."""
    parts = [HEAD, "## Targets\n", *_targets(rows), "", "## What was taken\n", *_times(taken), ""]
    return "\n".join([*parts, "## Machine\n", *_machine(versions, load)]) + "\n"


def number(value: float, unit: str) -> str:
    """A value with its unit, as precise as it can be meant."""
    if not unit:
        return f"{value:,.0f}"
    digits = 3 if value < 0.1 else 2 if value < 10 else 1
    return f"{value:,.{digits}f}{'' if unit == 'x' else ' '}{unit}".rstrip()


def _targets(rows: list[Row]) -> list[str]:
    lines = ["| what | size | measured | spread | must | aim | |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        low, high = row.figure.low, row.figure.high
        spread = "" if low == high else f"{low:.3g} to {high:.3g}"
        must, aim = ("" if target is None else f"{target:g}" for target in (row.must, row.aim))
        measured = number(row.figure.median, row.unit)
        lines.append(f"| {row.what} | {row.size} | {measured} | {spread} | {must} | {aim} | {row.verdict} |")
    return lines


def _times(taken: Mapping[str, Rounds]) -> list[str]:
    lines = [
        "| run | case | wall ms (least to most) | processor ms | memory MB | rounds |",
        "|---|---|---|---|---|---|",
    ]
    for name, rounds in taken.items():
        for case, samples in rounds.samples.items():
            wall, cpu, rss = (rounds.figure(case, measure) for measure in ("wall", "cpu", "rss"))
            spread = f"{wall.low * 1e3:,.1f} to {wall.high * 1e3:,.1f}"
            lines.append(
                f"| {name} | {case} | {wall.median * 1e3:,.1f} ({spread})"
                f" | {cpu.median * 1e3:,.1f} | {rss.high:,.0f} | {len(samples)} |"
            )
    return lines


def _machine(versions: Mapping[str, str], load: float) -> list[str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return [
        f"- {os.cpu_count()} processors ({_processor()}), {memory:.0f} GB",
        f"- {platform.system()} {platform.release()}",
        f"- load before and after: {load:.1f}, {os.getloadavg()[0]:.1f}",
        *(f"- {name} {version}" for name, version in versions.items()),
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    ]


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            named = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        named = []
    return named[0] if named else platform.machine()
