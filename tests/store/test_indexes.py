"""The small indexes: a new ledger has them, an older one gets them with a sweep."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from tests.support.ledger_rows import NOW_US, rows, totals_after_sweep
from tests.support.transcripts import SESSION, packed, response, result, tool_use, usage, write
from usage_dashboard.ingest.scanner import Scanner
from usage_dashboard.model.events import DAY_US
from usage_dashboard.store import indexes, migrations
from usage_dashboard.store.connection import open_writer, transaction
from usage_dashboard.store.read import past_runs, session_detail
from usage_dashboard.store.read.baseline import read_current_load, refresh_baseline
from usage_dashboard.store.read.totals import Span, read_buckets, read_durations, read_tool_buckets
from usage_dashboard.store.upkeep import retention
from usage_dashboard.store.write.stored_rows import read_tools

if TYPE_CHECKING:
    from pathlib import Path

LINES = [
    line
    for i in range(8)
    for line in [*response(f"m{i}", tool_use(f"t{i}"), spent=usage(3, 40, 5, 6, 7)), result(f"t{i}")]
]
LARGE = {"response", "tool_call", "r", "x", "i", "t"}
"""The names in queries of tables with a row for each response or tool call."""


def old_ledger(ledger: Path, project: Path, patch: pytest.MonkeyPatch) -> Path:
    """A ledger with the indexes of an older release, and the transcript that it was read from."""
    path = write(project, LINES)
    with patch.context() as older:
        older.setattr(indexes, "SMALL", ())
        older.setattr(migrations, "SMALL", ())
        totals_after_sweep(ledger)
    assert "response_at" in names(ledger)
    return path


def names(ledger: Path) -> set[str]:
    return {name for (name,) in rows(ledger, "SELECT name FROM sqlite_schema WHERE type = 'index'")}


def scanned(db: sqlite3.Connection, query: str) -> set[str]:
    """The tables that a query scans completely, without its own temporary ones."""
    steps = [step for *_, step in db.execute(f"EXPLAIN QUERY PLAN {query}")]
    made = {step.split()[1] for step in steps if step.startswith(("CO-ROUTINE", "MATERIALIZE"))}
    return {step.split()[1] for step in steps if step.startswith("SCAN")} & LARGE - made


def test_a_sweep_replaces_older_indexes_by_small_ones(
    ledger: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_ledger(ledger, project, monkeypatch)
    everything = "SELECT * FROM usage ORDER BY id"
    before = rows(ledger, everything)
    after = totals_after_sweep(ledger)
    open_writer(str(tmp_path / "new")).close()
    assert names(ledger) == names(tmp_path / "new")
    assert (after["calls"], rows(ledger, everything)) == (8, before)
    assert rows(ledger, "PRAGMA integrity_check") == [("ok",)]


def test_a_hook_records_with_the_older_indexes_and_leaves_them(
    ledger: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_ledger(ledger, project, monkeypatch)
    before = names(ledger)
    path.write_bytes(path.read_bytes() + packed(response("m8", spent=usage(1, 2))))
    scanner = Scanner(str(ledger))
    with scanner:
        scanner.session(str(path))
    scanner.db.close()
    assert names(ledger) == before
    assert rows(ledger, "SELECT COUNT(*) FROM response") == [(9,)]
    assert rows(ledger, "SELECT COUNT(*) FROM tool_call WHERE carrier IS NOT NULL") == [(8,)]


def test_no_query_scans_every_response_or_tool_call(ledger: Path, project: Path) -> None:
    write(project, LINES)
    totals_after_sweep(ledger)
    db = sqlite3.connect(ledger / "usage.db", isolation_level=None)
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    session = session_detail.find_sessions(db, SESSION)[0]
    span = Span(db, NOW_US - DAY_US - 1, NOW_US - 1)
    calls = session_detail.read_session_calls(db, session, 5, costliest=True)
    found = [
        *read_buckets(db, span), *read_tool_buckets(db, span), *read_durations(db, 0, None),
        *session_detail.read_session_durations(db, session), *session_detail.count_tools(db, calls),
        *session_detail.read_last_calls(db, NOW_US - DAY_US, None, 5),
        *(session_detail.read_active_span(db, 0, NOW_US) or ()),
        *past_runs.read_agent_runs(db, "main"), *past_runs.read_tool_runs(db, "Bash"),
        *read_current_load(db, session.id, NOW_US),
        *read_tools(db, "response", [1, 2]), *read_tools(db, "carrier", [1, 2]),
        *read_tools(db, "response", [1]), *read_tools(db, "carrier", [1]),
    ]  # fmt: skip
    with transaction(db):
        refresh_baseline(db, NOW_US)
        retention.prune_rows(db, 1)
    db.set_trace_callback(None)
    assert found
    scans = [(query, name) for query in asked if query.startswith("SELECT") for name in scanned(db, query)]
    db.close()
    assert scans == []


def test_a_first_import_leaves_no_gaps(ledger: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "LEAST_PACKED", 1000)
    path = write(project, [line for i in range(1500) for line in response(f"m{i}")])
    assert totals_after_sweep(ledger)["calls"] == 1500
    size = (ledger / "usage.db").stat().st_size
    assert rows(ledger, "PRAGMA integrity_check") == [("ok",)]
    db = sqlite3.connect(ledger / "usage.db")
    db.execute("VACUUM")
    db.close()
    assert (ledger / "usage.db").stat().st_size == size
    path.write_bytes(path.read_bytes() + packed(response("m1500")))
    assert totals_after_sweep(ledger)["calls"] == 1501


def test_an_import_works_while_another_program_reads_the_ledger(
    ledger: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "LEAST_PACKED", 1000)
    open_writer(str(ledger)).close()
    reader = sqlite3.connect(ledger / "usage.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM response").fetchall()
    write(project, [line for i in range(1500) for line in response(f"m{i}")])
    assert totals_after_sweep(ledger)["calls"] == 1500
    reader.close()
    assert rows(ledger, "PRAGMA integrity_check") == [("ok",)]
