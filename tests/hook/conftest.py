"""Hooks as Claude Code runs them: a real process, the event on its standard input."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.hook_process import hook_command
from tests.support.hook_scene import Scene

Hook = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def hook() -> Hook:
    """Run a hook on an event (an object, or raw bytes) and wait for it."""

    def run(name: str, event: Any, **settings: Any) -> subprocess.CompletedProcess[bytes]:
        data = event if isinstance(event, bytes) else json.dumps(event).encode()
        return subprocess.run(
            hook_command(name), input=data, capture_output=True, timeout=30, check=False, **settings
        )

    return run


@pytest.fixture
def scene(home: Path) -> Scene:
    """A ledger as hooks meet it."""
    return Scene(home)


def silent(done: subprocess.CompletedProcess[bytes]) -> bool:
    """Whether a hook ended as one with nothing to say."""
    return (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
