"""`budget list`, `check` and `history`: what is used of each budget, shown and checked by exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from freezegun import freeze_time

import usage_dashboard
from tests.support import sample_week
from tests.support.command import NOW, Ask, AskJson, Page
from tests.support.kept_pages import kept_page
from tests.support.transcripts import response, usage, write
from usage_dashboard.limits.current import record_readings
from usage_dashboard.model.events import Reading

ROOT = Path(usage_dashboard.__file__).resolve().parents[1]
KEYS = {
    "period", "project", "model", "kinds", "unit", "used", "limit", "remaining", "used_percent", "status",
    "warn_percent", "since", "until", "projected", "source", "unpriced_calls",
}  # fmt: skip

Configure = Callable[..., None]


def several(project: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Budgets of every period in every state, over a few weeks of use, some of it without a price."""
    sample_week.write_sessions(project)
    early = response("o1", at="2026-11-10T12:00:00.000Z", spent=usage(0, 1_300_000))
    write(project, early, "early")
    free = response("o2", at="2026-11-18T12:00:00.000Z", spent=usage(0, 900_000), model="claude-zero-9")
    write(project, free, "free")
    monkeypatch.setenv("MONTHLY_BUDGET_USD", "20")
    configure(
        budgets=[
            {"period": "daily", "usd": "0.50"},
            {"period": "weekly", "tokens": 1_200_000},
            {
                "period": "weekly", "tokens": 200_000, "project": "website", "model": "opus",
                "kinds": ["output", "cache_creation"], "warn_percent": 30,
            },
        ]
    )  # fmt: skip


def test_weeks_are_those_of_the_reset_that_was_observed(
    page: Page, document: AskJson, project: Path, ledger: Path, configure: Configure
) -> None:
    reset = {"weekday": "monday", "hour": 1, "minute": 0, "zone": "UTC"}
    configure(weekly_reset=reset, budgets=[{"period": "weekly", "tokens": 1000}])
    for number, at in enumerate(("17T09:45:59", "17T09:46:00", "24T09:45:59", "24T09:46:00")):
        lines = response(f"m{number}", spent=usage(0, 10**number), at=f"2026-11-{at}.000Z")
        write(project, lines, str(number))
    page("import")
    now_us, resets_us = (
        int(datetime.fromisoformat(at).timestamp()) * 10**6 for at in (NOW, "2026-12-01T09:46:00Z")
    )
    read = [Reading("seven_day", 42_000, resets_us, now_us, "statusline")]
    record_readings(str(ledger), str(project.parents[1]), read, now_us)
    (current,) = document("budget", "list")["budgets"]
    assert (current["until"], current["used"]) == ("2026-12-01T09:46:00Z", 1000)
    assert [week["used"] for week in document("budget", "history")["budgets"][0]["periods"]] == [1, 110]


