"""Wrong variables of the environment are reported by every command that would use them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support import sample_week

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command import Ask, Page

ZONE = "`TZ` names no known time zone (`Mars/Olympus`), so days and times are those of UTC"
COMMANDS = (
    ("week",), ("day",), ("month",), ("report", "--by", "day"), ("sessions",), ("limits",),
    ("live", "--once"), ("session", sample_week.SHOP), ("budget", "list"),
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_wrong_zone_is_reported_once_beside_every_page(
    ask: Ask, project: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    sample_week.write_sessions(project)
    monkeypatch.setenv("TZ", "Mars/Olympus")
    done = ask(*words)
    assert done.exit_code == 0, done.output
    assert done.stderr == f"Warning: {ZONE}\n"


def test_beside_json_it_is_on_standard_error_alone(
    ask: Ask, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample_week.write_sessions(project)
    monkeypatch.setenv("TZ", "Mars/Olympus")
    done = ask("week", "--json")
    assert json.loads(done.stdout)["version"] == 1
    assert done.stderr == f"Warning: {ZONE}\n"


def test_a_zone_that_is_not_used_is_not_reported(
    page: Page, configure: Callable[..., None], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample_week.write_sessions(project)
    monkeypatch.setenv("TZ", "Mars/Olympus")
    assert page("week", "--tz", "Europe/Berlin")
    configure(timezone="Europe/Berlin")
    assert page("week")


def test_every_variable_that_holds_no_amount_is_named(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILY_BUDGET_USD", "$20")
    monkeypatch.setenv("MONTHLY_BUDGET_USD", "-1")
    for words in (("budget", "list"), ("live", "--once")):
        done = ask(*words)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "`DAILY_BUDGET_USD` has to be an amount" in done.stderr
        assert "`MONTHLY_BUDGET_USD` has to be an amount" in done.stderr
        assert "hint: unset DAILY_BUDGET_USD MONTHLY_BUDGET_USD\n" in done.stderr


def test_a_budget_that_is_set_beside_a_wrong_variable_says_so(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAILY_BUDGET_USD", "twenty")
    said = " ".join(page("budget", "set", "daily", "--usd", "20").split())
    assert 'Warning: `DAILY_BUDGET_USD` has to be an amount of US dollars such as "12.50"' in said
