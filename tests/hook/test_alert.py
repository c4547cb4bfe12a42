"""The alert hook: each level of an allowance or a budget is said once, and otherwise nothing."""

from __future__ import annotations

import json
import sqlite3
import subprocess

import pytest

from tests.hook.conftest import Hook, silent
from tests.support.hook_process import ROOT, hook_command
from tests.support.hook_scene import NOW, RESET, Scene, days
from tests.support.times import DAY_US, HOUR_US, WEEK_US
from tests.support.transcripts import OTHER, SESSION

WEEKLY = {"period": "weekly", "tokens": 1000}


def test_an_official_percentage_is_said_with_all_that_belongs_to_it(scene: Scene) -> None:
    scene.record_percentage(82.4, at_us=NOW - 2 * 60_000_000)
    assert scene.message() == (
        "usage-dashboard: 82% of this week's allowance is used, 18% left; resets Fri Nov 27 12:00;"
        " at this pace it is used up Thu Nov 26 13:35 (from the status line, 2m ago)"
    )


@pytest.mark.parametrize(
    ("window", "name"),
    [
        ("five_hour", "the 5-hour allowance"),
        ("spend_limit", "the spend limit"),
        ("seven_day_opus", "this week's opus allowance"),
    ],
)
def test_every_allowance_is_said_by_its_name(scene: Scene, window: str, name: str) -> None:
    scene.record_percentage(55, window, resets_us=NOW + HOUR_US, source="cached")
    said = scene.message()
    assert f"55% of {name} is used, 45% left; resets Wed Nov 25 13:00" in said
    assert said.endswith("(from what Claude Code had kept, 0s ago)")


def test_a_pace_that_fits_says_what_will_be_used(scene: Scene) -> None:
    scene.record_percentage(50)
    assert "; at this pace 70% by then (from" in scene.message()


@pytest.mark.parametrize("used", [100, 130])
def test_a_limit_that_is_used_up_has_no_pace(scene: Scene, used: int) -> None:
    scene.record_percentage(used, source="usage-command")
    said = (
        f"{used}% of this week's allowance is used, 0% left; resets Fri Nov 27 12:00 (from `/usage`, 0s ago)"
    )
    assert said in scene.message()


def test_each_level_is_said_once_per_session(scene: Scene) -> None:
    scene.record_percentage(49.9)
    assert scene.message() == ""
    now_us = NOW
    for used in (50, 80, 95):
        now_us += 60_000_000
        scene.record_percentage(used, at_us=now_us)
        assert f"{used}% of this week's allowance" in scene.message(now_us=now_us)
        assert scene.message(now_us=now_us) == ""
    assert "95%" in scene.message(scene.event_before_tool(session=OTHER), now_us)
    assert scene.message(scene.event_before_tool(session=OTHER), now_us) == ""


def test_levels_that_were_passed_over_are_not_said_later(scene: Scene) -> None:
    scene.record_percentage(96)
    assert "96%" in scene.message()
    scene.record_percentage(97, at_us=NOW + HOUR_US)
    assert scene.message(now_us=NOW + HOUR_US) == ""


def test_levels_are_the_users(scene: Scene) -> None:
    scene.configure(alerts__levels=[10, 20, 30])
    scene.record_percentage(9)
    assert scene.message() == ""
    scene.record_percentage(10, at_us=NOW + HOUR_US)
    assert "10%" in scene.message(now_us=NOW + HOUR_US)


def test_in_the_next_window_a_level_is_said_again(scene: Scene) -> None:
    scene.record_percentage(55)
    assert scene.message()
    assert scene.message(now_us=RESET) == ""
    scene.record_percentage(51, at_us=RESET + HOUR_US, resets_us=RESET + WEEK_US)
    assert "51%" in scene.message(now_us=RESET + HOUR_US)


def test_after_an_early_reset_a_level_is_said_again(scene: Scene) -> None:
    scene.record_percentage(55)
    assert scene.message()
    scene.record_percentage(1, at_us=days(0.1))
    assert scene.message(now_us=days(0.1)) == ""
    scene.record_percentage(52, at_us=days(0.5))
    assert "52%" in scene.message(now_us=days(0.5))


