"""Saved output of `claude -p --output-format stream-json`, and the `audit.jsonl` of Cowork."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.test_bulk import scanned, taken, twins
from tests.support.ledger_dump import dump_ledger
from tests.support.ledger_rows import rows, totals
from tests.support.transcripts import MODEL, OTHER, SESSION, Line, packed, response, usage
from usage_dashboard.ingest.scanner import Scanner

TOKENS = ("input", "output", "cache_creation", "cache_read", "incomplete")
SAVED_NS = 1_795_348_800_000_000_000  # after every line of `response`


def printed(line: Line, session: str = SESSION, **fields: Any) -> Line:
    """A transcript's line as it is printed: with a placeholder for its output, and no time."""
    message = {**line["message"], "stop_reason": None}
    message["usage"] = {**message["usage"], "output_tokens": 2, "output_tokens_details": None}
    own = {"type": "assistant", "message": message, "parent_tool_use_id": None}
    return {**own, "session_id": session, "uuid": "p" + line["uuid"], **fields}


def init(session: str = SESSION) -> Line:
    """The first record of a run."""
    return {"type": "system", "subtype": "init", "cwd": "/srv/shop", "session_id": session, "model": MODEL}


def result(fresh: int, output: int, session: str = SESSION, **fields: Any) -> Line:
    """The last record of a run."""
    counts = {"inputTokens": fresh, "outputTokens": output, "costUSD": 0.01}
    return {
        "type": "result", "subtype": "success", "duration_ms": 5000, "session_id": session,
        "total_cost_usd": 0.01, "usage": usage(fresh, output), "modelUsage": {MODEL: counts},
        "uuid": f"r{fresh}-{output}-{session}", **fields,
    }  # fmt: skip


def cost_state(fresh: int, output: int) -> Line:
    """The client's own totals, in a transcript."""
    counts = {"inputTokens": fresh, "outputTokens": output, "costUSD": 0.01}
    began = {"startTime": 1_795_341_500_000, "totalDuration": 9000}
    return {"type": "cost-state", "sessionId": SESSION, **began, "modelUsage": {MODEL: counts}}


REPLIES = [*response("m1", spent=usage(10, 100)), *response("m2", spent=usage(20, 200))]
STREAM = [init(), *map(printed, REPLIES), result(30, 300)]