def test_the_list(page: Page, project: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    several(project, configure, monkeypatch)
    shown = page("budget", "list")
    assert shown == kept_page("budget_list", shown)
    assert max(map(len, shown.splitlines())) <= 80


def test_the_list_at_40_columns_in_ascii(
    page: Page, project: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(project, configure, monkeypatch)
    monkeypatch.setenv("COLUMNS", "40")
    shown = page("budget", "list", charset="ascii")
    assert shown == kept_page("budget_list_40_ascii", shown)
    assert max(map(len, shown.splitlines())) <= 40
    assert shown.isascii()


def test_the_history(
    page: Page, project: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(project, configure, monkeypatch)
    shown = page("budget", "history")
    assert shown == kept_page("budget_history", shown)
    monkeypatch.setenv("COLUMNS", "40")
    narrow = page("budget", "history")
    assert narrow == kept_page("budget_history_40", narrow)
    assert max(map(len, narrow.splitlines())) <= 40


def test_names_that_are_wide_or_long_fit(
    page: Page, project: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "日本語のプロジェクト" * 4
    configure(budgets=[{"period": "weekly", "tokens": 10**15, "project": name, "model": "x" * 64}])
    write(project, response("m1", at="2026-11-18T12:00:00.000Z"))
    monkeypatch.setenv("COLUMNS", "32")
    for words in ("list", "history"):
        for line in page("budget", words).splitlines():
            assert len(line) + sum(char in name for char in line) <= 32, line


def test_the_document_of_the_list(
    document: AskJson, project: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(project, configure, monkeypatch)
    found = document("budget", "list")
    assert found["version"] == 1
    assert all(set(budget) == KEYS for budget in found["budgets"])
    daily, weekly, narrow, monthly = found["budgets"]
    assert (daily["unit"], daily["limit"], daily["used"]) == ("usd", 0.5, 0.482028)
    assert (daily["status"], daily["projected"], daily["source"]) == ("WARNING", None, "config")
    assert (weekly["used"], weekly["remaining"], weekly["status"]) == (1_346_012, -146_012, "EXCEEDED")
    assert (weekly["since"], weekly["until"]) == ("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z")
    assert weekly["projected"] == 1_346_012 * 7 * 24 * 60 // (2 * 24 * 60 + 10 * 60 + 14)
    assert (narrow["project"], narrow["model"], narrow["warn_percent"]) == ("website", "opus", 30)
    assert (narrow["kinds"], narrow["used"]) == (["output", "cache_creation"], 70_180)
    assert (monthly["source"], monthly["limit"], monthly["unpriced_calls"]) == ("environment", 20.0, 1)


def test_the_document_of_the_history(
    document: AskJson, project: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(project, configure, monkeypatch)
    daily, weekly, narrow, monthly = document("budget", "history", "--last", "3")["budgets"]
    assert [day["since"] for day in daily["periods"]] == [
        f"2026-11-{day}T00:00:00Z" for day in (23, 24)
    ]  # fmt: skip
    assert [(week["used"], week["status"]) for week in weekly["periods"]] == [
        (1_300_000, "EXCEEDED"),
        (900_000, "OK"),
    ]
    assert [week["used_percent"] for week in narrow["periods"]] == [0, 0]
    assert monthly["periods"] == []
    assert len(document("budget", "history", "--last", "1")["budgets"][1]["periods"]) == 1


@pytest.mark.parametrize(
    ("used", "code", "said"),
    [(79, 0, "OK"), (80, 10, "WARNING"), (100, 10, "WARNING"), (101, 11, "EXCEEDED")],
)
def test_a_check_tells_by_its_exit_code(
    ask: Ask, project: Path, configure: Configure, used: int, code: int, said: str
) -> None:
    configure(budgets=[{"period": "weekly", "tokens": 100}, {"period": "daily", "tokens": 10**9}])
    write(project, response("m1", spent=usage(0, used), at="2026-11-25T09:00:00.000Z"))
    done = ask("budget", "check")
    assert done.exit_code == code
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"OK: Daily budget: {used} of 1.0B tokens (0%), 1.0B tokens left; resets Thu ")
    assert any(line.startswith(f"{said}: Weekly budget: {used} of 100 tokens ({used}%), ") for line in lines)
    done = ask("budget", "check", "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["status"]) == (code, said)
    assert [budget["status"] for budget in found["budgets"]] == ["OK", said]


def test_a_process_ends_with_the_code_of_the_check(project: Path, configure: Configure) -> None:
    configure(budgets=[{"period": "monthly", "tokens": 1}])
    written_at = write(project, []).stat().st_mtime  # a process has a clock that is not frozen
    now = datetime.fromtimestamp(written_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    write(project, response("m1", at=now, spent=usage(0, 500)))
    command = [sys.executable, "-m", "usage_dashboard", "budget", "check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (11, "")
    assert done.stdout.startswith("EXCEEDED: Monthly budget: 500 of 1 tokens (50000%), 499 tokens over; ")


@pytest.mark.parametrize("command", ["list", "check", "history"])
def test_without_a_budget_there_is_a_hint(page: Page, document: AskJson, ledger: Path, command: str) -> None:
    assert page("budget", command) == (
        "No budget is set\nhint: usage-dashboard budget set weekly --tokens 400M\n"
    )
    assert document("budget", command)["budgets"] == []
    assert not ledger.exists()


@pytest.mark.parametrize("command", ["list", "check", "history"])
def test_what_is_new_is_read_first_unless_that_is_not_wanted(
    document: AskJson, project: Path, configure: Configure, command: str
) -> None:
    configure(budgets=[{"period": "weekly", "tokens": 10**6}])
    for number, at in enumerate(("2026-11-18T12:00:00.000Z", "2026-11-25T09:00:00.000Z")):
        write(project, response(f"m{number}", spent=usage(0, 500), at=at), str(number))

    def figures(*options: str) -> list[int]:
        (found,) = document("budget", command, *options)["budgets"]
        return [period["used"] for period in found.get("periods", [found])]

    assert 500 not in figures("--no-sweep")
    assert figures() == figures("--no-sweep") == [500]


def test_a_budget_without_a_ledger_says_that_nothing_is_recorded(page: Page, configure: Configure) -> None:
    configure(budgets=[{"period": "weekly", "tokens": 10**6}])
    assert page("budget", "list").endswith("\nNo data recorded\nhint: usage-dashboard setup\n")


def test_costs_without_a_price_are_a_lower_bound(page: Page, project: Path, configure: Configure) -> None:
    configure(budgets=[{"period": "daily", "usd": "1"}, {"period": "weekly", "tokens": 1000}])
    write(project, response("m1", model="claude-zero-9", at="2026-11-25T09:00:00.000Z"))
    for command in ("list", "check"):
        shown = page("budget", command)
        assert ">$0.00 of $1.00" in shown
        assert shown.count("Costs leave out 1 call of unpriced models\n") == 1


def test_a_reset_inside_a_quarter_hour_whose_calls_are_gone_is_approximate(
    page: Page, project: Path, configure: Configure
) -> None:
    reset = {"weekday": "tuesday", "hour": 9, "minute": 46, "zone": "UTC"}
    configure(weekly_reset=reset, retention_days=1, budgets=[{"period": "weekly", "tokens": 1000}])
    write(project, response("m1", at="2026-11-24T09:46:30.000Z"))
    said = "Quarter-hours at the edges are counted in full where single calls are no longer kept"
    assert said in " ".join(page("budget", "list").split())


@pytest.mark.parametrize("command", ["list", "check", "history"])
def test_a_variable_that_holds_no_amount_is_one_clear_error(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("MONTHLY_BUDGET_USD", "lots")
    done = ask("budget", command)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        'Error: `MONTHLY_BUDGET_USD` has to be an amount of US dollars such as "12.50"',
        "hint: unset MONTHLY_BUDGET_USD",
    ]


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        ("2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
    ],
)
def test_a_day_on_which_clocks_change_has_23_or_25_hours(
    document: AskJson, project: Path, configure: Configure, now: str, since: str, until: str
) -> None:
    configure(timezone="Europe/Berlin", budgets=[{"period": "daily", "tokens": 1000}])
    write(project, response("m1", spent=usage(0, 500), at=since.replace("Z", ".000Z")))
    write(project, response("m2", spent=usage(0, 70), at=until.replace("Z", ".000Z")), "next")
    with freeze_time(now):
        (found,) = document("budget", "list")["budgets"]
    assert (found["since"], found["until"], found["used"]) == (since, until, 500)
    with freeze_time(until):
        (before,) = document("budget", "history")["budgets"][0]["periods"]
        (after,) = document("budget", "list")["budgets"]
    assert (before["since"], before["used"], after["used"]) == (since, 500, 70)
