"""Whatever a hook is given, it prints nothing, or an object that neither allows nor stops anything."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hook.conftest import Hook
from tests.support.hook_scene import NOW, Scene
from tests.support.transcripts import OTHER, SESSION
from usage_dashboard.hook.alert import check_event
from usage_dashboard.hook.counter import record_event
from usage_dashboard.hook.edge import Answer

SEED = 20_261_122
FAR_US = 2**51
NOTIFIES = re.compile(r"\x1b\]9;[^\x00-\x1f\x7f-\x9f]+\x07")
EVENTS = (
    "PreToolUse",
    "PostToolUse",
    "UserPromptSubmit",
    "SessionStart",
    "Stop",
    "StopFailure",
    "SessionEnd",
    "",
)
TOOLS = ("Agent", "Task", "WebSearch", "Bash", "mcp__a__b", "\x1b]0;x\x07", "")
MODES = ("default", "plan", "acceptEdits", "bypassPermissions", "dontAsk", "auto", "", "Ü")
FIELDS = (
    "session_id", "transcript_path", "cwd", "hook_event_name", "tool_name", "tool_use_id", "tool_input",
    "agent_id", "agent_type", "permission_mode", "source", "error", "duration_ms", "prompt",
)  # fmt: skip


def allowed(text: str) -> bool:
    """Whether what a hook printed can do no more than show, ask and notify."""
    if not text:
        return True
    found = json.loads(text)
    assert isinstance(found, dict)
    assert found
    assert set(found) <= {"systemMessage", "hookSpecificOutput", "terminalSequence"}
    assert all(found[name] and isinstance(found[name], str) for name in found if name != "hookSpecificOutput")
    assert NOTIFIES.fullmatch(found.get("terminalSequence", "\x1b]9;x\x07"))
    if "hookSpecificOutput" in found:
        reason = found["hookSpecificOutput"].pop("permissionDecisionReason")
        assert reason
        assert isinstance(reason, str)
        assert found["hookSpecificOutput"] == {"hookEventName": "PreToolUse", "permissionDecision": "ask"}
    return True


@pytest.fixture
def near_the_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A ledger that has much to say, to a user who wants to hear all of it."""
    scene.configure(
        alerts__notify="on",
        alerts__ask_tools=list(TOOLS),
        budgets=[{"period": "weekly", "tokens": 1, "project": "\x9b"}],
    )
    scene.record_percentage(96, resets_us=FAR_US)
    scene.record_percentage(97, "five_hour", resets_us=NOW + 3_600_000_000)
    scene.record_percentage(130, "spend_limit", resets_us=0)
    for number in range(4):
        scene.write_usage(100, f"m{number}", agentId=f"a{number}", attributionAgent="Explore")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "x")
    yield scene
    gc.collect()


# A hook leaves its connections to the end of its process.
in_process = pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([SESSION, OTHER]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
likely = st.fixed_dictionaries(
    {"hook_event_name": st.sampled_from(EVENTS), "session_id": st.text(min_size=1) | st.just(SESSION)},
    optional={
        "tool_name": st.sampled_from(TOOLS) | st.text(),
        "tool_input": st.fixed_dictionaries({}, optional={"subagent_type": st.just("Explore") | anything})
        | anything,
        "permission_mode": st.sampled_from(MODES),
        "agent_id": st.just("") | st.text(),
        "source": st.sampled_from(["startup", "resume", "clear", "compact", "fork"]),
        "error": st.just("rate_limit") | anything,
    },
)
events = st.dictionaries(st.sampled_from(FIELDS), anything) | likely


@in_process
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=events, now_us=st.sampled_from([NOW, NOW + 10**9, NOW + 10**12, 0, FAR_US]))
def test_no_event_makes_the_alert_hook_say_more_than_it_may(
    near_the_end: Scene, event: dict[str, Any], now_us: int
) -> None:
    answer = check_event(json.dumps(event).encode(), str(near_the_end.ledger), now_us)
    assert allowed(answer.json() if answer else "")


@given(st.text(), st.text(), st.text())
def test_an_answer_can_say_nothing_else(message: str, ask: str, signal: str) -> None:
    text = Answer(message, ask, f"\x1b]9;{'x' if signal else ''}y\x07" if signal else "").json()
    assert allowed(text)
    assert bool(text) == bool(message or ask or signal)
    assert text.isascii()


def made_up(random: Random, depth: int = 0) -> Any:
    """A value as no client would send it."""
    if depth < 3 and random.random() < 0.25:
        return [made_up(random, depth + 1) for _ in range(random.randrange(4))]
    if depth < 3 and random.random() < 0.3:
        return {random.choice((*FIELDS, "subagent_type", "x")): made_up(random, depth + 1) for _ in range(3)}
    text = "".join(map(chr, random.choices(range(1, 0xD7FF), k=5)))
    odd = ("\ud800", "\x00", "\x1b]0;x\x07", "ü" * 70, "../../..", "allow", "{", SESSION, text)
    numbers = (random.randrange(-(10**20), 10**20), random.random() * 1e300)
    return random.choice((None, True, *numbers, *odd))


@pytest.mark.parametrize("name", ["alert", "counter", "statusline"])
@pytest.mark.parametrize("part", range(4))
def test_no_event_makes_a_process_print_more_than_it_may(
    hook: Hook, near_the_end: Scene, name: str, part: int, tmp_path: Path
) -> None:
    random = Random(f"{SEED}-{name}-{part}")
    for number in range(5):
        event = {field: made_up(random) for field in random.sample(FIELDS, random.randrange(len(FIELDS)))}
        if number % 2:
            event |= near_the_end.event(random.choice(EVENTS)) | {"tool_name": random.choice(TOOLS)}
        done = hook(name, json.dumps(event).encode(), cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, b""), event
        assert name == "statusline" or allowed(done.stdout.decode())
        assert name != "counter" or done.stdout == b""


def test_this_ledger_does_have_something_to_say(near_the_end: Scene, hook: Hook) -> None:
    event = near_the_end.event_before_tool("Agent", tool_input={"subagent_type": "Explore"})
    said = json.loads(hook("alert", event).stdout)
    assert set(said) == {"systemMessage", "hookSpecificOutput", "terminalSequence"}
    assert "ANTHROPIC_API_KEY" in hook("alert", near_the_end.event("SessionStart", OTHER)).stdout.decode()


@in_process
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=likely)
def test_no_event_makes_the_counter_hook_answer(near_the_end: Scene, event: dict[str, Any]) -> None:
    data = near_the_end.event("") | event
    assert record_event(json.dumps(data).encode(), str(near_the_end.ledger), NOW) is None  # type: ignore[func-returns-value]
