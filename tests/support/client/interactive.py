"""Scenarios on the client's terminal screen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.support.client.replies import Plan
from tests.support.client.scenarios import Scenario, echo
from tests.support.client.sse import Reply, say
from tests.support.client.terminal import InteractiveClient

if TYPE_CHECKING:
    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome
    from tests.support.client.request import Request

_HOUR_SECONDS = 3600


def conversation(api: FakeApi, home: ClientHome) -> str:
    """Two prompts, then `/exit`."""
    api.script = Plan([*echo("one"), *echo("two")])
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("Said one.")
        client.type("Say two")
        client.wait_for("Said two.")
        client.leave()
    return api.billed[-1].session_id


def clear(api: FakeApi, home: ClientHome) -> str:
    """`/clear` between two prompts: two sessions of one process."""
    api.script = Plan([*echo("one"), *echo("two")])
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("Said one.")
        client.type("/clear")
        client.wait_until_gone("Said one.")
        client.type("Say two")
        client.wait_for("Said two.")
        client.leave()
    return api.billed[-1].session_id


def side_question(api: FakeApi, home: ClientHome) -> str:
    """`/btw` between two prompts."""
    api.script = Plan([*echo("one"), *echo("two")], helpers={"side_question": [say("By the way.")]})
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("Said one.")
        client.type("/btw what is this")
        client.wait_for("By the way.")
        client.press("Escape")
        client.wait_until_gone("By the way.")
        client.type("Say two")
        client.wait_for("Said two.")
        client.leave()
    return api.billed[-1].session_id


def suggestions(api: FakeApi, home: ClientHome) -> str:
    """A suggested next prompt after each turn."""
    home.env["CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION"] = "1"
    # No real reply is there within a few milliseconds; the client drops one that a Stop hook outlasts.
    suggested = [say("run the tests", pause_seconds=0.1), say("commit this", pause_seconds=0.1)]
    api.script = Plan([*echo("one"), *echo("two")], helpers={"suggestion": suggested})
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("run the tests")
        client.type("Say two")
        client.wait_for("commit this")
        client.leave()
    return api.billed[-1].session_id


def interactive_compaction(api: FakeApi, home: ClientHome) -> str:
    """`/compact` between two prompts."""
    api.script = Plan([*echo("one"), *echo("two")])
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("Said one.")
        client.type("/compact")
        client.wait_for("Compacted")
        client.type("Say two")
        client.wait_for("Said two.")
        client.leave()
    return api.billed[-1].session_id


def branch(api: FakeApi, home: ClientHome) -> str:
    """`/branch` between two prompts: a copy of the session, made by the same process."""
    api.script = Plan([*echo("one"), *echo("two")])
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("Said one.")
        client.type("/branch")
        client.wait_for("Branched session.")
        client.type("Say two")
        client.wait_for("Said two.")
        client.leave()
    return api.billed[-1].session_id


def rewind(api: FakeApi, home: ClientHome) -> str:
    """`/rewind` to before the first prompt; what was spent stays spent."""
    api.script = Plan([*echo("one"), *echo("two")])
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("Said one.")
        client.type("/rewind")
        client.wait_for("Restore the code")
        client.press("Up")
        client.press("Enter")
        client.wait_for("Restore conversation")
        client.press("Enter")
        client.wait_until_gone("Restore conversation")
        client.press("C-u")
        client.type("Say two")
        client.wait_for("Said two.")
        client.leave()
    return api.billed[-1].session_id


def model_command(api: FakeApi, home: ClientHome) -> str:
    """`/model` between two prompts."""
    api.script = Plan([*echo("one"), *echo("two")])
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("Said one.")
        client.type("/model haiku")
        client.wait_for("Switch model?")
        client.press("Enter")
        client.wait_for("Set model to")
        client.type("Say two")
        client.wait_for("Said two.")
        client.leave()
    return api.billed[-1].session_id


def subscriber(api: FakeApi, home: ClientHome) -> str:
    """The session of somebody who pays by subscription."""
    subscribe(api, home, five_hour=0.37, seven_day=0.62)
    return conversation(api, home)


def subscribe(api: FakeApi, home: ClientHome, *, five_hour: float, seven_day: float) -> None:
    """Log in with a token, and have the API say how much of each window is used, from 0 to 1."""
    home.env.pop("ANTHROPIC_API_KEY", None)
    home.env["CLAUDE_CODE_OAUTH_TOKEN"] = "dummy"
    # The client drops a window whose reset is not within the window's length of its own clock.
    now = int(time.time())  # noqa: TID251
    for window, used, hours in (("5h", five_hour, 2), ("7d", seven_day, 72)):
        prefix = f"anthropic-ratelimit-unified-{window}"
        api.headers[f"{prefix}-utilization"] = str(used)
        api.headers[f"{prefix}-reset"] = str(now + hours * _HOUR_SECONDS)
        api.headers[f"{prefix}-status"] = "allowed"
    api.headers["anthropic-ratelimit-unified-status"] = "allowed"


def limit_reached(api: FakeApi, home: ClientHome) -> str:
    """A subscriber's session that meets the weekly limit in its second turn."""
    subscribe(api, home, five_hour=0.5, seven_day=0.99)

    def refuse(_: Request) -> Reply:
        subscribe(api, home, five_hour=0.5, seven_day=1.0)
        api.headers["anthropic-ratelimit-unified-status"] = "rejected"
        api.headers["anthropic-ratelimit-unified-7d-status"] = "rejected"
        api.headers["anthropic-ratelimit-unified-representative-claim"] = "seven_day"
        return Reply(status=429)

    api.script = Plan([*echo("one"), *[refuse] * 20])
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("Said one.")
        client.type("Say two")
        client.wait_for("hit your weekly limit")
        client.leave()
    return api.billed[-1].session_id


INTERACTIVE: tuple[Scenario, ...] = (
    conversation,
    clear,
    side_question,
    suggestions,
    interactive_compaction,
    branch,
    rewind,
    model_command,
    subscriber,
    limit_reached,
)
