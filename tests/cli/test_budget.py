"""`budget set` and `budget remove`: what is kept in the settings, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Ask, AskJson, Page
from tests.support.transcripts import OTHER, response, usage, write

Configure = Callable[..., None]


def entries(ledger: Path) -> list[dict[str, Any]]:
    """The budgets in the settings file."""
    found: list[dict[str, Any]] = json.loads((ledger / "config.json").read_text())["budgets"]
    return found


def test_a_period_of_which_nothing_is_recorded_is_not_called_zero(page: Page) -> None:
    assert page("budget", "set", "weekly", "--tokens", "1M").splitlines()[:2] == [
        "Weekly budget · 1.0M tokens · warns at 80%",
        "Nothing that it counts is recorded of last week",
    ]


def test_a_budget_of_the_same_period_project_and_model_is_replaced_and_others_stay(
    page: Page, ledger: Path
) -> None:
    for words in (
        ("weekly", "--tokens", "1M"),
        ("weekly", "--tokens", "2M", "--project", "shop"),
        ("weekly", "--usd", "3", "--model", "opus"),
        ("daily", "--usd", "4"),
        ("weekly", "--usd", "12.50", "--warn", "60"),
        ("weekly", "--tokens", "5k", "--project", "shop", "--kinds", "output,input"),
    ):
        page("budget", "set", *words)
    assert entries(ledger) == [
        {"period": "weekly", "usd": "3", "model": "opus"},
        {"period": "daily", "usd": "4"},
        {"period": "weekly", "usd": "12.50", "warn_percent": 60},
        {"period": "weekly", "tokens": 5000, "project": "shop", "kinds": ["output", "input"]},
    ]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("400M", 400_000_000), ("400m", 400_000_000), ("12.5k", 12_500), ("1,000", 1000), ("1_000", 1000),
     ("1B", 10**9), ("1T", 10**12), ("4000000000", 4 * 10**9), ("1", 1)],
)  # fmt: skip
def test_tokens_may_be_said_short(page: Page, ledger: Path, text: str, tokens: int) -> None:
    page("budget", "set", "weekly", "--tokens", text)
    assert entries(ledger) == [{"period": "weekly", "tokens": tokens}]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "give one of --tokens and --usd"),
        (("--tokens", "1", "--usd", "1"), "give one of --tokens and --usd"),
        *(
            (("--tokens", text), f"`{text}` has to be a whole number of tokens such as 400000000 or 400M")
            for text in ("", "0", "-1", "x", "M", "1.5", "1.0001k", "nan", "inf", "1e999999", "1001T")
        ),
        *((("--usd", text), f"`{text}` has to be an amount") for text in ("", "0", "-1", "x", "nan", "$1")),
        (("--usd", "1", "--kinds", "output"), "--kinds goes with --tokens"),
        (("--tokens", "1", "--kinds", "outputs"), "`outputs` has to be a list of input, output"),
        (("--tokens", "1", "--kinds", ""), "`` has to be a list of input, output"),
        (("--tokens", "1", "--warn", "0"), "--warn"),
        (("--tokens", "1", "--warn", "101"), "--warn"),
    ],
)  # fmt: skip
def test_an_invalid_cap_is_a_usage_error_and_changes_nothing(
    ask: Ask, ledger: Path, options: tuple[str, ...], said: str
) -> None:
    done = ask("budget", "set", "weekly", *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert not ledger.exists()


def test_a_cap_below_what_the_last_period_came_to_is_warned_of(page: Page, project: Path) -> None:
    write(project, response("m1", spent=usage(0, 5000), at="2026-11-18T12:00:00.000Z"))
    page("import")
    said = page("budget", "set", "weekly", "--tokens", "4k").splitlines()
    assert said[1:3] == [
        "Last week: 5,000 of 4,000 tokens (125%)",
        "Warning: last week would have exceeded it",
    ]
    assert "Warning" not in page("budget", "set", "weekly", "--tokens", "6k")


def test_a_cap_that_is_gone_already_is_warned_of(page: Page, project: Path) -> None:
    write(project, response("m1", spent=usage(0, 5000), at="2026-11-25T09:00:00.000Z"))
    page("import")
    for period, now in (("daily", "today"), ("weekly", "this week"), ("monthly", "this month")):
        said = page("budget", "set", period, "--tokens", "4999")
        assert f"Warning: it is exceeded already: 5,000 of 4,999 tokens are used {now}\n" in said
    assert "Warning" not in page("budget", "set", "daily", "--tokens", "5000")


def test_the_last_period_is_that_of_the_same_project_model_and_kinds(page: Page, project: Path) -> None:
    monday = "2026-11-16T12:00:00.000Z"
    write(project, response("m1", spent=usage(100, 50), at=monday))
    write(project, response("m2", spent=usage(7, 3), at=monday, model="claude-haiku-5-5"), "haiku")
    write(
        project,
        response("m3", spent=usage(900, 90), at=monday, cwd="/home/dev/site", sessionId=OTHER),
        "site",
    )
    page("import")
    for options, figure in (
        ((), "1,150"),
        (("--project", "shop"), "160"),
        (("--project", "shop", "--model", "opus"), "150"),
        (("--model", "claude-haiku-5-5"), "10"),
        (("--kinds", "output"), "143"),
        (("--project", "site", "--kinds", "input,cache_read"), "900"),
    ):
        said = page("budget", "set", "weekly", "--tokens", "1M", *options)
        assert f"\nLast week: {figure} of 1.0M tokens" in said, options


def test_the_last_week_is_the_one_before_the_configured_reset(
    page: Page, project: Path, configure: Configure
) -> None:
    configure(weekly_reset={"weekday": "tuesday", "hour": 9, "minute": 46, "zone": "UTC"})
    for number, at in enumerate(("17T09:45:59", "17T09:46:00", "24T09:45:59", "24T09:46:00")):
        lines = response(f"m{number}", spent=usage(0, 10**number), at=f"2026-11-{at}.000Z")
        write(project, lines, str(number))
    page("import")
    assert "\nLast week: 110 of 1.0M tokens" in page("budget", "set", "weekly", "--tokens", "1M")


def test_a_budget_is_removed_by_period_project_and_model(
    page: Page, ask: Ask, ledger: Path, configure: Configure
) -> None:
    overall, narrow = {"period": "weekly", "usd": "1"}, {"period": "weekly", "tokens": 2, "project": "shop"}
    configure(budgets=[overall, narrow], retention_days=7)
    assert page("budget", "remove", "weekly") == "The budget is removed\n"
    assert entries(ledger) == [narrow]
    for words in (("weekly",), ("daily",), ("weekly", "--project", "site"), ("weekly", "--model", "shop")):
        done = ask("budget", "remove", *words)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr == "Error: There is no such budget\nhint: usage-dashboard budget list\n"
    said = page("budget", "remove", "weekly", "--project", "shop")
    assert said == "The budget is removed\n"
    assert json.loads((ledger / "config.json").read_text()) == {"budgets": [], "retention_days": 7}


def test_a_variable_of_the_environment_replaces_the_budget_and_is_named(
    page: Page, ask: Ask, document: AskJson, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAILY_BUDGET_USD", "7")
    assert "Daily budget (DAILY_BUDGET_USD)" in page("budget", "list")
    done = ask("budget", "remove", "daily")
    assert (done.exit_code, done.stderr) == (
        1, "Error: This budget is set by `DAILY_BUDGET_USD`\nhint: unset DAILY_BUDGET_USD\n",
    )  # fmt: skip
    said = page("budget", "set", "daily", "--usd", "3")
    assert "Warning: `DAILY_BUDGET_USD` stands in for it as long as it is set\n" in said
    assert [budget["limit"] for budget in document("budget", "list")["budgets"]] == [7.0]
    assert "DAILY_BUDGET_USD" not in page("budget", "set", "daily", "--usd", "3", "--project", "shop")
    monkeypatch.delenv("DAILY_BUDGET_USD")
    assert [budget["limit"] for budget in document("budget", "list")["budgets"]] == [3.0, 3.0]
