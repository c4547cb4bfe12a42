"""Every test here runs in a home of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.machine import Machine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def machine(home: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The user's machine; its home is the current folder."""
    monkeypatch.chdir(home)
    return Machine(home)