def saved(path: Path, lines: list[Line], later_ns: int = 0) -> Path:
    """A file of `lines` that was saved after all of them were written, and `later_ns` more."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(lines))
    os.utime(path, ns=(SAVED_NS + later_ns,) * 2)
    return path


def scan(ledger: Path, *paths: Path) -> dict[str, int]:
    """Read files in their order, and return the totals."""
    for path in paths:
        with (scanner := Scanner(str(ledger))):
            scanner.file(str(path))
        scanner.db.close()
    found = totals(ledger)
    return {name: found[name] for name in TOKENS}


def counted(fresh: int, output: int, incomplete: int = 0) -> dict[str, int]:
    return dict(zip(TOKENS, (fresh, output, 0, 0, incomplete), strict=True))


def test_the_result_of_a_run_counts_and_not_what_was_printed_while_it_ran(
    ledger: Path, tmp_path: Path
) -> None:
    assert scan(ledger, saved(tmp_path / "out.jsonl", STREAM)) == counted(30, 300)
    query = "SELECT s.name, l.name FROM session s JOIN label l ON l.id = s.project"
    assert rows(ledger, query) == [(SESSION, "shop")]


def test_calls_that_only_the_result_knows_count(ledger: Path, tmp_path: Path) -> None:
    lines = [*STREAM[:-1], result(1030, 350)]
    assert scan(ledger, saved(tmp_path / "out.jsonl", lines)) == counted(1030, 350)


def test_a_result_that_older_clients_print_counts(ledger: Path, tmp_path: Path) -> None:
    lines = [*STREAM[:-1], {**result(30, 300), "modelUsage": None}]
    assert scan(ledger, saved(tmp_path / "out.jsonl", lines)) == counted(30, 300)


def test_a_result_alone_counts(ledger: Path, tmp_path: Path) -> None:
    assert scan(ledger, saved(tmp_path / "out.json", [result(30, 300)])) == counted(30, 300)


def test_a_run_that_was_killed_is_as_incomplete_as_it_looks(ledger: Path, tmp_path: Path) -> None:
    assert scan(ledger, saved(tmp_path / "out.jsonl", STREAM[:-1])) == counted(30, 4, incomplete=2)


def test_a_file_that_is_read_while_it_grows_comes_to_the_same(ledger: Path, tmp_path: Path) -> None:
    for end in range(1, len(STREAM)):
        scan(ledger, saved(tmp_path / "out.jsonl", STREAM[:end]))
    found = scan(ledger, saved(tmp_path / "out.jsonl", STREAM))
    assert (found["input"], found["output"]) == (30, 300)


def test_results_of_one_process_go_on_from_one_another(ledger: Path, tmp_path: Path) -> None:
    first, second = map(printed, REPLIES)
    lines = [init(), first, result(10, 100), second, result(30, 300)]
    assert scan(ledger, saved(tmp_path / "out.jsonl", lines)) == counted(30, 300)


def test_results_of_processes_that_each_counted_anew_add_up(ledger: Path, tmp_path: Path) -> None:
    first, second = map(printed, REPLIES)
    one = saved(tmp_path / "1.jsonl", [init(), second, result(20, 200)])
    other = saved(tmp_path / "2.jsonl", [init(), first, result(10, 100)], later_ns=10**9)
    assert scan(ledger, one, other) == counted(30, 300)


BESIDE = {
    "transcript": REPLIES,
    "totals": [*REPLIES, cost_state(1030, 350)],
    "stream": STREAM,
    "stream with hidden calls": [*STREAM[:-1], result(1030, 350)],
    "audit": [
        {**line, "_audit_timestamp": "2026-11-22T10:00:00.000Z", "_audit_hmac": "00"} for line in STREAM
    ],
}
ORDERS = [order for many in (2, 3) for order in itertools.permutations(BESIDE, many)]


@pytest.mark.parametrize("order", ORDERS, ids=", ".join)
def test_files_of_one_session_count_it_once_in_any_order(
    ledger: Path, tmp_path: Path, order: tuple[str, ...]
) -> None:
    paths = [saved(tmp_path / name / f"{SESSION}.jsonl", BESIDE[name]) for name in order]
    has_hidden = {"totals", "stream with hidden calls"} & set(order)
    assert scan(ledger, *paths) == (counted(1030, 350) if has_hidden else counted(30, 300))
    assert len(rows(ledger, "SELECT 1 FROM session")) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_audits_are_of_the_sessions_that_they_name_and_of_their_days(
    ledger: Path, tmp_path: Path, order: int
) -> None:
    paths = []
    for session, day in ((SESSION, 10), (OTHER, 12)):
        lines = [
            printed(line, session, _audit_timestamp=f"2026-09-{day + i}T10:00:00.000Z")
            for i, line in enumerate([*response(f"a{day}"), *response(f"b{day}")])
        ]
        paths.append(saved(tmp_path / f"local_{day}" / "audit.jsonl", lines))
    scan(ledger, *paths[::order])
    query = (
        "SELECT s.name, date(r.at_us / 1000000, 'unixepoch') FROM response r"
        " JOIN session s ON s.id = r.session ORDER BY 2"
    )
    days = ("2026-09-10", "2026-09-11", "2026-09-12", "2026-09-13")
    assert rows(ledger, query) == list(zip([SESSION] * 2 + [OTHER] * 2, days, strict=True))


def test_what_a_subagent_printed_is_not_the_main_threads(ledger: Path, tmp_path: Path) -> None:
    lines = [printed(REPLIES[0]), printed(REPLIES[1], parent_tool_use_id="toolu_1"), result(30, 300)]
    scan(ledger, saved(tmp_path / "out.jsonl", lines))
    assert rows(ledger, "SELECT kind, input FROM response WHERE kind < 2 ORDER BY input") == [
        (0, 10),
        (1, 20),
    ]


@pytest.mark.parametrize("lines", BESIDE.values(), ids=BESIDE)
def test_an_import_leaves_the_rows_that_hooks_would(tmp_path: Path, lines: list[Line]) -> None:
    path = saved(tmp_path / "out.jsonl", lines)
    ledgers = twins(tmp_path)
    taken(ledgers[0], [path])
    scanned(ledgers[1], [path])
    assert dump_ledger(ledgers[0]) == dump_ledger(ledgers[1])
