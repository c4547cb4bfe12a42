"""Hooks as whole processes: against the start of their interpreter and of node, in big ledgers, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import peers
from bench import copy_ledger
from measure import Command, Figure, Rounds, burst, percentile, run
from session import LiveSession
from write import Row, single

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench import Bench
    from measure import Sample
    from peers import Place

MB = 1_000_000
CAP = "900000M"
"""A weekly cap that is never reached: the alert has to look, and has nothing to say."""

SHOWN_BY_LINE = ("PostToolUse", "PreToolUse", "statusLine")
AT_ONCE = 16
IN_A_ROW = 200
BARE, NODE = "python -I -S -c pass", "node -e 0"


def measure(bench: Bench) -> None:
    """All rows about hooks."""
    place = _place(bench, "hooks", "20k")
    lines = peers.hooks(place)
    session = _known(place, 1, MB)
    _against_interpreters(bench, place, lines, session)
    _in_a_big_ledger(bench, place, lines, session)
    _with_a_long_transcript(bench, place, lines, session)
    _many_in_a_row(bench, place, lines, session)
    _many_at_once(bench)


def _against_interpreters(bench: Bench, place: Place, lines: dict[str, str], session: LiveSession) -> None:
    cases = {BARE: _bare(place), NODE: _fixed(Command([bench.programs.node, "-e", "0"], place.environment()))}
    cases |= {event: _hook(place, line, session, event) for event, line in lines.items()}
    for event in (event for event in SHOWN_BY_LINE if event in lines):
        cases[f"{event}, as registered"] = _hook(place, lines[event], session, event, shell=True)
    found = bench.take("each registered hook", cases, 15)
    for case in (case for case in cases if case not in (BARE, NODE)):
        ratio, other = found.ratio(case, BARE), found.ratio(case, NODE)
        bench.rows.append(Row(f"hook {case} ÷ `{BARE}`", "", ratio, "x", 1.9, 1.6))
        bench.rows.append(Row(f"hook {case} ÷ `{NODE}`", "", other, "x", 0.65, 0.5))


def _in_a_big_ledger(bench: Bench, place: Place, lines: dict[str, str], session: LiveSession) -> None:
    big = _place(bench, "hooks-1m", "1m")
    big_lines, big_session = peers.hooks(big), _known(big, 1, MB)
    for event in (event for event in SHOWN_BY_LINE if event in lines):
        run(place.ours("import"))  # both begin with nothing in the write-ahead log
        run(big.ours("import"))
        cases = {
            "20k rows": _hook(place, lines[event], session, event),
            "1M rows": _hook(big, big_lines[event], big_session, event),
        }
        ratio = bench.take(f"hook {event}, ledger", cases, 21).ratio("1M rows", "20k rows")
        bench.rows.append(Row(f"hook {event}, 1M rows ÷ 20k rows", "", ratio, "x", 1.1, 1.05))


def _with_a_long_transcript(bench: Bench, place: Place, lines: dict[str, str], session: LiveSession) -> None:
    long = _known(place, 2, 50 * MB)
    cases = {
        "1 MB": _hook(place, lines["PostToolUse"], session, "PostToolUse"),
        "50 MB": _hook(place, lines["PostToolUse"], long, "PostToolUse"),
    }
    ratio = bench.take("hook PostToolUse, transcript", cases, 21).ratio("50 MB", "1 MB")
    bench.rows.append(Row("hook PostToolUse, 50 MB ÷ 1 MB transcript", "", ratio, "x", 1.1, 1.05))


def _many_in_a_row(bench: Bench, place: Place, lines: dict[str, str], session: LiveSession) -> None:
    """Hooks of a long session, between which no other process of ours looks after the ledger."""
    run(place.ours("import"))
    hook = _hook(place, lines["PostToolUse"], session, "PostToolUse")
    samples = [hook() for _ in range(IN_A_ROW)]
    part = IN_A_ROW // 10
    found = Rounds({"the first": samples[:part], "the last": samples[-part:]})
    bench.taken[f"hook PostToolUse, {IN_A_ROW} in a row"] = found
    ratio = found.ratio("the last", "the first")
    row = Row(f"hook PostToolUse, the last ÷ the first of {IN_A_ROW} in a row", "", ratio, "x", 1.1, 1.05)
    bench.rows.append(row)


def _many_at_once(bench: Bench) -> None:
    place = _place(bench, "hooks-at-once", "20k")
    line = peers.without_shell(peers.hooks(place)["PostToolUse"])
    sessions = [LiveSession(place, number, 20_000) for number in range(AT_ONCE)]
    run(place.ours("import"))
    rounds = bench.rounds or 12
    bare = [Command(peers.bare(), place.environment())] * AT_ONCE
    hooks: list[Sample] = []
    others: list[Sample] = []
    ratios = []
    before = _calls(bench, place)
    for _ in range(rounds):
        inputs = [session.event("PostToolUse") for session in sessions]
        some = burst([Command(line, place.environment(), path) for path in inputs])
        starts = burst(bare)
        ratios.append(_p95(some) / _p95(starts))
        hooks += some
        others += starts
    bench.taken["16 at once"] = Rounds({"hooks": hooks, BARE: others})
    failed = sum(sample.code != 0 for sample in hooks) + _faults(place)
    lost = before + rounds * AT_ONCE - _calls(bench, place)
    figure = Figure(_p95(hooks) / _p95(others), min(ratios), max(ratios))
    bench.rows.append(Row("16 hooks at once, p95 ÷ 16 bare interpreters", "", figure, "x", 2.2, 1.8))
    bench.rows.append(Row("16 hooks at once, failures", "", single(failed), "", 0, exact=True))
    bench.rows.append(Row("16 hooks at once, lost rows", "", single(lost), "", 0, exact=True))


def _place(bench: Bench, name: str, rows: str) -> Place:
    """A home with so many rows in its ledger, hooks that are set up, and a cap for the alert to look at."""
    place = bench.place(name)
    place.ledger.mkdir()
    copy_ledger(bench.filled(rows), place.ledger / "usage.db")
    place.answer(place.ours("budget", "set", "weekly", "--tokens", CAP))
    return place


def _known(place: Place, number: int, size: int) -> LiveSession:
    """A session whose transcript the ledger has read to its end."""
    session = LiveSession(place, number, size)
    run(place.ours("import"))
    return session


def _hook(
    place: Place, line: str, session: LiveSession, event: str, *, shell: bool = False
) -> Callable[[], Sample]:
    words = ["/bin/sh", "-c", line] if shell else peers.without_shell(line)
    return lambda: run(Command(words, place.environment(), session.event(event)))


def _bare(place: Place) -> Callable[[], Sample]:
    return _fixed(Command(peers.bare(), place.environment()))


def _fixed(command: Command) -> Callable[[], Sample]:
    return lambda: run(command)


def _p95(samples: list[Sample]) -> float:
    return percentile([sample.wall for sample in samples], 0.95)


def _calls(bench: Bench, place: Place) -> int:
    """How many responses are in a ledger, looked up in a copy so that nothing new is read on the way."""
    other = bench.place("count")
    other.ledger.mkdir()
    copy_ledger(place.ledger / "usage.db", other.ledger / "usage.db")
    totals = other.report()["totals"]
    assert isinstance(totals, dict)
    return int(totals["calls"])


def _faults(place: Place) -> int:
    """How many faults the hooks noted."""
    return sum(len(path.read_text().splitlines()) for path in place.ledger.glob("*.log"))
