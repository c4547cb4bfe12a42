"""The ledger's format: made once by many processes, kept by older releases, refused when too new."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.ledger_rows import NOW_US, rows, totals, totals_after_sweep
from tests.support.transcripts import SESSION, packed, response, result, tool_use, usage, write
from usage_dashboard.ingest.scanner import Scanner
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.model.errors import LedgerError, NewerLedgerError
from usage_dashboard.model.windows import Window, Zone
from usage_dashboard.reports.window_usage import read_usage
from usage_dashboard.store import connection, migrations, schema, sql
from usage_dashboard.store.connection import open_reader, open_writer, split_ids, transaction
from usage_dashboard.store.limits.alerts_sent import mark_sent

ROOT = Path(__file__).parents[2]
OPEN = (
    "import sys; from usage_dashboard.store.connection import open_writer;"
    " open_writer(sys.argv[1], 30).close()"
)
SWEEP = "import sys; from usage_dashboard.ingest.sweep import sweep; sweep(sys.argv[1], 0)"


def process(script: str, home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", script, str(home)], cwd=ROOT, stderr=subprocess.PIPE)


def ended(one: subprocess.Popen[bytes]) -> tuple[int, str]:
    said = one.communicate(timeout=60)[1].decode()
    return one.returncode, said


def tables(home: Path) -> list[tuple[str, str]]:
    return rows(home, "SELECT name, sql FROM sqlite_schema ORDER BY name")


def version(home: Path) -> int:
    return int(rows(home, "PRAGMA user_version")[0][0])


def stamp(home: Path, number: int) -> None:
    db = sqlite3.connect(home / "usage.db")
    db.execute(f"PRAGMA user_version = {number}")
    db.close()


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    (tmp_path / "usage.db").touch()
    open_writer(str(tmp_path)).close()
    assert version(tmp_path) == schema.VERSION
    assert rows(tmp_path, "PRAGMA journal_mode") == [("wal",)]
    fresh = tmp_path / "fresh"
    open_writer(str(fresh)).close()
    assert tables(tmp_path) == tables(fresh)


def test_a_reader_takes_an_empty_file_for_a_missing_ledger(tmp_path: Path) -> None:
    assert open_reader(str(tmp_path)) is None
    assert list(tmp_path.iterdir()) == [tmp_path / "home"]
    (tmp_path / "usage.db").touch()
    assert open_reader(str(tmp_path)) is None
    assert not read_usage(str(tmp_path), Window("all", 0), Zone("UTC")).recorded


def test_a_second_process_may_make_the_tables_between_our_check_and_our_lock(
    tmp_path: Path,
) -> None:
    (tmp_path / "usage.db").touch()
    db = sqlite3.connect(tmp_path / "usage.db", isolation_level=None)
    before = schema.read_version(db)

    def other_first(statement: str) -> None:
        if statement.startswith("BEGIN"):
            db.set_trace_callback(None)
            assert ended(process(OPEN, tmp_path)) == (0, "")

    db.set_trace_callback(other_first)
    connection._upgrade(db, before)
    db.close()
    assert (before, version(tmp_path)) == (0, schema.VERSION)
    open_writer(str(tmp_path)).close()


def test_a_newer_release_that_makes_the_tables_between_our_check_and_our_lock_keeps_its_number(
    tmp_path: Path,
) -> None:
    (tmp_path / "usage.db").touch()
    db = sqlite3.connect(tmp_path / "usage.db", isolation_level=None)

    def newer_first(statement: str) -> None:
        if statement.startswith("BEGIN"):
            db.set_trace_callback(None)
            open_writer(str(tmp_path)).close()
            stamp(tmp_path, schema.VERSION + 1)

    db.set_trace_callback(newer_first)
    connection._upgrade(db, 0)
    db.close()
    assert version(tmp_path) == schema.VERSION + 1


def test_a_transaction_holds_the_lock_for_writing_from_its_start(tmp_path: Path) -> None:
    first, second = open_writer(str(tmp_path), 0), open_writer(str(tmp_path), 0)
    with transaction(first), pytest.raises(sqlite3.OperationalError, match="locked"):
        transaction(second).__enter__()
    with transaction(second):
        assert second.in_transaction
    first.close()
    second.close()


def test_twelve_processes_that_begin_at_once_make_one_ledger(ledger: Path, project: Path) -> None:
    write(project, [line for i in range(30) for line in response(f"m{i}", spent=usage(1, 2))])
    running = [process(SWEEP, ledger) for _ in range(12)]
    assert [ended(one) for one in running] == [(0, "")] * 12
    assert totals(ledger)["calls"] == 30


def test_a_process_killed_between_the_file_and_its_tables_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "usage.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    db.execute(sql.split_script(migrations.FIRST)[0])
    db.close()
    open_writer(str(tmp_path)).close()
    assert version(tmp_path) == schema.VERSION


def test_tables_are_made_completely_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, "CREATE TABLE nowhere"))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    with pytest.raises(sqlite3.DatabaseError):
        open_writer(str(tmp_path))
    assert (tables(tmp_path), version(tmp_path)) == ([], 0)


def test_a_later_step_is_added_to_a_ledger_that_has_rows_and_keeps_them(
    ledger: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, response("m1", spent=usage(1, 2)))
    before = totals_after_sweep(ledger)
    monkeypatch.setattr(
        migrations, "STEPS", (*migrations.STEPS, "ALTER TABLE response ADD COLUMN later TEXT")
    )
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    assert totals_after_sweep(ledger) == before
    assert version(ledger) == schema.VERSION
    assert rows(ledger, "SELECT later FROM response") == [(None,)]


def test_a_ledger_of_a_later_step_is_used_and_left_as_it_is(ledger: Path, project: Path) -> None:
    """An older hook records beside a newer release, which has added a column and a table."""
    path = write(project, [*response("m1", tool_use("t1"), spent=usage(1, 2)), result("t1")])
    totals_after_sweep(ledger)
    db = sqlite3.connect(ledger / "usage.db")
    for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        db.execute(f"ALTER TABLE {table} ADD COLUMN later TEXT")
    db.execute("CREATE TABLE new (id INTEGER PRIMARY KEY)")
    db.commit()
    db.close()
    stamp(ledger, schema.VERSION + 1)
    later = tables(ledger)
    path.write_bytes(path.read_bytes() + packed(response("m2", spent=usage(10, 20))))
    found = totals_after_sweep(ledger)
    assert (found["input"], found["output"], found["calls"]) == (11, 22, 2)
    # A new price and the passing of time write to every other table.
    (ledger / "config.json").write_text('{"prices": {"multiplier": 2}}')
    sweep(str(ledger), NOW_US + 200 * 86_400_000_000)
    db = open_writer(str(ledger))
    assert mark_sent(db, (1, "week", 0), 1)
    db.close()
    assert rows(ledger, "SELECT COUNT(*) FROM response") == [(0,)]
    assert read_usage(str(ledger), Window("all", 0), Zone("UTC")).report.totals.output == 22
    assert (version(ledger), tables(ledger)) == (schema.VERSION + 1, later)


def test_a_ledger_of_the_next_format_is_refused_with_a_hint_and_not_touched(
    ledger: Path, project: Path
) -> None:
    write(project, response("m1"))
    totals_after_sweep(ledger)
    stamp(ledger, (schema.VERSION // 1000 + 1) * 1000)
    before = (ledger / "usage.db").read_bytes()
    for work in (
        lambda: open_writer(str(ledger)),
        lambda: open_reader(str(ledger)),
        lambda: sweep(str(ledger), NOW_US),
        lambda: read_usage(str(ledger), Window("all", 0), Zone("UTC")),
    ):
        with pytest.raises(NewerLedgerError, match="later release") as refused:
            work()
        assert refused.value.hint == "pipx upgrade usage-dashboard"
    assert (ledger / "usage.db").read_bytes() == before


def test_a_damaged_ledger_is_an_error_with_a_hint(ledger: Path, project: Path) -> None:
    write(project, response("m1"))
    ledger.mkdir()
    (ledger / "usage.db").write_bytes(b"this is no database" * 500)
    for work in (lambda: sweep(str(ledger), NOW_US), lambda: open_reader(str(ledger))):
        with pytest.raises(LedgerError) as refused:
            work()
        assert refused.value.hint == "usage-dashboard doctor"


def test_damage_inside_a_ledger_is_an_error_with_a_hint_and_not_a_traceback(
    ledger: Path, project: Path
) -> None:
    write(project, [line for i in range(400) for line in response(f"m{i}", tool_use(f"t{i}"))])
    totals_after_sweep(ledger)
    data = (ledger / "usage.db").read_bytes()
    (ledger / "usage.db").write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))
    for work in (
        lambda: read_usage(str(ledger), Window("all", 0), Zone("UTC")),
        lambda: read_usage(str(ledger), Window("1H", NOW_US), Zone("UTC")),
        lambda: sweep(str(ledger), NOW_US),
    ):
        with pytest.raises(LedgerError) as refused:
            work()
        assert refused.value.hint == "usage-dashboard doctor"


def test_the_view_has_its_columns_and_types(ledger: Path, project: Path) -> None:
    write(
        project, [*response("m1", tool_use("t1"), spent=usage(3, 40, 5, 6, 7)), result("t1"), *response("m2")]
    )
    write(project, response("m3", model="glm-5", agentId="a1"), subagent="a1")
    totals_after_sweep(ledger)
    columns = [(name, kind) for _, name, kind, *_ in rows(ledger, "PRAGMA table_info(usage)")]
    assert [name for name, _ in columns] == [
        "id", "session_id", "timestamp", "model", "tool_name", "input_tokens", "output_tokens",
        "cost_estimate",
    ]  # fmt: skip
    types = ", ".join(f"typeof({name})" for name, _ in columns)
    wanted = ("text", "text", "text", "text", "text", "integer", "integer")
    assert set(rows(ledger, f"SELECT {types} FROM usage")) == {(*wanted, "real"), (*wanted, "null")}
    assert len(set(rows(ledger, "SELECT id FROM usage"))) == len(rows(ledger, "SELECT 1 FROM usage"))
    labels = [name for (name,) in rows(ledger, "SELECT tool_name FROM usage ORDER BY 1")]
    assert labels == ["(context)", "(prompt)", "(prompt)", "(reply)", "(reply)", "(reply)", "Bash"]
    assert {row[:2] for row in rows(ledger, "SELECT session_id, timestamp FROM usage")} == {
        (SESSION, "2026-11-22T10:00:00Z")
    }


def test_a_background_row_is_one_label_of_its_own(ledger: Path, project: Path) -> None:
    write(project, response("m1", spent=usage(3, 40)))
    totals_after_sweep(ledger)
    db = sqlite3.connect(ledger / "usage.db")
    db.execute("UPDATE response SET kind = 2, cost = 1500000000")
    db.commit()
    db.close()
    seen = "SELECT tool_name, input_tokens, output_tokens, cost_estimate FROM usage"
    assert rows(ledger, seen) == [("(background)", 3, 40, 1.5)]


@pytest.mark.parametrize("failing", [ValueError, KeyboardInterrupt])
def test_an_interrupted_transaction_leaves_nothing(ledger: Path, failing: type[BaseException]) -> None:
    scanner = Scanner(str(ledger))

    def broken_off() -> None:
        with transaction(scanner.db):
            scanner.db.execute("INSERT INTO pruned VALUES (1)")
            raise failing

    with pytest.raises(failing):
        broken_off()
    assert rows(ledger, "SELECT * FROM pruned") == []
    with transaction(scanner.db):
        scanner.db.execute("INSERT INTO pruned VALUES (2)")
    scanner.db.close()
    assert rows(ledger, "SELECT * FROM pruned") == [(2,)]


@pytest.mark.parametrize("number", [0, 1, 499, 500, 501, 1000, 1001])
def test_long_lists_of_ids_are_split_without_losing_any(number: int) -> None:
    keys = list(range(number))
    found = list(split_ids(keys))
    assert [key for piece in found for key in piece] == keys
    assert all(0 < len(piece) <= 500 for piece in found)


def test_more_responses_than_one_statement_takes_are_each_counted_once(ledger: Path, project: Path) -> None:
    lines = [line for i in range(1203) for line in [*response(f"m{i}", tool_use(f"t{i}")), result(f"t{i}")]]
    path = write(project, lines)
    first = totals_after_sweep(ledger)
    assert (first["calls"], rows(ledger, "SELECT COUNT(*) FROM tool_call WHERE carrier")) == (1203, [(1202,)])
    path.write_bytes(packed([*lines, *lines]))
    assert totals_after_sweep(ledger) == first
