"""The week of the user is one and the same for the alert hook and for every command."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.hook_process import hook_command
from tests.support.hook_scene import stamp
from tests.support.install_command import run_command
from tests.support.times import DAY_US, HOUR_US
from tests.support.transcripts import OTHER, SESSION, response, usage, write
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.limits.current import record_readings
from usage_dashboard.model.events import Reading

NOW = time.time_ns() // 1000


class Accounts:
    """Two Claude Code folders, `a` (its week resets in two days) and `b` (in six), and a weekly budget."""

    def __init__(self, home: Path) -> None:
        self.ledger = home / ".claude-usage"
        self.a, self.b = home / "a", home / "b"
        self.settings: dict[str, Any] = {"budgets": [{"period": "weekly", "tokens": 1000}]}
        for folder in (self.a, self.b):
            (folder / "projects" / "-home-dev-shop").mkdir(parents=True)
        self.configure()

    def configure(self, **settings: Any) -> None:
        """Write the budget and other settings."""
        self.ledger.mkdir(mode=0o700, exist_ok=True)
        (self.ledger / "config.json").write_text(json.dumps(self.settings | settings))

    def read(self, folder: Path, resets_us: int, at_us: int = NOW) -> None:
        """Record an official percentage of the week of a folder."""
        reading = Reading("seven_day", 10_000, resets_us, at_us, "statusline")
        record_readings(str(self.ledger), os.path.realpath(folder), [reading], at_us)

    def spend(self, folder: Path) -> None:
        """Use 900 tokens two days ago and 900 an hour ago."""
        for age_us in (2 * DAY_US, HOUR_US):
            lines = response(f"m{age_us}", spent=usage(0, 900), at=stamp(NOW - age_us))
            write(folder / "projects" / "-home-dev-shop", lines, SESSION if age_us == HOUR_US else "other")

    def used(self, environment: str = "") -> Any:
        """(tokens, end of the week) as `budget list --json` prints them."""
        done = run_command("budget", "list", "--json", CLAUDE_CONFIG_DIR=environment)
        [budget] = json.loads(done.stdout)["budgets"]
        return budget["used"], budget["until"]

    def warned(self, folder: Path, environment: str = "", session: str = SESSION) -> str:
        """What the alert hook says in a session of the folder."""
        transcript = str(folder / "projects" / "-home-dev-shop" / f"{session}.jsonl")
        event = {"session_id": session, "transcript_path": transcript, "hook_event_name": "UserPromptSubmit"}
        done = subprocess.run(
            hook_command("alert"),
            input=json.dumps(event).encode(),
            env=os.environ | {"CLAUDE_CONFIG_DIR": environment},
            capture_output=True,
            timeout=30,
            check=True,
        )
        return str(json.loads(done.stdout or "{}").get("systemMessage", ""))


@pytest.fixture
def accounts(home: Path) -> Accounts:
    """Both folders with a percentage of now, and 1,800 tokens that were used in `b`."""
    found = Accounts(home)
    found.read(found.a, NOW + 2 * DAY_US)
    found.read(found.b, NOW + 6 * DAY_US)
    found.spend(found.b)
    sweep(str(found.ledger), NOW, extra=(str(found.b),))
    return found


def until(days: int) -> str:
    """The end of a week that resets in that many days, as JSON has it."""
    return f"{stamp(NOW + days * DAY_US).partition('.')[0]}Z"


@pytest.mark.parametrize("folders", [("a", "b"), ("a",), ()], ids="-".join)
def test_hook_and_command_agree_on_the_folder_that_the_environment_names(
    accounts: Accounts, home: Path, folders: tuple[str, ...]
) -> None:
    named = ",".join(str(home / name) for name in folders)
    assert accounts.used(named) == (1800, until(2))
    said = accounts.warned(accounts.b, named)
    assert "180% of this week's budget of 1.0k tokens is used, 800 tokens over" in said


@pytest.mark.parametrize("folders", [("b", "a"), ("b",)], ids="-".join)
def test_the_folder_that_the_environment_names_first_decides_before_recorded_ones(
    accounts: Accounts, home: Path, folders: tuple[str, ...]
) -> None:
    accounts.configure(roots=[str(accounts.a), str(accounts.b)])
    named = ",".join(str(home / name) for name in folders)
    assert accounts.used(named) == (900, until(6))
    for folder, session in ((accounts.a, SESSION), (accounts.b, OTHER)):
        assert "90% of this week's budget" in accounts.warned(folder, named, session)


def test_without_the_environment_a_session_of_either_folder_has_the_same_week(accounts: Accounts) -> None:
    for folder, session in ((accounts.a, SESSION), (accounts.b, OTHER)):
        assert "180% of this week's budget" in accounts.warned(folder, "", session)


def test_limits_of_another_folder_are_never_shown_as_those_of_the_chosen_one(
    accounts: Accounts, home: Path
) -> None:
    limits = json.loads(run_command("limits", "--json", CLAUDE_CONFIG_DIR=str(home / "new")).stdout)
    assert {limit["source"] for limit in limits["limits"]} == {"estimate"}  # against the user's own budget
    assert limits["history"] == []


def test_without_the_environment_the_page_has_the_limits_of_every_folder_by_its_name(
    accounts: Accounts,
) -> None:
    accounts.configure(roots=[str(accounts.a), str(accounts.b)])
    plain = run_command("limits").stdout
    assert plain.count("10% used") == 2
    assert "\nb\n" in plain
    chosen = run_command("limits", CLAUDE_CONFIG_DIR=str(accounts.b)).stdout
    assert chosen.count("10% used") == 1
    assert "\nb\n" not in chosen


def test_the_folder_that_setup_recorded_first_comes_first(accounts: Accounts) -> None:
    accounts.configure(roots=[str(accounts.b), str(accounts.a)])
    assert accounts.used() == (900, until(6))
    assert "90% of this week's budget" in accounts.warned(accounts.a)


def test_a_folder_without_percentages_lets_the_next_one_decide(accounts: Accounts, home: Path) -> None:
    accounts.configure(roots=[str(home / ".claude"), str(accounts.b)])
    assert accounts.used() == (900, until(6))
    assert "90% of this week's budget" in accounts.warned(accounts.a)


def test_a_folder_that_was_left_behind_lets_the_next_one_decide(home: Path) -> None:
    accounts = Accounts(home)
    accounts.read(accounts.a, NOW - 14 * DAY_US, NOW - 15 * DAY_US)
    accounts.read(accounts.b, NOW + 6 * DAY_US)
    accounts.spend(accounts.b)
    sweep(str(accounts.ledger), NOW, extra=(str(accounts.b),))
    accounts.configure(roots=[str(accounts.a), str(accounts.b)])
    assert accounts.used() == (900, until(6))
    assert "90% of this week's budget" in accounts.warned(accounts.b)


def test_the_page_of_the_week_and_the_limits_on_it_are_of_that_folder_too(accounts: Accounts) -> None:
    week = json.loads(run_command("week", "--json", CLAUDE_CONFIG_DIR=str(accounts.b)).stdout)
    assert week["window"]["reset_at"] == until(6)
    assert week["totals"]["total_tokens"] == 900
    assert [limit["resets_at"] for limit in week["limits"]] == [until(6)]
