"""Scenarios in which something around the session is unusual: its folders, its tools, its neighbours."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.client.replies import Plan
from tests.support.client.scenarios import Scenario, bash, echo, subagent
from tests.support.client.sse import say, tool_block, use

if TYPE_CHECKING:
    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome

_SKILL = """---
name: greet
description: Greets
{options}---
Greet with a command.
"""


def odd_project_path(api: FakeApi, home: ClientHome) -> str:
    """A project folder with spaces, dots and letters beyond ASCII in its path."""
    home.work_in("my prøjects/日本語 v1.2 'x'")
    return subagent(api, home)


def long_project_path(api: FakeApi, home: ClientHome) -> str:
    """A project folder whose path is longer than the client's folder names may be."""
    home.work_in("/".join(["a-long-folder-name-" + "x" * 30] * 5))
    return subagent(api, home)


def moved_config(api: FakeApi, home: ClientHome) -> str:
    """A config folder that is not `~/.claude`."""
    home.move_config("else where/konfig")
    return subagent(api, home)


def moved_while_away(api: FakeApi, home: ClientHome) -> str:
    """A config folder that moves, transcripts and all, between a session and its resume."""
    session = subagent(api, home)
    home.move_config("else where/konfig")
    api.script = Plan(echo("two"))
    return home.run("Say two", resume=session).session_id


def changed_folder(api: FakeApi, home: ClientHome) -> str:
    """A session whose commands change the working folder."""
    (home.project / "below").mkdir()
    api.script = Plan([use(bash("cd below && pwd")), use(bash("echo one")), say("Moved.")])
    return home.run("Move").session_id


def git_worktree(api: FakeApi, home: ClientHome) -> str:
    """A session in a worktree of a repository."""
    api.script = Plan(echo("one"))
    home.git("init", "-q", "-b", "main")
    home.git("commit", "-q", "--allow-empty", "-m", "Start")
    home.git("worktree", "add", "-q", "../tree", "-b", "side")
    home.work_in("tree")
    return home.run("Say one").session_id


def million_context(api: FakeApi, home: ClientHome) -> str:
    """A model id that ends in `[1m]`."""
    api.script = Plan(echo("one"))
    return home.run("Say one", "--model", "claude-sonnet-4-5[1m]").session_id


def mcp_tool(api: FakeApi, home: ClientHome) -> str:
    """A tool of an MCP server, once with success and once without."""
    server = {"command": sys.executable, "args": [str(Path(__file__).with_name("mcp.py"))]}
    config = json.dumps({"mcpServers": {"greeter": server}})
    calls = (tool_block("mcp__greeter__greet", name="you"), tool_block("mcp__greeter__greet", name=""))
    api.script = Plan([use(*calls), say("Greeted.")])
    return home.run("Greet", "--mcp-config", config, env={"ENABLE_TOOL_SEARCH": "false"}).session_id


def skill(api: FakeApi, home: ClientHome) -> str:
    """A skill that the model calls, and one command on its behalf."""
    _write_skill(home, "")
    api.script = Plan([use(tool_block("Skill", skill="greet")), *echo("one")])
    return home.run("Greet").session_id


def forked_skill(api: FakeApi, home: ClientHome) -> str:
    """A skill that runs in an agent of its own."""
    _write_skill(home, "context: fork\n")
    api.script = Plan(
        [use(tool_block("Skill", skill="greet")), say("Greeted.")], agents={"Greet with": echo("one")}
    )
    return home.run("Greet").session_id


def two_at_once(api: FakeApi, home: ClientHome) -> str:
    """Two sessions of one project side by side."""
    api.script = Plan([reply for word in ("one", "two", "three") for reply in echo(word)])
    with home.start("Say one") as one, home.start("Say two") as two:
        one.finish()
        return two.finish().session_id


def _write_skill(home: ClientHome, options: str) -> None:
    path = home.project / ".claude/skills/greet/SKILL.md"
    path.parent.mkdir(parents=True)
    path.write_text(_SKILL.format(options=options), encoding="utf-8")


SURROUNDINGS: tuple[Scenario, ...] = (
    odd_project_path,
    long_project_path,
    moved_config,
    moved_while_away,
    changed_folder,
    git_worktree,
    million_context,
    mcp_tool,
    skill,
    forked_skill,
    two_at_once,
)
