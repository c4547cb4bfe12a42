"""Scenarios with calls that the client bills but writes into no transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.client.replies import Plan
from tests.support.client.scenarios import Scenario, bash, delegate, echo, one_tool
from tests.support.client.sse import Reply, say, tool_block, use
from tests.support.client.web import Page

if TYPE_CHECKING:
    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome

# A context this long makes the client compact before the next request.
_FULL = {"read": 990_000}


def compaction(api: FakeApi, home: ClientHome) -> str:
    """A session compacted by hand, which then goes on."""
    session = one_tool(api, home)
    home.run("/compact", resume=session)
    api.script = Plan(echo("two"))
    return home.run("Say two", resume=session).session_id


def compaction_twice(api: FakeApi, home: ClientHome) -> str:
    """A compaction whose summary the client does not accept, so that it asks again."""
    session = one_tool(api, home)
    api.script = Plan(helpers={"compact": [say("No summary.")]})
    return home.run("/compact", resume=session).session_id


def automatic_compaction(api: FakeApi, home: ClientHome) -> str:
    """A session that compacts itself in the middle of a turn."""
    api.script = Plan([use(bash("echo one"), usage=_FULL), say("One.")])
    session = home.run("Say one").session_id
    api.script = Plan(echo("two"))
    return home.run("Say two", resume=session).session_id


def fork_after_compaction(api: FakeApi, home: ClientHome) -> str:
    """A copy of a compacted session; then the origin goes on too."""
    session = compaction(api, home)
    api.script = Plan([*echo("three"), *echo("four")])
    forked = home.run("Say three", "--fork-session", resume=session).session_id
    home.run("Say four", resume=session)
    return forked


def compacted_fork(api: FakeApi, home: ClientHome) -> str:
    """A copy that is compacted itself, after its origin was compacted."""
    forked = fork_after_compaction(api, home)
    home.run("/compact", resume=forked)
    return forked


def web_search(api: FakeApi, home: ClientHome) -> str:
    """A web search, which is a call of its own."""
    api.script = Plan(
        [use(tool_block("WebSearch", query="weather")), say("Sunny.")],
        helpers={"web_search": [_search_results()]},
    )
    return home.run("Search").session_id


def web_search_in_subagent(api: FakeApi, home: ClientHome) -> str:
    """A web search made by an agent."""
    api.script = Plan(
        [use(delegate("Task alpha")), say("Delegated.")],
        agents={"Task alpha": [use(tool_block("WebSearch", query="weather")), say("Sunny.")]},
        helpers={"web_search": [_search_results()]},
    )
    return home.run("Have it searched").session_id


def web_fetch(api: FakeApi, home: ClientHome) -> str:
    """A web page, which a call of its own sums up."""
    with Page(home.folder / "page") as page:
        home.settings({"skipWebFetchPreflight": True})
        home.env["NODE_EXTRA_CA_CERTS"] = str(page.certificate)
        api.script = Plan([use(tool_block("WebFetch", url=page.url, prompt="What is it?")), say("A page.")])
        return home.run("Fetch").session_id


def prompt_hook(api: FakeApi, home: ClientHome) -> str:
    """A hook that asks a model whether the turn is done."""
    home.settings(_stop_hook("prompt"))
    api.script = Plan(echo("one"), helpers={"hook_prompt": [say('{"ok": true}')]})
    return home.run("Say one").session_id


def agent_hook(api: FakeApi, home: ClientHome) -> str:
    """A hook that has an agent look whether the turn is done."""
    home.settings(_stop_hook("agent"))
    verdict = use(tool_block("StructuredOutput", ok=True))
    api.script = Plan(echo("one"), helpers={"hook_agent": [use(bash("echo look")), verdict]})
    return home.run("Say one").session_id


def unsaved(api: FakeApi, home: ClientHome) -> str:
    """A session without a transcript."""
    api.script = Plan(echo("one"))
    return home.run("Say one", "--no-session-persistence").session_id


def _stop_hook(kind: str) -> dict[str, object]:
    hook = {"type": kind, "prompt": "Is it done? $ARGUMENTS"}
    return {"hooks": {"Stop": [{"hooks": [hook]}]}}


def _search_results() -> Reply:
    call = {
        "type": "server_tool_use",
        "id": "srvtoolu_1",
        "name": "web_search",
        "input": {"query": "weather"},
    }
    page = {
        "type": "web_search_result",
        "title": "Weather",
        "url": "https://example.org/",
        "encrypted_content": "eA==",
        "page_age": None,
    }
    found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [page]}
    return use(call, found, {"type": "text", "text": "It is sunny."}, usage={"web_searches": 1})


HIDDEN: tuple[Scenario, ...] = (
    compaction,
    compaction_twice,
    automatic_compaction,
    fork_after_compaction,
    compacted_fork,
    web_search,
    web_search_in_subagent,
    web_fetch,
    prompt_hook,
    agent_hook,
    unsaved,
)
