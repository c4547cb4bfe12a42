"""Every test here runs in a home of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.machine import Machine, program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def machine(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The user's machine with a client of today on PATH; its home is the current folder."""
    monkeypatch.chdir(home)
    client = program(tmp_path / "claude" / "versions" / "2.1.332", "exit 1")
    (client.parent / "claude").symlink_to(client)
    monkeypatch.setenv("PATH", os.pathsep.join([str(client.parent), os.environ["PATH"]]))
    return Machine(home)
