"""The ledger against what the API billed, token by token, with the hooks that `setup` registered."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.client import scenarios
from tests.support.client.replies import Plan
from tests.support.client.scenarios import VISIBLE, Scenario, echo

if TYPE_CHECKING:
    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome

pytestmark = pytest.mark.client

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("input", "output", "cache_creation", "cache_1h", "cache_read", "thinking", "web_searches")
JSON_NAMES = (
    "input_tokens", "output_tokens", "cache_creation", "cache_creation_1h", "cache_read",
    "thinking_tokens", "web_searches",
)  # fmt: skip


def usage_dashboard(home: ClientHome, *arguments: str, root: Path = ROOT) -> str:
    """Run the command in the client's environment; what it prints."""
    command = [sys.executable, "-m", "usage_dashboard", *arguments]
    env = {**home.env, "PYTHONPATH": str(root)}
    done = subprocess.run(
        command, cwd=home.project, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def billed(api: FakeApi) -> dict[str, int]:
    """What the API charged for, in all."""
    counts = api.by_message().values()
    found = {
        kind: sum(count[kind] for count in counts) for kind in ("input", "output", "thinking", "web_searches")
    }
    found["cache_creation"] = sum(count["write_5m"] + count["write_1h"] for count in counts)
    found["cache_1h"] = sum(count["write_1h"] for count in counts)
    found["cache_read"] = sum(count["read"] for count in counts)
    return {kind: found[kind] for kind in KINDS}


def by_hooks(home: ClientHome) -> dict[str, int]:
    """What the ledger holds, before any command swept the transcripts."""
    names = ("input", "output", "cache_creation", "cache_1h", "cache_read", "thinking", "searches")
    sums = ", ".join(f"COALESCE(SUM({name}), 0)" for name in names)
    db = sqlite3.connect(home.home / ".claude-usage" / "usage.db")
    (values,) = db.execute(f"SELECT {sums} FROM rollup").fetchall()
    db.close()
    return dict(zip(KINDS, values, strict=True))


def reported(home: ClientHome) -> dict[str, Any]:
    """The totals of `report --window all --json`."""
    found: dict[str, Any] = json.loads(usage_dashboard(home, "report", "--window", "all", "--json"))
    return found


@pytest.mark.parametrize("scenario", VISIBLE, ids=lambda scenario: scenario.__name__)
def test_every_billed_token_is_recorded(scenario: Scenario, api: FakeApi, client_home: ClientHome) -> None:
    usage_dashboard(client_home, "setup", "--yes")
    scenario(api, client_home)
    at_once = by_hooks(client_home)
    report = reported(client_home)
    recorded = {kind: report["totals"][name] for kind, name in zip(KINDS, JSON_NAMES, strict=True)}
    print(f"\n{scenario.__name__}\n  billed   {billed(api)}\n  recorded {recorded}")
    assert recorded == billed(api)
    assert at_once == billed(api), "the hooks alone did not record everything"
    assert report["totals"]["calls"] == len(api.by_message())
    labels = report["by_tool"]
    for name in (*JSON_NAMES, "calls"):
        assert sum(label[name] for label in labels) == report["totals"][name], name
    assert not (client_home.home / ".claude-usage" / "faults.log").exists()


def test_an_import_without_hooks_comes_to_the_same(api: FakeApi, client_home: ClientHome) -> None:
    scenarios.two_subagents(api, client_home)
    scenarios.fork(api, client_home)
    usage_dashboard(client_home, "import")
    totals = reported(client_home)["totals"]
    recorded = {kind: totals[name] for kind, name in zip(KINDS, JSON_NAMES, strict=True)}
    assert recorded == billed(api)


def test_a_package_that_vanished_leaves_every_tool_call_running(
    api: FakeApi, client_home: ClientHome
) -> None:
    copy = client_home.folder / "installed"
    for name in ("usage_dashboard", "hooks"):
        shutil.copytree(ROOT / name, copy / name)
    usage_dashboard(client_home, "setup", "--yes", root=copy)
    shutil.rmtree(copy)
    api.script = Plan(echo("still here"))
    run = client_home.run("Say it")
    assert run.exit_code == 0
    assert not run.result["is_error"]
    transcripts = list(client_home.config.rglob("*.jsonl"))
    assert any('"content":"still here"' in path.read_text() for path in transcripts)
    assert len(api.by_message()) == 2
