"""The home folder of a demo world, made once for a module and lent to its tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from usage_dashboard.cli.demo import world

NOW_US = 1_795_601_640_000_000  # 2026-11-25T10:14:00Z, as the frozen clock has it


@contextmanager
def open_demo_home() -> Iterator[Path]:
    """Make a demo world for the time of the block and give its home folder."""
    with world.demo_home(NOW_US) as folder:
        yield Path(folder)


def lend_demo_home(demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the environment at `demo_home` and a copy of its ledger; return the copy."""
    copy = tmp_path / "ledger"
    shutil.copytree(demo_home / ".claude-usage", copy)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(demo_home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(demo_home / ".claude"))
    monkeypatch.setenv("USAGE_DASHBOARD_HOME", str(copy))
    return copy
