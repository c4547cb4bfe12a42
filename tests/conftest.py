"""Every test has a home of its own and none of the caller's Claude Code, proxy or zone settings."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import hypothesis
import pytest

FOREIGN = ("CLAUDE", "ANTHROPIC", "XDG_", "USAGE_DASHBOARD", "OTEL_", "DAILY_BUDGET", "MONTHLY_BUDGET")
KEPT = ("USAGE_DASHBOARD_TEST_CLAUDE",)

# Who starts the tests in the background makes them deaf to SIGINT, and with them all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's home folder of the test."""
    for name in list(os.environ):
        if name.startswith(FOREIGN) and name not in KEPT:
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    return folder


@pytest.fixture
def ledger(home: Path) -> Path:
    """The folder of the test's ledger, where the product would make it."""
    return home / ".claude-usage"


@pytest.fixture
def project(home: Path) -> Path:
    """The folder of one project's transcripts."""
    folder = home / ".claude" / "projects" / "-home-dev-shop"
    folder.mkdir(parents=True)
    return folder
