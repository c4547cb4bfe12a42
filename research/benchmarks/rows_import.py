"""Reading transcripts into the ledger: the first time, with nothing new, with one file that grew."""

from __future__ import annotations

import math
import os
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING

import lines
from measure import run
from thread import resumed_thread
from write import Row, single

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench import Bench
    from measure import Sample
    from peers import Place

ROUNDS = {"small": 7, "medium": 5, "large": 3}
NOTHING = "nothing new"
NOTHING_NEW = {"small": (0.7, 0.4), "medium": (0.12, 0.07), "large": (0.04, 0.03)}
ONE_GREW = {"small": (0.8, 0.4), "medium": (0.15, 0.07), "large": (0.05, 0.03)}
FIRST, DAILY, MONITOR, WEEKLY = "first import", "ccusage daily", "claude-monitor daily", "ccusage weekly"
KINDS = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_creation": "cache_creation",
    "cache_creation_1h": "cache_1h",
    "cache_read": "cache_read",
    "thinking_tokens": "thinking",
    "web_searches": "searches",
}


def measure(bench: Bench) -> None:
    """All rows about imports."""
    for size in bench.sizes:
        place = _first(bench, size)
        _totals(bench, size, place)
        _ledger_size(bench, size, place)
        bench.keep_ledger(size, place)
    _growth(bench)
    for size in bench.sizes:
        _again(bench, size)
    _unchanged(bench)


def _first(bench: Bench, size: str) -> Place:
    """A first import against the reports of others, which store nothing; the home of the last one."""
    place = bench.place(f"first-{size}", size)

    def first() -> Sample:
        bench.place(f"first-{size}", size)
        return run(place.ours("import"))

    cases = {DAILY: lambda: run(place.ccusage("daily")), FIRST: first, MONITOR: lambda: run(place.monitor())}
    found = bench.take(f"{FIRST}, {size}", cases, ROUNDS[size])
    must = (1.2, 0.7) if size != "small" else (None, None)
    bench.rows.append(Row(f"{FIRST} ÷ `ccusage daily`, wall", size, found.ratio(FIRST, DAILY), "x", *must))
    must = (1.0, 0.7) if size != "small" else (None, None)
    cpu = found.ratio(FIRST, DAILY, "cpu")
    bench.rows.append(Row(f"{FIRST} ÷ `ccusage daily`, processor", size, cpu, "x", *must))
    must = (0.4, 0.25) if size != "small" else (None, None)
    bench.rows.append(Row(f"{FIRST} ÷ {MONITOR}, wall", size, found.ratio(FIRST, MONITOR), "x", *must))
    must = (0.5, 0.35) if size == "large" else (None, None)
    rss = found.ratio(FIRST, DAILY, "rss")
    bench.rows.append(Row(f"{FIRST} ÷ `ccusage daily`, memory", size, rss, "x", *must))
    return place


def _growth(bench: Bench) -> None:
    """The exponent of the first import's time in bytes, between the two largest sizes."""
    if len(bench.sizes) < 2:
        return
    smaller, larger = bench.sizes[-2:]
    exponent = math.log(_median(bench, larger) / _median(bench, smaller))
    exponent /= math.log(bench.truth(larger)["bytes"] / bench.truth(smaller)["bytes"])
    row = Row(f"{FIRST}, growth exponent", f"{smaller} to {larger}", single(exponent), "exponent", 1.05, 1.05)
    bench.rows.append(row)


def _median(bench: Bench, size: str) -> float:
    return bench.taken[f"{FIRST}, {size}"].figure(FIRST).median


def _totals(bench: Bench, size: str, place: Place) -> None:
    """How far our totals are from the truth: the sum of the differences in every kind."""
    truth, found = bench.truth(size), place.report()
    totals, tools = found["totals"], found["by_tool"]
    assert isinstance(totals, dict)
    assert isinstance(tools, list)
    hidden = totals["background"]
    off = sum(
        abs(totals[ours] - hidden[ours] - truth["tokens"][kind])
        + abs(hidden[ours] - truth["background"][kind])
        for ours, kind in KINDS.items()
    )
    off += abs(totals["calls"] - hidden["calls_lower_bound"] - truth["messages"])
    off += abs(sum(tool["tool_calls"] for tool in tools) - truth["tool_calls"])
    off += abs(sum(tool["failed"] for tool in tools) - truth["failed"])
    row = Row("tokens, responses and tool calls off the truth", size, single(off), "", 0, exact=True)
    bench.rows.append(row)


def _ledger_size(bench: Bench, size: str, place: Place) -> None:
    used = sum(path.stat().st_size for path in place.ledger.glob("usage.db*")) / 1e6
    per = used / bench.truth(size)["messages"] * 100_000
    must = (25, 12) if size != "small" else (None, None)
    bench.rows.append(Row("ledger per 100k responses", size, single(per), "MB", *must))


def _again(bench: Bench, size: str) -> None:
    """An import with nothing new, and one after a file grew, against a report that reads everything."""
    place = bench.imported(f"again-{size}", size)
    transcript = _middle(place.claude / "projects")
    with _growing(transcript) as grow:

        def grown() -> Sample:
            grow()
            return run(place.ours("import"))

        cases: dict[str, Callable[[], Sample]] = {
            WEEKLY: lambda: run(place.ccusage("weekly")),
            NOTHING: lambda: run(place.ours("import")),
            "one file grown": grown,
        }
        found = bench.take(f"import again, {size}", cases, ROUNDS[size])
    for case, targets in ((NOTHING, NOTHING_NEW), ("one file grown", ONE_GREW)):
        ratio = found.ratio(case, WEEKLY)
        bench.rows.append(Row(f"`import`, {case} ÷ `ccusage weekly`", size, ratio, "x", *targets[size]))


def _unchanged(bench: Bench) -> None:
    """What a file costs in which nothing changed: a week's calls, which a report adds up, are left out."""
    if len(bench.sizes) < 2:
        return
    least, most = bench.sizes[0], bench.sizes[-1]
    first, last = (bench.taken[f"import again, {size}"].figure(NOTHING).median for size in (least, most))
    cost = (last - first) / (bench.truth(most)["files"] - bench.truth(least)["files"]) * 1e6
    bench.rows.append(Row("an unchanged file", f"{least} to {most}", single(cost), "µs", 10, 7))


def _middle(folder: Path) -> Path:
    """A transcript of a middling size."""
    found = sorted(folder.rglob("*.jsonl"), key=lambda path: (path.stat().st_size, path.name))
    return found[len(found) // 2]


@contextmanager
def _growing(path: Path) -> Iterator[Callable[[], None]]:
    """A function that adds one response to a transcript, which is as before in the end."""
    before = path.stat()
    parts = path.parts
    agent = path.stem.removeprefix("agent-") if "subagents" in parts else ""
    session = parts[parts.index("subagents") - 1] if agent else path.stem
    thread = resumed_thread(Random("growing"), session, agent, before.st_mtime_ns // 1_000_000)

    def grow() -> None:
        with path.open("ab") as file:
            file.writelines(lines.exchange(thread, last=False))

    try:
        yield grow
    finally:
        os.truncate(path, before.st_size)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
