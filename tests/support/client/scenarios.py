"""Named pieces of work for the real client whose every call appears in a transcript."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.support.client.replies import Plan
from tests.support.client.sse import Block, Reply, say, text_block, thinking_block, tool_block, use

if TYPE_CHECKING:
    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome
    from tests.support.client.request import Request

Scenario = Callable[["FakeApi", "ClientHome"], str]


def bash(command: str) -> Block:
    """A call of the Bash tool."""
    return tool_block("Bash", command=command, description="Run a command")


def delegate(task: str, *, wait: bool = True, kind: str = "general-purpose", **options: Any) -> Block:
    """A call of the Agent tool; without `wait` the agent runs in the background."""
    foreground = {"run_in_background": False} if wait else {}
    return tool_block("Agent", description="A task", prompt=task, subagent_type=kind, **foreground, **options)


def echo(word: str) -> list[Reply]:
    """Two replies: one command, then the end of the turn."""
    return [use(bash(f"echo {word}")), say(f"Said {word}.")]


def one_tool(api: FakeApi, home: ClientHome) -> str:
    """One command and an answer."""
    api.script = Plan(echo("one"))
    return home.run("Say one").session_id


def parallel_tools(api: FakeApi, home: ClientHome) -> str:
    """Thinking, text and three tools in one reply; the second tool ends last."""
    tools = (bash("echo a"), bash("sleep 0.2; echo b"), bash("echo c"))
    api.script = Plan([use(thinking_block("Three."), text_block("Running."), *tools), say("Ran three.")])
    return home.run("Do three things").session_id


def slow_parallel_tools(api: FakeApi, home: ClientHome) -> str:
    """The same on a slow stream: the first tools end before the reply does."""
    tools = (bash("echo a"), bash("false"), bash("echo c"))
    reply = use(thinking_block("Three."), text_block("Running."), *tools, pause_seconds=0.05)
    api.script = Plan([reply, say("Ran three.", pause_seconds=0.02)])
    return home.run("Do three things").session_id


def failing_tool(api: FakeApi, home: ClientHome) -> str:
    """A command that fails, one that does not, and a file that is not there."""
    missing = tool_block("Read", file_path=str(home.project / "missing.txt"))
    api.script = Plan([use(bash("exit 3")), use(missing, bash("echo fine")), say("Two failed.")])
    return home.run("Fail twice").session_id


def subagent(api: FakeApi, home: ClientHome) -> str:
    """One agent in the foreground."""
    api.script = Plan(
        [use(text_block("Delegating."), delegate("Task alpha")), say("Delegated.")],
        agents={"Task alpha": echo("alpha")},
    )
    return home.run("Delegate").session_id


def two_subagents(api: FakeApi, home: ClientHome) -> str:
    """Two agents side by side, asked for in one reply."""
    api.script = Plan(
        [use(delegate("Task alpha"), delegate("Task beta", model="haiku")), say("Delegated twice.")],
        agents={"Task alpha": echo("alpha"), "Task beta": [*echo("beta")[:1], *echo("gamma")]},
    )
    return home.run("Delegate twice").session_id


def nested_subagents(api: FakeApi, home: ClientHome) -> str:
    """An agent that starts an agent."""
    api.script = Plan(
        [use(delegate("Task outer")), say("Delegated deeply.")],
        agents={"Task outer": [use(delegate("Task inner")), say("Outer.")], "Task inner": echo("inner")},
    )
    return home.run("Delegate deeply").session_id


def background_subagent(api: FakeApi, home: ClientHome) -> str:
    """An agent that ends after the main thread's turn."""
    slow = use(bash("sleep 0.3; echo alpha"))
    api.script = Plan(
        [use(delegate("Task alpha", wait=False)), say("Waiting."), say("All done.")],
        agents={"Task alpha": [slow, say("Alpha.")]},
    )
    return home.run("Delegate and go on").session_id


