"""`export`: what reports add up, row by row, for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_command import ROOT
from tests.support import sample_week
from tests.support.command import Ask, AskJson, Page
from tests.support.transcripts import response, usage, write
from usage_dashboard.cli.commands.export import WHAT
from usage_dashboard.store.connection import open_writer, transaction
from usage_dashboard.store.read.views import column_names
from usage_dashboard.store.upkeep.retention import prune_rows

SUMS = (
    "calls", "total_tokens", "input_tokens", "output_tokens", "cache_creation", "cache_creation_1h",
    "cache_read", "web_searches", "cost_estimate_usd",
)  # fmt: skip


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("what", WHAT)
def test_rows_add_up_to_the_report(page: Page, document: AskJson, project: Path, what: str) -> None:
    sample_week.write_sessions(project)
    rows = table(page("export", "--what", what))
    totals = document("report", "--window", "all")["totals"]
    assert tuple(rows[0]) == column_names(what)
    for name in SUMS:
        assert sum(float(row[name]) for row in rows) == pytest.approx(totals[name], abs=1e-9), name
    saved = sum(float(row["cache_savings_usd"]) for row in rows)
    assert saved == pytest.approx(totals["cache_savings_usd"])


@pytest.mark.parametrize("what", WHAT)
def test_every_format_says_the_same(page: Page, project: Path, what: str) -> None:
    sample_week.write_sessions(project)
    found = table(page("export", "--what", what))
    lines = [json.loads(line) for line in page("export", "--what", what, "--format", "jsonl").splitlines()]
    assert json.loads(page("export", "--what", what, "--json")) == {"version": 1, "rows": lines}
    assert page("export", "--what", what, "--json") == page("export", "--what", what, "--format", "json")
    for row, line in zip(found, lines, strict=True):
        for name, cell in row.items():
            value = line[name]
            assert (
                cell == ""
                if value is None
                else cell == value
                if isinstance(value, str)
                else float(cell) == value
            )


def test_a_call_in_full(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    first = json.loads(page("export", "--format", "jsonl").splitlines()[0])
    assert first == {
        "time": "2026-11-23T09:00:00Z", "session": sample_week.SHOP, "project": "shop", "channel": "cli",
        "agent": "main", "type": "main", "model": "claude-opus-5-5", "calls": 1, "total_tokens": 8432,
        "input_tokens": 12, "output_tokens": 420, "cache_creation": 8000, "cache_creation_1h": 0,
        "cache_read": 0, "thinking_tokens": 0, "web_searches": 0, "cost_estimate_usd": 0.048448,
        "cache_savings_usd": -0.008, "incomplete": 0, "tool_calls": 2, "skill": None, "plugin": None,
        "mcp_server": None,
    }  # fmt: skip


def test_what_is_unknown_is_empty(page: Page, project: Path) -> None:
    write(project, response("m1", spent=usage(thinking=None), model="glm-5", at="2026-11-25T09:00:00.000Z"))
    (call,) = table(page("export"))
    assert [call[name] for name in ("thinking_tokens", "cost_estimate_usd", "cache_savings_usd")] == [""] * 3
    for what in ("sessions", "days"):
        (row,) = table(page("export", "--what", what))
        assert [row[name] for name in ("cost_estimate_usd", "cache_savings_usd")] == [""] * 2


def test_windows_and_filters_are_those_of_reports(page: Page, document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    asked = (
        "--since",
        "2026-11-23",
        "--until",
        "2026-11-24",
        "--filter",
        "model=opus",
        "--filter",
        "project=shop",
    )
    wanted = document("report", *asked)["totals"]
    assert wanted["calls"] == 3
    for what in WHAT:
        rows = table(page("export", "--what", what, *asked))
        assert sum(int(row["total_tokens"]) for row in rows) == wanted["total_tokens"]
    by_tool = document("report", "--window", "all", "--filter", "tool=Read")["totals"]
    (row,) = table(page("export", "--what", "days", "--filter", "tool=Read"))
    assert (int(row["total_tokens"]), row["cache_savings_usd"]) == (by_tool["total_tokens"], "")


def test_days_are_those_of_the_zone(page: Page, project: Path) -> None:
    write(project, response("m1", at="2026-11-24T23:30:00.000Z"))
    days = [
        table(page("export", "--what", "days", "--tz", zone))[0]["day"] for zone in ("UTC", "Europe/Berlin")
    ]
    assert days == ["2026-11-24", "2026-11-25"]


def test_a_name_in_any_script_reaches_a_pipe_in_any_locale(project: Path, home: Path) -> None:
    write(project, response("m1", at="2026-11-25T09:00:00.000Z", cwd="/home/dev/приклад"))
    env = {**os.environ, "HOME": str(home), "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    for form in ("csv", "jsonl"):
        command = [sys.executable, "-m", "usage_dashboard", "export", "--format", form]
        done = subprocess.run(command, env=env, capture_output=True, timeout=60, check=True)
        assert "приклад".encode() in done.stdout


def test_a_file_is_written_in_the_format_of_its_name(ask: Ask, project: Path, tmp_path: Path) -> None:
    sample_week.write_sessions(project)
    for name, begins in (
        ("a.csv", "time,"),
        ("a.jsonl", '{"time"'),
        ("a.json", '{"version": 1'),
        ("a.txt", "time,"),
    ):
        path = tmp_path / name
        done = ask("export", "--output", str(path))
        assert (done.exit_code, done.stdout) == (0, "")
        assert done.stderr == f"9 calls written to `{path}`\n"
        assert path.read_text().startswith(begins)
        assert path.stat().st_mode & 0o777 == 0o600


def test_export_says_since_when_single_calls_are_kept(ask: Ask, project: Path, ledger: Path) -> None:
    sample_week.write_sessions(project)
    assert ask("export").stderr == ""
    db = open_writer(str(ledger))
    with transaction(db):
        prune_rows(db, 1_795_514_400_000_000)  # 2026-11-24T10:00:00Z
    db.close()
    done = ask("export", "--no-sweep")
    assert done.stderr == "Single calls are kept since Nov 24; those before are in `--what days`\n"
    assert len(table(done.stdout)) == 3
    assert sum(int(row["calls"]) for row in table(ask("export", "--what", "days").stdout)) == 9
    assert ask("export", "--since", "2026-11-25").stderr == ""


@pytest.mark.parametrize("what", WHAT)
def test_without_a_ledger_there_are_columns_and_no_rows(ask: Ask, what: str) -> None:
    assert ask("export", "--what", what).stdout == ",".join(column_names(what)) + "\n"
    assert json.loads(ask("export", "--what", what, "--json").stdout) == {"version": 1, "rows": []}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--json", "--format", "csv"), "--json does not go with --format csv"),
        (("--filter", "tool=Bash"), "--filter tool goes with --what sessions and --what days"),
    ],
)
def test_what_does_not_go_together(ask: Ask, words: tuple[str, ...], said: str) -> None:
    done = ask("export", *words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_file_that_cannot_be_written(ask: Ask, tmp_path: Path) -> None:
    done = ask("export", "--output", str(tmp_path / "no" / "a.csv"))
    assert done.exit_code == 1
    assert "cannot be written (No such file or directory)\nhint: ls -ld " in done.stderr


def test_the_columns_are_explained(page: Page) -> None:
    shown = page("export", "--columns")
    for what in WHAT:
        for name in column_names(what):
            assert name in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_reader_that_leaves_ends_it_quietly(project: Path, home: Path) -> None:
    lines: list[Any] = []
    for number in range(3000):
        lines += response(f"m{number}", at="2026-11-25T09:00:00.000Z")
    write(project, lines)
    env = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = f"{sys.executable} -m usage_dashboard export | head -1"
    done = subprocess.run(
        ["sh", "-c", command], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == (",".join(column_names("calls")) + "\n", "")