def test_the_next_spend_limit_is_another_window(scene: Scene) -> None:
    scene.record_percentage(55, "spend_limit")
    assert scene.message()
    scene.record_percentage(56, "spend_limit", at_us=days(3), resets_us=RESET + 30 * DAY_US)
    assert "56%" in scene.message(now_us=days(3))


def test_a_window_that_is_over_says_nothing(scene: Scene) -> None:
    scene.record_percentage(96)
    assert scene.message(now_us=RESET) == ""


def test_without_percentage_and_budget_there_is_silence(scene: Scene) -> None:
    scene.write_usage(10**9, "m1")
    assert scene.message() == ""


def test_a_budget_is_said_at_each_level_and_once_it_is_spent(scene: Scene) -> None:
    scene.configure(budgets=[WEEKLY])
    scene.write_usage(499, "m1")
    assert scene.message() == ""
    for tokens, message, share, left in (
        (1, "m2", "50%", "500 tokens left"),
        (300, "m3", "80%", "200 tokens left"),
        (150, "m4", "95%", "50 tokens left"),
        (60, "m5", "101%", "10 tokens over"),
    ):
        scene.write_usage(tokens, message)
        assert scene.message() == (
            f"usage-dashboard: {share} of this week's budget of 1.0k tokens is used, {left};"
            " resets Mon Nov 30 00:00 (assumed: Monday 00:00 UTC)"
            " (estimate from this machine's own records)"
        )
        assert scene.message() == ""


def test_a_budget_of_the_week_follows_the_observed_reset(scene: Scene) -> None:
    scene.configure(budgets=[WEEKLY])
    scene.record_percentage(1)
    scene.write_usage(1000, "m1", days(-5.1))
    assert scene.message() == ""
    scene.write_usage(500, "m2", days(-4.9))
    assert "left; resets Fri Nov 27 12:00 (estimate" in scene.message()


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ({"period": "daily", "tokens": 1000}, "100% of today's budget of 1.0k tokens is used"),
        ({"period": "monthly", "tokens": 2000}, "50% of this month's budget of 2.0k tokens is used"),
        ({"period": "weekly", "usd": "0.02"}, "100% of this week's budget of $0.02 is used, $0.00 left"),
        ({**WEEKLY, "project": "shop"}, "100% of this week's budget for project shop of 1.0k tokens"),
        ({**WEEKLY, "model": "opus"}, "100% of this week's budget for opus of 1.0k tokens"),
        ({**WEEKLY, "kinds": ["output"]}, "100% of this week's budget of 1.0k tokens"),
        ({**WEEKLY, "tokens": 4000, "warn_percent": 25}, "25% of this week's budget of 4.0k tokens"),
        ({**WEEKLY, "project": "other"}, ""),
        ({**WEEKLY, "model": "haiku"}, ""),
        ({**WEEKLY, "kinds": ["cache_read"]}, ""),
        ({**WEEKLY, "tokens": 4000, "warn_percent": 26}, ""),
    ],
    ids=repr,
)
def test_budgets_of_every_kind(scene: Scene, budget: dict[str, object], said: str) -> None:
    scene.configure(budgets=[budget])
    scene.write_usage(1000, "m1")  # 1,000 output tokens of Opus 5.5 are 0.02 dollars
    assert said in scene.message()
    assert scene.message() == ""


@pytest.mark.parametrize(
    ("variable", "period"), [("DAILY_BUDGET_USD", "today's"), ("MONTHLY_BUDGET_USD", "this month's")]
)
def test_budgets_of_the_environment(scene: Scene, variable: str, period: str) -> None:
    scene.write_usage(2000, "m1")
    assert scene.message(environ={variable: "0.09"}) == ""
    assert f"80% of {period} budget of $0.05 is used, $0.01 left" in scene.message(environ={variable: "0.05"})
    assert scene.message(environ={variable: "a lot"}) == ""


def test_calls_without_a_price_make_a_budget_in_dollars_a_lower_bound(scene: Scene) -> None:
    scene.configure(budgets=[{"period": "weekly", "usd": "0.02"}])
    scene.write_usage(1000, "m1")
    scene.write_usage(1000, "m2", model="claude-zero-9")
    assert "usage-dashboard: at least 100% of this week's budget of $0.02" in scene.message()


