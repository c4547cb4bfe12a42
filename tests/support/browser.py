"""The dashboard as a process of its own, and a real browser that looks at it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.client.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
ENDED_SECONDS = 15
CHARTS = "document.querySelectorAll('[data-testid=stVegaLiteChart] svg').length >= 2"
"""What is true of a page once both of its charts are drawn."""


class Dashboard:
    """A running `usage-dashboard ui`: its process and its address."""

    def __init__(self, process: subprocess.Popen[str], said: list[str]) -> None:
        self.process = process
        self.said = said
        self.address = next(word for line in said for word in line.split(";")[0].split() if "://" in word)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """(exit code, what it said on standard error) after a signal."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=ENDED_SECONDS)
        return self.process.returncode, errors


@contextlib.contextmanager
def dashboard(*words: str) -> Iterator[Dashboard]:
    """A running dashboard on a free port; nothing of it is left afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "usage_dashboard", "ui", "--no-browser", *(words or ("--port", "0"))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line.strip())
            if "://" in line:
                break
        yield Dashboard(process, said)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """A real browser that talks to nobody of its own accord; the test is skipped where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with api.sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield opened
        opened.close()


def painted(page: Any) -> None:
    """Wait until the page shows its figures, or its sentence, and nothing is under way."""
    page.wait_for_selector("footer", timeout=20_000)
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')", timeout=20_000)


def total(page: Any) -> int:
    """The number at the top of the page, with all of its digits."""
    return int(page.locator("header h1 data").get_attribute("value"))


def choose(page: Any, label: str, option: str) -> None:
    """Choose, by keyboard alone, the option that has these words."""
    from playwright.sync_api import TimeoutError as Late

    field = page.get_by_role("combobox", name=label)
    found = page.get_by_role("option", name=option).first

    def taken() -> bool:
        """A page that is just being drawn anew takes no notice of the keys: then they are pressed again."""
        field.fill("")
        field.fill(option)
        try:
            found.wait_for(timeout=1000)
            field.press("Enter")
            found.wait_for(state="hidden", timeout=1000)
        except Late:
            return False
        return True

    wait_until(taken, f"`{option}` to be chosen")


def shows(page: Any, count: int) -> None:
    """Wait until `count` is the number at the top of the page."""
    wait_until(
        lambda: page.locator("header h1 data").count() == 1 and total(page) == count, f"{count} tokens"
    )


def corrupt(ledger: Path) -> None:
    """Leave something in the ledger's place that is none."""
    ledger.mkdir(mode=0o700, exist_ok=True)
    (ledger / "usage.db").write_bytes(b"no ledger at all" * 512)
