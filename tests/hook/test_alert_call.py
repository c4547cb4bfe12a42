"""Before an expensive call near the end: what it is likely to take, and a question if somebody is there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.hook_scene import NOW, RESET, Scene, days, stamp
from tests.support.times import HOUR_US, WEEK_US
from tests.support.transcripts import OTHER, SESSION, packed, response, result, tool_use, usage
from usage_dashboard.ingest.sweep import sweep

MINUTE_US = 60_000_000


def explored(scene: Scene, *runs: int, at_us: int = days(-1), agent: str = "Explore", **fields: Any) -> None:
    """Have subagents spend these output tokens, one after the other."""
    for number, tokens in enumerate(runs):
        name = f"{agent}-{number}-{at_us}"
        moment = at_us + number * MINUTE_US
        scene.write_usage(tokens, name, moment, agentId=name, attributionAgent=agent, **fields)


def asked(scene: Scene, tool: str = "Agent", at_us: int = NOW, **fields: Any) -> str:
    """The reason of the question before a call, empty for none; fields in capitals are variables."""
    environment = {name: fields.pop(name) for name in list(fields) if name.isupper()}
    found = scene.answer(scene.event_before_tool(tool, **fields), at_us, environment)
    if "hookSpecificOutput" not in found:
        return ""
    output = found["hookSpecificOutput"]
    assert (output["hookEventName"], output["permissionDecision"]) == ("PreToolUse", "ask")
    return str(output["permissionDecisionReason"])


def test_the_next_call_is_given_in_tokens_if_no_climb_was_seen(scene: Scene) -> None:
    scene.record_percentage(55)
    explored(scene, 1000, 3000, 2000)
    said = scene.message(scene.event_before_tool("Agent", tool_input={"subagent_type": "Explore"}))
    assert said.splitlines()[1:] == [
        "usage-dashboard: Agent (Explore) took a median 2.0k tokens in your last 3 runs, 3.0k at most"
    ]


def test_the_next_call_is_given_in_percent_once_five_points_were_seen(scene: Scene) -> None:
    scene.record_percentage(50, at_us=days(-2))
    explored(scene, 1000, 3000, 2000)  # 6,000 output tokens for 6 points
    scene.record_percentage(56)
    said = scene.message(scene.event_before_tool("Agent", tool_input={"subagent_type": "Explore"}))
    expected = "Agent (Explore) took a median 2.0% of the week in your last 3 runs, 3.0% at most (estimate)"
    assert said.splitlines()[1:] == [f"usage-dashboard: {expected}"]


def test_in_percent_of_the_window_that_is_nearest_to_its_end(scene: Scene) -> None:
    reset = NOW + HOUR_US
    scene.record_percentage(40, "five_hour", NOW - 2 * HOUR_US, reset)
    explored(scene, 1000, 3000, 2000, at_us=NOW - HOUR_US)
    scene.record_percentage(55)
    scene.record_percentage(60, "five_hour", NOW, reset)
    said = scene.message(scene.event_before_tool("Task", tool_input={"subagent_type": "Explore"}))
    assert "Task (Explore) took a median 6.7% of the 5-hour allowance in" in said


@pytest.mark.parametrize("seen", [4.9, 0])
def test_fewer_points_make_no_percentage(scene: Scene, seen: float) -> None:
    scene.record_percentage(56 - seen, at_us=days(-2))
    explored(scene, 1000, 3000, 2000)
    scene.record_percentage(56)
    said = scene.message(scene.event_before_tool("Agent", tool_input={"subagent_type": "Explore"}))
    assert "a median 2.0k tokens in" in said


def test_points_from_before_an_early_reset_do_not_count(scene: Scene) -> None:
    scene.record_percentage(40, at_us=days(-3))
    scene.record_percentage(50, at_us=days(-2.5))
    scene.record_percentage(0, at_us=days(-2))
    explored(scene, 1000, 3000, 2000)
    scene.record_percentage(4, at_us=days(-0.5))
    scene.configure(alerts__levels=[1, 80, 95])
    said = scene.message(scene.event_before_tool("Agent", tool_input={"subagent_type": "Explore"}))
    assert "a median 2.0k tokens in" in said


def test_calls_without_a_price_make_no_percentage(scene: Scene) -> None:
    scene.record_percentage(50, at_us=days(-2))
    explored(scene, 1000, 3000, 2000, model="claude-zero-9")
    scene.record_percentage(56)
    said = scene.message(scene.event_before_tool("Agent", tool_input={"subagent_type": "Explore"}))
    assert "a median 2.0k tokens in" in said


def test_two_runs_tell_nothing(scene: Scene) -> None:
    scene.record_percentage(55)
    explored(scene, 1000, 3000)
    assert "took" not in scene.message(
        scene.event_before_tool("Agent", tool_input={"subagent_type": "Explore"})
    )


def test_the_last_twelve_runs_count(scene: Scene) -> None:
    scene.record_percentage(55)
    explored(scene, *[9000] * 8, at_us=days(-3))
    explored(scene, *[1000] * 12)
    said = scene.message(scene.event_before_tool("Agent", tool_input={"subagent_type": "Explore"}))
    assert "took a median 1.0k tokens in your last 12 runs, 1.0k at most" in said


def test_runs_of_another_type_do_not_count_and_no_type_is_the_usual_one(scene: Scene) -> None:
    scene.record_percentage(55)
    explored(scene, 1000, 1000, 1000)
    explored(scene, 7000, 7000, 7000, agent="general-purpose")
    said = scene.message(scene.event_before_tool("Agent"))
    assert "Agent (general-purpose) took a median 7.0k tokens in" in said


def test_a_type_that_the_user_hides_is_hidden_here_too(scene: Scene) -> None:
    scene.configure(privacy__labels="hash")
    scene.record_percentage(55)
    explored(scene, 1000, 1000, 1000, agent="secret-helper")
    said = scene.message(scene.event_before_tool("Agent", tool_input={"subagent_type": "secret-helper"}))
    assert "Agent (other-" in said
    assert "secret" not in said


def test_a_tool_is_judged_by_its_own_calls(scene: Scene) -> None:
    lines = []
    for number in range(4):
        lines += response(
            f"m{number}", tool_use(f"t{number}", "WebSearch"), spent=usage(0, 500), at=stamp(days(-1))
        )
        lines.append(result(f"t{number}"))
    (scene.project / f"{SESSION}.jsonl").write_bytes(packed(lines))
    sweep(str(scene.ledger), NOW)
    scene.record_percentage(55)
    said = scene.message(scene.event_before_tool("WebSearch"))
    assert "WebSearch took a median 500 tokens in your last 4 runs, " in said


def test_a_prompt_says_nothing_of_a_call(scene: Scene) -> None:
    scene.record_percentage(55)
    explored(scene, 1000, 1000, 1000, agent="general-purpose")
    assert "took" not in scene.message(scene.event("UserPromptSubmit"))


@pytest.mark.parametrize("tool", ["Agent", "Task", "Workflow", "WebSearch", "WebFetch"])
def test_an_expensive_tool_is_asked_about_once_nearly_all_is_used(scene: Scene, tool: str) -> None:
    scene.record_percentage(96, at_us=days(-0.01))
    explored(scene, 1000, 3000, 2000, agent="general-purpose")
    reason = asked(scene, tool)
    assert reason.startswith("usage-dashboard: ")
    assert reason.endswith(
        "resets Fri Nov 27 12:00; at this pace it is used up Wed Nov 25 16:45 (from the status line, 14m ago)"
    )
    assert ("took a median 2.0k tokens" in reason) == (tool in ("Agent", "Task"))


def test_what_the_question_says_is_not_said_twice(scene: Scene) -> None:
    scene.record_percentage(96)
    assert list(scene.answer(scene.event_before_tool("Agent"))) == ["hookSpecificOutput"]


def test_the_question_comes_also_where_the_level_was_said_before(scene: Scene) -> None:
    scene.record_percentage(96)
    assert scene.message()
    assert "96% of this week's allowance" in asked(scene)


def test_it_is_asked_once_per_tool_and_window_in_whatever_session(scene: Scene) -> None:
    scene.record_percentage(96)
    assert asked(scene, "Agent")
    assert not asked(scene, "Agent")
    assert not asked(scene, "Agent", session=OTHER)
    assert asked(scene, "WebSearch", session=OTHER)
    later = RESET + HOUR_US
    scene.record_percentage(96, at_us=later, resets_us=RESET + WEEK_US)
    assert asked(scene, "Agent", later)


def test_a_budget_that_is_nearly_spent_asks_too(scene: Scene) -> None:
    scene.configure(budgets=[{"period": "weekly", "tokens": 1000}])
    scene.write_usage(950, "m1")
    assert not asked(scene)
    scene.write_usage(1, "m2")
    assert "95% of this week's budget of 1.0k tokens is used, 49 tokens left" in asked(scene)


@pytest.mark.parametrize(
    "fields",
    [
        {"agent_id": "a1"},
        {"permission_mode": "bypassPermissions"},
        {"permission_mode": "dontAsk"},
        {"permission_mode": "auto"},
        {"CLAUDE_CODE_SESSION_ATTENDED": "0"},
        {"CLAUDE_CODE_ENTRYPOINT": "sdk-cli"},
        {"CLAUDE_CODE_ENTRYPOINT": "sdk-ts"},
        {"CLAUDE_CODE_ENTRYPOINT": "sdk-py"},
        {"hook_event_name": "PostToolUse"},
        {"hook_event_name": "UserPromptSubmit"},
        {"tool": "Bash"},
        {"tool": "mcp__x__Agent"},
    ],
    ids=repr,
)
def test_where_nobody_would_answer_or_nothing_is_at_stake_it_is_not_asked(
    scene: Scene, fields: dict[str, Any]
) -> None:
    scene.record_percentage(96)
    assert asked(scene, **fields) == ""
    assert asked(scene)  # and the question was not used up


@pytest.mark.parametrize(
    "fields",
    [
        {"permission_mode": "default"},
        {"permission_mode": "acceptEdits"},
        {"permission_mode": "plan"},
        {"CLAUDE_CODE_SESSION_ATTENDED": "1"},
        {"CLAUDE_CODE_ENTRYPOINT": "cli"},
        {"CLAUDE_CODE_ENTRYPOINT": "claude-vscode"},
    ],
    ids=repr,
)
def test_where_somebody_is_there_it_is_asked(scene: Scene, fields: dict[str, Any]) -> None:
    scene.record_percentage(96)
    assert asked(scene, **fields)


def test_up_to_the_last_level_it_is_not_asked(scene: Scene) -> None:
    scene.record_percentage(95)
    assert asked(scene) == ""
    assert asked(scene, "WebSearch") == ""


def test_the_tools_that_are_asked_about_are_the_users(scene: Scene) -> None:
    scene.configure(alerts__ask_tools=["Bash"])
    scene.record_percentage(96)
    assert not asked(scene, "Agent")
    assert asked(scene, "Bash")


def test_nothing_is_asked_where_the_user_wants_no_questions(scene: Scene) -> None:
    scene.configure(alerts__ask_tools=[])
    scene.record_percentage(96)
    assert not asked(scene)


@pytest.mark.parametrize(
    ("block", "week", "quoted"), [(96, 99, "99% of this week"), (99, 96, "99% of the 5-hour")]
)
def test_the_question_quotes_what_is_nearest_to_its_end(
    scene: Scene, block: int, week: int, quoted: str
) -> None:
    scene.configure(alerts__ask_tools=["Agent"])
    scene.record_percentage(block, "five_hour", NOW, NOW + HOUR_US)
    scene.record_percentage(week)
    assert quoted in asked(scene)
