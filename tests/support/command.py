"""The command line in this process, on a frozen clock: Wednesday 2026-11-25, 10:14 UTC."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from freezegun import freeze_time

from tests.support.demo_home import lend_demo_home, open_demo_home
from usage_dashboard.cli.main import cli

NOW = "2026-11-25T10:14:00Z"

Ask = Callable[..., Result]
AskJson = Callable[..., Any]
Page = Callable[..., str]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The time, and a screen of 80 columns and 24 lines."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    with freeze_time(NOW):
        yield


@pytest.fixture(scope="module")
def world() -> Iterator[Path]:
    """The home folder of the made-up world of `demo`, made once for a module."""
    with open_demo_home() as folder:
        yield folder


@pytest.fixture
def lent(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The made-up world as this test's own, with a copy of the ledger, which is returned."""
    return lend_demo_home(world, tmp_path, monkeypatch)


@pytest.fixture
def ask() -> Ask:
    """Call `usage-dashboard WORDS`."""

    def call(*words: str, charset: str = "utf-8") -> Result:
        return CliRunner(charset=charset).invoke(
            cli, words, prog_name="usage-dashboard", catch_exceptions=False
        )

    return call


@pytest.fixture
def page(ask: Ask) -> Page:
    """What a command that ends well printed."""

    def call(*words: str, charset: str = "utf-8") -> str:
        done = ask(*words, charset=charset)
        assert (done.exit_code, done.stderr) == (0, ""), done.output
        return done.stdout

    return call


@pytest.fixture
def document(page: Page) -> AskJson:
    """The JSON that a command printed."""
    return lambda *words: json.loads(page(*words, "--json"))


@pytest.fixture
def configure(ledger: Path) -> Callable[..., None]:
    """Write settings."""

    def write(**settings: object) -> None:
        ledger.mkdir(mode=0o700, exist_ok=True)
        (ledger / "config.json").write_text(json.dumps(settings))

    return write
