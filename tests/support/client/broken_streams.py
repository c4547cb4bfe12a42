"""Scenarios in which a stream, a process or a terminal ends before its time."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from tests.support.client import recount
from tests.support.client.replies import Plan
from tests.support.client.scenarios import Scenario, bash, echo, one_tool
from tests.support.client.sse import Reply, say, text_block, use
from tests.support.client.terminal import InteractiveClient
from tests.support.client.waiting import wait_until

if TYPE_CHECKING:
    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome

# The screen shows a line once the next one has begun.
_LINE = "The first words of an answer"
_TEXT = _LINE + "\n\nand a few more"


def cut_at_once(api: FakeApi, home: ClientHome) -> str:
    """The connection drops before the first event of the reply."""
    api.script = Plan([Reply(broken="cut"), *echo("one")])
    return home.run("Say one").session_id


def cut_in_block(api: FakeApi, home: ClientHome) -> str:
    """The connection drops in the middle of the first block; the client asks anew."""
    api.script = Plan([say(_TEXT, broken="cut", pause_seconds=0.1), *echo("one")])
    return home.run("Say one").session_id


def cut_after_text(api: FakeApi, home: ClientHome) -> str:
    """The connection drops after a whole block of text; the client has the model go on."""
    reply = say(_TEXT, broken="cut", whole_blocks=True, pause_seconds=0.1)
    api.script = Plan([reply, *echo("one")])
    return home.run("Say one").session_id


def cut_after_tool(api: FakeApi, home: ClientHome) -> str:
    """The connection drops after a whole tool call, which the client then runs."""
    reply = use(text_block(_TEXT), bash("echo cut"), broken="cut", whole_blocks=True, pause_seconds=0.1)
    api.script = Plan([reply, *echo("one")])
    return home.run("Say one").session_id


def cut_in_second_block(api: FakeApi, home: ClientHome) -> str:
    """The connection drops in a block of text that follows a whole tool call."""
    reply = use(bash("echo cut"), text_block(_TEXT), broken="cut", pause_seconds=0.1)
    api.script = Plan([reply, *echo("one")])
    return home.run("Say one").session_id


def error_in_block(api: FakeApi, home: ClientHome) -> str:
    """The API sends an error in the middle of the first block; the client asks anew without a stream."""
    reply = say(_TEXT, broken="error_event", pause_seconds=0.1)
    api.script = Plan([reply, *echo("one")])
    return home.run("Say one").session_id


def error_after_text(api: FakeApi, home: ClientHome) -> str:
    """The API sends an error after a whole block of text."""
    reply = say(_TEXT, broken="error_event", whole_blocks=True, pause_seconds=0.1)
    api.script = Plan([reply, *echo("one")])
    return home.run("Say one").session_id


def interrupted_print(api: FakeApi, home: ClientHome) -> str:
    """SIGINT in the middle of a reply of `claude -p`."""
    return _signal_while_hanging(api, home, signal.SIGINT)


def terminated_print(api: FakeApi, home: ClientHome) -> str:
    """SIGTERM in the middle of a reply of `claude -p`."""
    return _signal_while_hanging(api, home, signal.SIGTERM)


def killed_print(api: FakeApi, home: ClientHome) -> str:
    """SIGKILL in the middle of a reply of `claude -p`: its lines are lost."""
    return _signal_while_hanging(api, home, signal.SIGKILL)


def escaped(api: FakeApi, home: ClientHome) -> str:
    """Escape in the middle of a reply, then another prompt."""
    api.script = Plan([say(_TEXT, broken="hang"), *echo("two")])
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for(_LINE)
        client.press("Escape")
        client.wait_for("Interrupted")
        client.type("Say two")
        client.wait_for("Said two.")
        client.leave()
    return api.billed[-1].session_id


def escaped_in_tool(api: FakeApi, home: ClientHome) -> str:
    """Escape while a tool runs, then another prompt."""
    api.script = Plan([use(bash("sleep 20")), *echo("two")])
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("sleep 20")
        client.press("Escape")
        client.wait_for("Interrupted")
        client.type("Say two")
        client.wait_for("Said two.")
        client.leave()
    return api.billed[-1].session_id


def killed_after_turn(api: FakeApi, home: ClientHome) -> str:
    """SIGKILL between two turns, once the lines of the first are on disk."""
    api.script = Plan(echo("one"))
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("Said one.")
        wait_until(lambda: recount.by_message(home.config) == api.by_message(), "the lines of the turn")
        os.kill(client.pid, signal.SIGKILL)
        client.wait_for_end()
    return api.billed[-1].session_id


def killed_then_resumed(api: FakeApi, home: ClientHome) -> str:
    """A killed session that is taken up again."""
    session = killed_after_turn(api, home)
    api.script = Plan(echo("two"))
    return home.run("Say two", resume=session).session_id


def killed_after_compaction(api: FakeApi, home: ClientHome) -> str:
    """SIGKILL after a compaction that no `cost-state` line has recorded yet, then a resume."""
    api.script = Plan(echo("one"))
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("Said one.")
        client.type("/compact")
        wait_until(lambda: _written(home, "compact_boundary"), "the compaction to be on disk")
        os.kill(client.pid, signal.SIGKILL)
        client.wait_for_end()
    api.script = Plan(echo("two"))
    return home.run("Say two", resume=api.billed[-1].session_id).session_id


def killed_in_second_run(api: FakeApi, home: ClientHome) -> str:
    """A session with a `cost-state` line that is resumed, compacted, killed, and resumed again."""
    session = one_tool(api, home)
    with InteractiveClient(home, "--resume", session) as client:
        client.wait_for("Said one.")
        client.type("/compact")
        wait_until(lambda: _written(home, "compact_boundary"), "the compaction to be on disk")
        os.kill(client.pid, signal.SIGKILL)
        client.wait_for_end()
    api.script = Plan(echo("two"))
    return home.run("Say two", resume=session).session_id


def hung_up(api: FakeApi, home: ClientHome) -> str:
    """SIGHUP after a turn, as when the terminal is closed."""
    api.script = Plan(echo("one"))
    with InteractiveClient(home) as client:
        client.type("Say one")
        client.wait_for("Said one.")
        os.kill(client.pid, signal.SIGHUP)
        client.wait_for_end()
    return api.billed[-1].session_id


def _signal_while_hanging(api: FakeApi, home: ClientHome, number: int) -> str:
    api.script = Plan([*echo("one")[:1], say(_TEXT, broken="hang")])
    # Only the streamed output tells when the client has taken in what the API has sent.
    streamed = ("--output-format", "stream-json", "--include-partial-messages", "--verbose")
    with home.start("Say one", *streamed) as client:
        wait_until(lambda: _LINE in client.output(), "the first words to be read")
        client.signal(number)
        client.finish()
    return api.requests[-1].session_id


def _written(home: ClientHome, words: str) -> bool:
    return any(words.encode() in path.read_bytes() for path in home.transcripts())


BROKEN: tuple[Scenario, ...] = (
    cut_at_once,
    cut_in_block,
    cut_after_text,
    cut_after_tool,
    cut_in_second_block,
    error_in_block,
    error_after_text,
    interrupted_print,
    terminated_print,
    killed_print,
    escaped,
    escaped_in_tool,
    killed_after_turn,
    killed_then_resumed,
    killed_after_compaction,
    killed_in_second_run,
    hung_up,
)