def test_what_is_said_at_once_is_said_in_one_message(scene: Scene) -> None:
    scene.configure(budgets=[WEEKLY])
    scene.record_percentage(85)
    scene.write_usage(1000, "m1")
    first, second = scene.message().splitlines()
    assert first.startswith("usage-dashboard: 85% of this week's allowance")
    assert second.startswith("usage-dashboard: 100% of this week's budget")


def test_the_allowance_of_another_folder_is_another_ones(scene: Scene) -> None:
    scene.record_percentage(96)
    elsewhere = scene.event_before_tool() | {"transcript_path": f"/srv/claude/projects/x/{SESSION}.jsonl"}
    assert scene.message(elsewhere) == ""


def test_a_ledger_that_is_not_there_is_not_made(scene: Scene) -> None:
    scene.configure(budgets=[{**WEEKLY, "tokens": 1}])
    (scene.project / f"{SESSION}.jsonl").write_text("{}")
    assert scene.message() == ""
    assert not (scene.ledger / "usage.db").exists()


def test_settings_that_cannot_be_read_are_met_with_silence_and_noted(hook: Hook, scene: Scene) -> None:
    scene.record_percentage(96)
    (scene.ledger / "config.json").write_text("{")
    assert silent(hook("alert", scene.event_before_tool()))
    assert "alert SettingsError config/settings.py" in (scene.ledger / "faults.log").read_text()


@pytest.mark.parametrize(
    "settings", [{"timezone": "Nowhere/Here"}, {"weekly_reset": {"weekday": "monday", "zone": "x"}}]
)
def test_a_zone_that_does_not_exist_is_met_with_silence_and_noted(
    hook: Hook, scene: Scene, settings: dict[str, object]
) -> None:
    scene.configure(budgets=[WEEKLY], **settings)
    scene.write_usage(1000, "m1")
    assert silent(hook("alert", scene.event_before_tool()))
    assert "alert ValueError model/windows.py" in (scene.ledger / "faults.log").read_text()


def test_a_locked_ledger_is_met_with_silence_and_the_message_comes_later(hook: Hook, scene: Scene) -> None:
    scene.record_percentage(96, resets_us=2**51)
    other = sqlite3.connect(scene.ledger / "usage.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert silent(hook("alert", scene.event_before_tool()))
    other.execute("ROLLBACK")
    other.close()
    assert "alert OperationalError store/" in (scene.ledger / "faults.log").read_text()
    assert b"96% of this week's allowance" in hook("alert", scene.event_before_tool()).stdout


def test_a_corrupt_ledger_is_met_with_silence_and_noted(hook: Hook, scene: Scene) -> None:
    scene.record_percentage(96)
    (scene.ledger / "usage.db").write_bytes(b"this is no database" * 500)
    for name in ("PreToolUse", "SessionStart", "UserPromptSubmit"):
        assert silent(hook("alert", scene.event(name)))
    assert "alert LedgerError store/connection.py" in (scene.ledger / "faults.log").read_text()


def test_it_loads_few_modules_and_none_that_is_heavy(scene: Scene) -> None:
    scene.configure(budgets=[WEEKLY])
    scene.write_usage(100, "m1")
    scene.record_percentage(30)
    script = (
        "import sys; sys.path.append(sys.argv[1]);"
        "from usage_dashboard.hook.alert import check_event; import usage_dashboard.hook.edge;"
        "check_event(sys.stdin.buffer.read(), sys.argv[2], int(sys.argv[3])); print(*sorted(sys.modules))"
    )
    python, isolated, bare, _ = hook_command("alert")
    run = [python, isolated, bare, "-c", script, str(ROOT), str(scene.ledger), str(NOW)]
    done = subprocess.run(
        run, input=json.dumps(scene.event_before_tool()).encode(), capture_output=True, check=True
    )
    loaded = set(done.stdout.decode().split())
    heavy = {"click", "rich", "urllib", "logging", "argparse", "asyncio", "dataclasses", "typing", "pathlib"}
    heavy |= {"re", "subprocess", "json", "sqlite3", "datetime", "zoneinfo", "hashlib", "enum"}
    assert not loaded & heavy
    assert len(loaded) <= 71, sorted(loaded)
