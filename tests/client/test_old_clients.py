"""Old clients after `setup`: the user's own settings stay in force, and what can be seen is counted."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING

import pytest

from tests.client.test_exactness import JSON_NAMES, KINDS, billed, by_hooks, reported, usage_dashboard
from tests.support.client.home import old_script
from tests.support.client.scenarios import bash
from tests.support.client.sse import say, tool_block, use
from usage_dashboard.install import hook_entries

if TYPE_CHECKING:
    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome
    from tests.support.client.request import Request
    from tests.support.client.sse import Reply

pytestmark = pytest.mark.client

# 2.0.76 takes no `model` from settings under `-p`; both take it from this variable.
MODEL = "claude-in-force"
PROMPT = "Look into the note and touch the file"
OWN = {"permissions": {"deny": ["Bash"]}, "env": {"ANTHROPIC_MODEL": MODEL}}


@pytest.fixture(params=["2.0.76", "2.1.87"])
def old_home(request: pytest.FixtureRequest, client_home: ClientHome) -> ClientHome:
    """A home with an old client and settings of the user's own."""
    client_home.install(old_script(request.param))
    client_home.settings(OWN)
    return client_home


def work(api: FakeApi, home: ClientHome) -> bool:
    """Have the model read a file and try a command; whether the command ran."""
    (home.project / "note.txt").write_text("note\n")
    read = tool_block("Read", file_path=str(home.project / "note.txt"))
    turn = deque([use(read), use(bash("touch ran")), say("Done.")])

    def reply(request: Request) -> Reply:
        # A denied tool is not offered, and these clients do not say who asks: the prompt does.
        return turn.popleft() if PROMPT in str(request.messages) and turn else say("Ready.")

    api.script = reply
    home.run(PROMPT)
    assert not turn
    return (home.project / "ran").exists()


def models(api: FakeApi) -> set[str]:
    """The models that were asked for."""
    return {call.model for call in api.billed}


def test_denied_tools_stay_denied_and_every_call_is_recorded(api: FakeApi, old_home: ClientHome) -> None:
    said = usage_dashboard(old_home, "setup", "--yes")
    assert "PostToolBatch" in said
    assert not work(api, old_home)
    assert MODEL in models(api)
    report = reported(old_home)["totals"]
    assert report["calls"] == len(api.billed)
    # These clients write no thinking tokens.
    counts = {kind: report[name] for kind, name in zip(KINDS, JSON_NAMES, strict=True) if kind != "thinking"}
    assert counts == {kind: count for kind, count in billed(api).items() if kind != "thinking"}
    assert by_hooks(old_home)["output"] > 0, "the hooks recorded nothing"
    assert not (old_home.home / ".claude-usage" / "faults.log").exists()


def test_one_event_too_many_would_cost_all_of_it(api: FakeApi, old_home: ClientHome) -> None:
    usage_dashboard(old_home, "setup", "--yes")
    path = old_home.config / "settings.json"
    settings = json.loads(path.read_text())
    settings["hooks"]["PostToolBatch"] = settings["hooks"]["PostToolUse"]
    path.write_text(json.dumps(settings))
    assert len(hook_entries.registered_hooks(settings)) > 0
    assert work(api, old_home)
    assert MODEL not in models(api)
