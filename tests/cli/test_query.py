"""`query`: SQL that reads the documented views and can do nothing else."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.support import sample_week
from tests.support.command import Ask, AskJson, Page
from tests.support.ledger_rows import rows as raw
from usage_dashboard.cli.commands import query
from usage_dashboard.reports.wording.numbers import UNKNOWN
from usage_dashboard.store.read.sql_guard import VIEWS
from usage_dashboard.store.read.views import COLUMNS, column_names

BY_MODEL = "SELECT model, SUM(calls) AS calls, SUM(cost_estimate_usd) AS usd FROM calls GROUP BY model"


def test_a_table(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    assert page("query", BY_MODEL).splitlines() == [
        "model             calls     usd",
        "claude-haiku-5-5      3  0.0007",
        "claude-opus-5-5       6  0.7586",
    ]


def test_the_same_as_json_and_csv(page: Page, document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    found = document("query", BY_MODEL)
    assert [(row["model"], row["calls"]) for row in found["rows"]] == [
        ("claude-haiku-5-5", 3), ("claude-opus-5-5", 6),
    ]  # fmt: skip
    read = list(csv.DictReader(io.StringIO(page("query", "--csv", BY_MODEL))))
    assert [float(row["usd"]) for row in read] == [row["usd"] for row in found["rows"]]


@pytest.mark.parametrize("view", ["sessions", "days", "models"])
def test_each_view_adds_up_to_the_report(document: AskJson, project: Path, view: str) -> None:
    sample_week.write_sessions(project)
    totals = document("report", "--window", "all")["totals"]
    shared = ("turns", "calls", "total_tokens", "cache_read", "cost_estimate_usd", "cache_savings_usd")
    sums = ", ".join(f"SUM({name}) AS {name}" for name in shared)
    (row,) = document("query", f"SELECT {sums} FROM {view}")["rows"]
    assert row == pytest.approx({name: totals[name] for name in shared})


@pytest.mark.parametrize("view", ["calls", "sessions", "days"])
def test_a_view_is_what_export_writes(document: AskJson, project: Path, view: str) -> None:
    sample_week.write_sessions(project)
    key = {"calls": "time, model, output_tokens", "sessions": "started", "days": "day"}[view]
    found = document("query", f"SELECT * FROM {view} ORDER BY {key}")["rows"]
    wanted = document("export", "--what", view)["rows"]
    if view == "calls":
        wanted.sort(key=lambda row: (row["time"], row["model"], row["output_tokens"]))
    assert found == wanted
    assert tuple(found[0]) == column_names(view)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM meta", "SELECT value FROM main.meta", "SELECT * FROM sqlite_master",
        "SELECT * FROM position",
        "SELECT * FROM response", "SELECT name FROM label", "PRAGMA user_version", "PRAGMA query_only = OFF",
        "PRAGMA writable_schema = ON", "ATTACH 'other.db' AS other", "DETACH temp", "DELETE FROM rollup",
        "UPDATE session SET name = 'x'", "INSERT INTO pruned VALUES (1)", "DROP TABLE response",
        "CREATE TABLE t (a)", "CREATE TEMP TABLE t (a)", "VACUUM", "VACUUM INTO 'copy.db'", "BEGIN",
        "REINDEX",
        "SELECT load_extension('x')", "SELECT * FROM pragma_table_info('meta')", "DROP VIEW calls", "ANALYZE",
        "WITH meta AS (SELECT 1) SELECT * FROM main.meta", "SELECT * FROM calls, meta",
        "SELECT (SELECT value FROM meta LIMIT 1) FROM calls", "EXPLAIN SELECT value FROM meta",
    ],
)  # fmt: skip
def test_nothing_else_is_possible(ask: Ask, project: Path, ledger: Path, sql: str, tmp_path: Path) -> None:
    sample_week.write_sessions(project)
    ask("week")
    before = raw(ledger, "SELECT COUNT(*), SUM(output) FROM response"), raw(ledger, "PRAGMA user_version")
    done = ask("query", sql)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(("Error: A query can only read usage,", "Error: The query cannot be run: "))
    assert done.stderr.endswith("hint: usage-dashboard query --columns\n")
    after = raw(ledger, "SELECT COUNT(*), SUM(output) FROM response"), raw(ledger, "PRAGMA user_version")
    assert after == before
    assert not Path("copy.db").exists()


@pytest.mark.parametrize("view", VIEWS)
def test_every_documented_view_can_be_counted_and_joined(document: AskJson, project: Path, view: str) -> None:
    sample_week.write_sessions(project)
    sql = f"WITH some AS (SELECT * FROM {view}) SELECT COUNT(*) AS n FROM some a, (SELECT 1 FROM {view})"
    assert document("query", sql)["rows"][0]["n"] > 0


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT nope FROM calls", "The query cannot be run: no such column: nope"),
        ("SELEC 1", 'The query cannot be run: near "SELEC": syntax error'),
        ("SELECT 1; SELECT 2", "The query cannot be run: You can only execute one statement at a time"),
        ("", "The query is empty"),
        ("/* nothing */", "The query is empty"),
        ("SELECT ?", "The query cannot be run: Incorrect number of bindings supplied"),
        ("SELECT zeroblob(100000000)", "The query cannot be run: string or blob too big"),
        ("SELECT randomblob(1e8) FROM calls", "The query cannot be run: string or blob too big"),
    ],
)
def test_an_error_in_a_query_is_reported(ask: Ask, project: Path, sql: str, said: str) -> None:
    sample_week.write_sessions(project)
    done = ask("query", sql)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {said}")


def test_an_endless_query_is_ended(ask: Ask, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample_week.write_sessions(project)
    monkeypatch.setattr(query, "MOST_SECONDS", -1)
    done = ask(
        "query", "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT MAX(x) FROM n"
    )
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: The query was ended after ")


def test_a_table_ends_after_its_most_rows_and_says_so(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    numbers = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT {}) SELECT x FROM n"
    lines = page("query", numbers.format(1001)).splitlines()
    assert lines[-3:] == ["1000", "", "The first 1,000 rows; --csv and --json have all"]
    assert page("query", numbers.format(1000)).splitlines()[-1] == "1000"
    assert len(page("query", "--csv", numbers.format(5000)).splitlines()) == 5001


def test_values_of_every_kind_stay_on_their_line(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    sql = "SELECT 'a' || char(10, 27) || 'b' AS t, NULL AS n, 1e-9 AS tiny, 2.5 AS f, x'00ff' AS b, 2026 AS y"
    assert page("query", sql).splitlines()[1].split() == ["a", "b", UNKNOWN, "1e-09", "2.5", "00ff", "2026"]
    assert page("query", "SELECT 1 FROM calls WHERE 0") == "No rows\n"


def test_without_a_ledger(ask: Ask) -> None:
    done = ask("query", "SELECT 1")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "Error: No data recorded\nhint: usage-dashboard setup\n"


def test_csv_and_json_do_not_go_together(ask: Ask) -> None:
    assert ask("query", "SELECT 1", "--csv", "--json").exit_code == 2


def test_every_column_is_explained(page: Page, project: Path, document: AskJson) -> None:
    sample_week.write_sessions(project)
    shown, helped = page("query", "--columns"), page("query", "--help")
    for view in VIEWS:
        (row, *_) = document("query", f"SELECT * FROM {view} LIMIT 1")["rows"]
        for name in row:
            assert name in shown
            assert name in helped
    assert list(COLUMNS) == ["calls", "sessions", "days", "models"]
    assert json.dumps(shown)
