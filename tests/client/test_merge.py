"""The real client's work on two machines: their ledgers, merged, hold what the API billed for both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.client.test_exactness import JSON_NAMES, KINDS, ROOT, billed
from tests.support.client import hidden_calls, scenarios

if TYPE_CHECKING:
    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome

pytestmark = pytest.mark.client


def machine(folder: Path, transcripts: list[Path], config: Path) -> Path:
    """The home of a machine that has some of the transcripts below `config`."""
    for path in transcripts:
        copy = folder / ".claude" / path.relative_to(config)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    usage_dashboard(folder, "import")
    return folder


def usage_dashboard(home: Path, *arguments: str) -> str:
    """What the command prints on the machine of `home`."""
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "usage_dashboard", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("share", ["every other file", "some files on both"])
def test_two_machines_come_to_what_was_billed(
    api: FakeApi, client_home: ClientHome, tmp_path: Path, share: str
) -> None:
    scenarios.two_subagents(api, client_home)
    hidden_calls.fork_after_compaction(api, client_home)
    files = sorted(client_home.config.rglob("*.jsonl"))
    both = files[::3] if share == "some files on both" else []
    left = machine(tmp_path / "left", [*files[::2], *both], client_home.config)
    right = machine(tmp_path / "right", [*files[1::2], *both], client_home.config)
    said = [usage_dashboard(left, "merge", str(right / ".claude-usage")) for _ in range(2)]
    assert said[1] == "Nothing is new in the ledger\n" != said[0]
    totals = json.loads(usage_dashboard(left, "report", "--window", "all", "--json", "--no-sweep"))["totals"]
    recorded = {kind: totals[name] for kind, name in zip(KINDS, JSON_NAMES, strict=True)}
    assert recorded == billed(api)