def forked_subagent(api: FakeApi, home: ClientHome) -> str:
    """An agent that inherits the conversation: its file repeats a message of the main thread."""
    api.script = Plan(
        [*echo("one")[:1], use(delegate("Task alpha", wait=False, kind="fork")), say("Waiting.")]
    )
    return home.run("Fork yourself").session_id


def continued_subagent(api: FakeApi, home: ClientHome) -> str:
    """An agent that has ended and is sent one more message."""

    def more(request: Request) -> Reply:
        [agent_id] = re.findall(r"agentId: (\w+)", request.result_text)
        return use(tool_block("SendMessage", to=agent_id, summary="More", message="Say more"))

    api.script = Plan(
        [use(delegate("Task alpha")), more, say("Waiting."), say("All done.")],
        agents={"Task alpha": [*echo("alpha"), *echo("more")]},
    )
    return home.run("Delegate, then ask again").session_id


def resume(api: FakeApi, home: ClientHome) -> str:
    """A session taken up again once."""
    session = one_tool(api, home)
    api.script = Plan(echo("two"))
    return home.run("Say two", resume=session).session_id


def resume_twice(api: FakeApi, home: ClientHome) -> str:
    """A session taken up again twice, the second time by `--continue`."""
    resume(api, home)
    api.script = Plan(echo("three"))
    return home.run("Say three", "--continue").session_id


def fork(api: FakeApi, home: ClientHome) -> str:
    """A session copied into a new one, which goes on."""
    session = one_tool(api, home)
    api.script = Plan(echo("two"))
    return home.run("Say two", "--fork-session", resume=session).session_id


def fork_of_fork(api: FakeApi, home: ClientHome) -> str:
    """A copy of a copy, after which the first session goes on as well."""
    first = one_tool(api, home)
    second = home.run("Say two", "--fork-session", resume=first).session_id
    third = home.run("Say three", "--fork-session", resume=second).session_id
    home.run("Say four", resume=first)
    return third


def model_switch(api: FakeApi, home: ClientHome) -> str:
    """A session taken up again with another model."""
    session = one_tool(api, home)
    api.script = Plan(echo("two"))
    return home.run("Say two", "--model", "haiku", resume=session).session_id


def retry_500(api: FakeApi, home: ClientHome) -> str:
    """A call that is refused once with 500 before it is answered."""
    api.script = Plan([Reply(status=500), *echo("one")])
    return home.run("Say one").session_id


def retry_529(api: FakeApi, home: ClientHome) -> str:
    """The second call of a turn is refused once with 529."""
    first, last = echo("one")
    api.script = Plan([first, Reply(status=529), last])
    return home.run("Say one").session_id


def fallback(api: FakeApi, home: ClientHome) -> str:
    """A model that is overloaded until the client takes the fallback model."""
    api.script = _overloaded_unless("haiku", Plan(echo("one")))
    return home.run("Say one", "--fallback-model", "haiku").session_id


def refused(api: FakeApi, home: ClientHome) -> str:
    """A request that the API refuses for good: nothing is billed."""
    api.script = lambda _: Reply(status=400)
    return home.run("Say one", check=False).session_id


def sixty_tools(api: FakeApi, home: ClientHome) -> str:
    """Sixty tool calls in twelve replies."""
    replies = [use(*(bash(f"echo {turn}-{n}") for n in range(5))) for turn in range(12)]
    api.script = Plan([*replies, say("Sixty.")])
    return home.run("Do sixty things").session_id


def _overloaded_unless(model: str, plan: Plan) -> Callable[[Any], Reply]:
    return lambda request: plan(request) if model in request.model else Reply(status=529)


VISIBLE: tuple[Scenario, ...] = (
    one_tool,
    parallel_tools,
    slow_parallel_tools,
    failing_tool,
    subagent,
    two_subagents,
    nested_subagents,
    background_subagent,
    forked_subagent,
    continued_subagent,
    resume,
    resume_twice,
    fork,
    fork_of_fork,
    model_switch,
    retry_500,
    retry_529,
    fallback,
    refused,
    sixty_tools,
)
