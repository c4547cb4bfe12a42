"""Background calls: what the client's own totals have beyond what transcripts show, and bad totals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.ledger_rows import NOW_US, rows, totals_after_sweep
from tests.support.transcripts import SESSION, Line, packed, response, usage, write
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.store.connection import open_reader
from usage_dashboard.store.meta import read_rejected

BEGAN_MS = 1_795_341_540_000  # 2026-11-22T09:59:00Z


def state(fresh: int, output: int, read: int = 0, *, ran_ms: int = 120_000, odd: Any = None) -> Line:
    """A `cost-state` line of one model."""
    counts = {
        "inputTokens": fresh,
        "outputTokens": output,
        "thinkingTokens": 0,
        "cacheReadInputTokens": read,
        "cacheCreationInputTokens": 0,
        "webSearchRequests": 0,
        "costUSD": 0.001,
    }
    return {
        "type": "cost-state",
        "sessionId": SESSION,
        "totalDuration": ran_ms,
        "startTime": BEGAN_MS,
        "modelUsage": {"claude-opus-5-5": counts | (odd or {})},
    }


def background(ledger: Path) -> list[tuple[int, ...]]:
    return rows(ledger, "SELECT input, output, cache_read, calls FROM rollup WHERE kind = 2")


def test_what_exceeds_the_visible_responses_is_background(ledger: Path, project: Path) -> None:
    write(project, [*response("m1", spent=usage(10, 100, read=5)), state(13, 421, 9038)])
    assert (totals_after_sweep(ledger)["output"], background(ledger)) == (421, [(3, 321, 9033, 1)])


def test_totals_equal_to_the_responses_hide_nothing(ledger: Path, project: Path) -> None:
    write(project, [*response("m1", spent=usage(10, 100)), state(10, 100), state(10, 100, ran_ms=120_009)])
    assert (totals_after_sweep(ledger)["output"], background(ledger)) == (100, [])


def test_totals_below_the_responses_take_nothing_away(ledger: Path, project: Path) -> None:
    write(project, [*response("m1", spent=usage(10, 100)), state(1, 1)])
    assert (totals_after_sweep(ledger)["output"], background(ledger)) == (100, [])


def test_growth_is_counted_once_over_a_resume(ledger: Path, project: Path) -> None:
    first = [*response("m1", spent=usage(10, 100)), state(13, 400)]
    path = write(project, first)
    totals_after_sweep(ledger)
    second = response("m2", spent=usage(20, 200), at="2026-11-22T10:10:00.000Z")
    path.write_bytes(packed([*first, *second, state(40, 650, ran_ms=180_000)]))
    assert (totals_after_sweep(ledger)["input"], totals_after_sweep(ledger)["output"]) == (40, 650)
    assert background(ledger) == [(3 + 7, 300 + 50, 0, 2)]


@pytest.mark.parametrize(
    "bad",
    [
        {"inputTokens": -1}, {"outputTokens": 10**15}, {"outputTokens": "many"}, {"costUSD": "free"},
        {"costUSD": -1}, {"cacheReadInputTokens": 1.5}, {"webSearchRequests": True},
    ],
    ids=repr,
)  # fmt: skip
def test_absurd_totals_are_refused_and_counted(ledger: Path, project: Path, bad: dict[str, object]) -> None:
    write(project, [*response("m1", spent=usage(10, 100)), state(10, 900, odd=bad)])
    assert (totals_after_sweep(ledger)["output"], background(ledger)) == (100, [])
    db = open_reader(str(ledger))
    assert db is not None
    assert read_rejected(db) == {"lines": 1}
    db.close()


@pytest.mark.parametrize("damage", ["modelUsage", "startTime", "totalDuration"])
def test_totals_of_another_shape_are_refused(ledger: Path, project: Path, damage: str) -> None:
    line = state(10, 900) | {damage: ["x"]}
    data = packed(response("m1", spent=usage(10, 100))) + json.dumps(line).encode() + b"\n"
    (project / f"{SESSION}.jsonl").write_bytes(data)
    assert (totals_after_sweep(ledger)["output"], background(ledger)) == (100, [])


def test_a_session_that_continues_after_its_first_rows_were_dropped_hides_no_more_than_before(
    ledger: Path, project: Path
) -> None:
    old = {"startTime": 1_767_607_140_000}  # 2026-01-05T09:59:00Z
    first = [*response("m1", spent=usage(10, 100), at="2026-01-05T10:00:00.000Z"), state(13, 400) | old]
    path = write(project, first)
    sweep(str(ledger), 1_767_610_000_000_000)
    assert background(ledger) == [(3, 300, 0, 1)]
    later = response("m2", spent=usage(20, 200), at="2026-11-22T10:10:00.000Z")
    path.write_bytes(packed([*first, *later, state(40, 650, ran_ms=180_000) | old]))
    for _ in range(2):
        sweep(str(ledger), NOW_US)
        assert background(ledger) == [(3, 300, 0, 1), (7, 50, 0, 1)]
        assert rows(ledger, "SELECT SUM(input), SUM(output) FROM rollup") == [(40, 650)]
