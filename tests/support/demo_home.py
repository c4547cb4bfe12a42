"""The world of `demo`, made once for a module and lent to its tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from usage_dashboard.cli.demo import world

NOW_US = 1_795_601_640_000_000  # 2026-11-25T10:14:00Z, as the frozen clock has it


@contextmanager
def made() -> Iterator[Path]:
    """The home folder of a made-up world."""
    with world.world(NOW_US) as folder:
        yield Path(folder)


def lend(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the test take the world at `made` for its own, with a copy of the ledger, which is returned."""
    copy = tmp_path / "ledger"
    shutil.copytree(made / ".claude-usage", copy)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(made))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(made / ".claude"))
    monkeypatch.setenv("USAGE_DASHBOARD_HOME", str(copy))
    return copy
