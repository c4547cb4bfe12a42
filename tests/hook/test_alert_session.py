"""What the alert hook says beside levels: before work starts, of a runaway session, of a key that bills."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.hook_scene import NOW, RESET, Scene, days
from tests.support.ledger_rows import rows
from tests.support.times import DAY_US, HOUR_US
from tests.support.transcripts import OTHER, SESSION
from usage_dashboard.store.connection import open_writer
from usage_dashboard.store.meta import snooze_until

MINUTE_US = 60_000_000
KEY = {"ANTHROPIC_API_KEY": "sk-ant-canary"}


def calm(scene: Scene, sessions: int = 10, tokens: int = 500_000, subagents: int = 2) -> None:
    """Have the user's sessions been this busy at their busiest, and the last of them end."""
    for number in range(sessions):
        session = calm_session(number)
        at_us = days(-2) - number * HOUR_US
        scene.write_usage(tokens, f"calm{number}", at_us, session)
        for agent in range(subagents):
            scene.write_usage(1, f"calm{number}-{agent}", at_us, session, agentId=f"a{agent}")
    scene.run("record", scene.event("SessionEnd", calm_session(0)), days(-1))


def calm_session(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012}"


def busy(scene: Scene, tokens: int, subagents: int = 0) -> None:
    """Have the session at hand been this busy in the last quarter of an hour."""
    scene.write_usage(tokens, "busy", NOW - 5 * MINUTE_US)
    for agent in range(subagents):
        scene.write_usage(1, f"busy{agent}", NOW - MINUTE_US, agentId=f"b{agent}")


@pytest.mark.parametrize("name", ["SessionStart", "UserPromptSubmit", "PreToolUse"])
def test_a_level_is_said_before_work_starts(scene: Scene, name: str) -> None:
    scene.record_percentage(82)
    assert "82% of this week's allowance" in scene.message(scene.event(name))
    assert scene.message() == ""


def test_what_the_client_has_cached_is_recorded_when_a_session_starts(scene: Scene) -> None:
    scene.write_usage(1, "m1")
    kept = {"utilization": 82, "resets_at": "2026-11-27T12:00:00+00:00"}
    cache = {"fetchedAtMs": (NOW - 5 * MINUTE_US) // 1000, "utilization": {"seven_day": kept}}
    (scene.claude.parent / ".claude.json").write_text(json.dumps({"cachedUsageUtilization": cache}))
    assert scene.message(scene.event("UserPromptSubmit")) == ""
    said = scene.message(scene.event("SessionStart"))
    assert said.endswith("(from what Claude Code had kept, 5m ago)")
    assert "82% of this week's allowance is used" in said


def test_what_the_client_has_kept_is_left_where_something_newer_is_known(scene: Scene) -> None:
    scene.record_percentage(55, at_us=NOW - MINUTE_US)
    kept = {"utilization": 82, "resets_at": "2026-11-27T12:00:00+00:00"}
    cache = {"fetchedAtMs": (NOW - 5 * MINUTE_US) // 1000, "utilization": {"seven_day": kept}}
    (scene.claude.parent / ".claude.json").write_text(json.dumps({"cachedUsageUtilization": cache}))
    assert "55% of this week's allowance" in scene.message(scene.event("SessionStart"))
    assert rows(scene.ledger, "SELECT source FROM quota") == [("statusline",)]


@pytest.mark.parametrize("state", [b"", b"{", b"\xff" * 40, b"[" * 10**5, b'{"cachedUsageUtilization": 7}'])
def test_a_damaged_file_of_the_clients_is_met_with_silence(scene: Scene, state: bytes) -> None:
    scene.write_usage(1, "m1")
    (scene.claude.parent / ".claude.json").write_bytes(state)
    assert scene.message(scene.event("SessionStart")) == ""


def test_a_session_that_uses_far_more_than_usual_is_reported_once(scene: Scene) -> None:
    calm(scene)
    busy(scene, 1_600_000)
    assert scene.message() == (
        "usage-dashboard: This session spent 1.6M tokens in the last 15 minutes; at their busiest, nine of"
        " ten of your last 10 sessions stayed below 500.0k tokens and 3 subagents"
    )
    assert scene.message() == ""
    assert scene.message(scene.event_before_tool(session=OTHER)) == ""


def test_many_subagents_at_once_are_reported(scene: Scene) -> None:
    calm(scene)
    busy(scene, 10, 8)
    assert "This session had 8 subagents at work in the last 15 minutes" in scene.message()


def test_both_are_reported_in_one_sentence(scene: Scene) -> None:
    calm(scene)
    busy(scene, 2_000_000, 9)
    said = scene.message(scene.event("UserPromptSubmit"))
    assert "This session spent 2.0M tokens and had 9 subagents at work in the last" in said


@pytest.mark.parametrize(
    ("usual", "tokens", "subagents"),
    [((500_000, 2), 1_499_000, 7), ((100, 0), 999_000, 7), ((500_000, 3), 1000, 8)],
)
def test_less_than_far_above_the_usual_is_no_runaway(
    scene: Scene, usual: tuple[int, int], tokens: int, subagents: int
) -> None:
    calm(scene, tokens=usual[0], subagents=usual[1])
    busy(scene, tokens, subagents)
    assert scene.message() == ""


def test_below_ten_sessions_nothing_is_known_to_be_usual(scene: Scene) -> None:
    calm(scene, sessions=9)
    busy(scene, 90_000_000, 50)
    assert scene.message() == ""


def test_what_was_spent_longer_ago_is_no_runaway(scene: Scene) -> None:
    calm(scene)
    scene.write_usage(50_000_000, "busy", NOW - 20 * MINUTE_US)
    assert scene.message() == ""


def test_a_busy_session_among_ten_is_not_the_usual(scene: Scene) -> None:
    scene.write_usage(90_000_000, "once", days(-3), OTHER)
    calm(scene)
    busy(scene, 1_600_000)
    assert "of your last 11 sessions stayed below 500.0k tokens" in scene.message()


def test_a_key_beside_a_subscription_is_reported_when_the_session_starts(scene: Scene) -> None:
    scene.record_percentage(10, at_us=NOW - 3 * HOUR_US)
    assert scene.message(environ=KEY) == ""
    assert scene.message(scene.event("SessionStart"), environ=KEY) == (
        "usage-dashboard: ANTHROPIC_API_KEY is set, so this session may be billed by the API, although a"
        " subscription's allowance was seen here 3h 0m ago\nhint: unset ANTHROPIC_API_KEY"
    )
    assert scene.message(scene.event("SessionStart"), environ=KEY) == ""
    assert scene.message(scene.event("SessionStart", OTHER), environ=KEY)


def test_the_key_itself_is_nowhere(scene: Scene) -> None:
    scene.record_percentage(10)
    assert "canary" not in scene.message(scene.event("SessionStart"), environ=KEY)
    for file in scene.ledger.iterdir():
        assert b"canary" not in file.read_bytes(), file.name


@pytest.mark.parametrize("environment", [{}, {"ANTHROPIC_API_KEY": ""}, {"ANTHROPIC_AUTH_TOKEN": "x"}])
def test_without_a_key_nothing_bills(scene: Scene, environment: dict[str, str]) -> None:
    scene.record_percentage(10)
    assert scene.message(scene.event("SessionStart"), environ=environment) == ""


def test_without_a_subscription_a_key_is_meant(scene: Scene) -> None:
    scene.write_usage(10, "m1")
    assert scene.message(scene.event("SessionStart"), environ=KEY) == ""


def test_a_subscription_that_was_not_seen_for_two_weeks_is_not_held_against_a_key(scene: Scene) -> None:
    scene.record_percentage(10, at_us=days(-15), resets_us=RESET - 14 * DAY_US)
    assert scene.message(scene.event("SessionStart"), environ=KEY) == ""


def test_a_key_beside_reported_percentages_is_not_used(scene: Scene) -> None:
    reported: dict[str, Any] = {"seven_day": {"used_percentage": 10, "resets_at": RESET // 10**6}}
    status = scene.event("") | {"rate_limits": reported, "cost": {"total_api_duration_ms": 5}}
    scene.show(status, NOW - HOUR_US, environ=KEY)
    assert scene.message(scene.event("SessionStart"), environ=KEY) == ""
    status["cost"]["total_api_duration_ms"] = 6
    scene.show(status, NOW - MINUTE_US)
    assert "ANTHROPIC_API_KEY is set" in scene.message(scene.event("SessionStart"), environ=KEY)


def test_snoozed_warnings_wait_and_are_not_lost(scene: Scene) -> None:
    scene.record_percentage(96)
    db = open_writer(str(scene.ledger))
    snooze_until(db, NOW + 30 * MINUTE_US)
    assert scene.answer(scene.event_before_tool("Agent")) == {}
    assert scene.message(scene.event("SessionStart"), NOW + 29 * MINUTE_US, environ=KEY) == ""
    assert "96%" in scene.message(now_us=NOW + 30 * MINUTE_US)
    snooze_until(db, NOW + HOUR_US)
    assert scene.message(scene.event_before_tool(session=OTHER), NOW + 31 * MINUTE_US) == ""
    snooze_until(db, 0)
    db.close()
    assert "96%" in scene.message(scene.event_before_tool(session=OTHER), NOW + 31 * MINUTE_US)


def test_the_session_that_is_reported_is_this_one(scene: Scene) -> None:
    calm(scene)
    scene.write_usage(50_000_000, "busy", NOW - MINUTE_US, OTHER)
    assert scene.message(scene.event_before_tool(session=SESSION)) == ""


def test_a_variable_that_holds_no_amount_is_reported_when_a_session_starts(scene: Scene) -> None:
    scene.write_usage(2000, "m1")
    wrong = {"DAILY_BUDGET_USD": "a lot"}
    assert scene.message(scene.event("SessionStart"), environ=wrong) == (
        'usage-dashboard: `DAILY_BUDGET_USD` has to be an amount of US dollars such as "12.50",'
        " so it caps nothing\nhint: unset DAILY_BUDGET_USD"
    )
    assert scene.message(scene.event("SessionStart"), environ=wrong) == ""
    assert scene.message(scene.event("SessionStart", OTHER), environ={"DAILY_BUDGET_USD": "5"}) == ""
