"""How long the page takes on a large ledger: `python -m research.benchmarks.web [RESPONSES]`.

First paint is from asking for the address to figures and both charts on the screen of a fresh browser;
a window change is from the choice to the new number and chart. Chromium, headless, each taken five times.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import urllib.request
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.support.browser import CHARTS, browser, choose, dashboard, painted
from usage_dashboard.cli.demo.work import SEED, generate_sessions
from usage_dashboard.cli.demo.world import demo_home, write_session
from usage_dashboard.config import paths
from usage_dashboard.ingest import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = 5
WINDOWS = ("This month", "Last 30 days", "All time", "Today", "This week")


def main() -> None:
    responses = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    now_us = time.time_ns() // 1000
    with demo_home(now_us) as folder:
        found = _work_on(folder, responses, now_us)
        began = time.perf_counter()
        with dashboard() as shown, browser() as opened:
            print(f"{found:,} responses in five weeks, {os.cpu_count()} cores")
            print(f"start of the command    {time.perf_counter() - began:.2f} s")
            _print_times("first paint", [_first(opened, shown.address) for _ in range(TIMES)])
            page = opened.new_page()
            page.goto(shown.address)
            painted(page)
            for name in WINDOWS:
                _print_times(name, [_change(page, name) for _ in range(TIMES)])
            for name in ("week", "all"):
                ask = partial(_answered, f"{shown.address}/usage?window={name}")
                _print_times(f"GET /usage {name}", [_timed(ask) for _ in range(TIMES)])


def _work_on(folder: str, least: int, now_us: int) -> int:
    """Have the demo's user do the work of many, until there are `least` responses or more; how many."""
    found = seed = 0
    while found < least:
        seed += 1
        for session in generate_sessions(now_us, folder, SEED + seed):
            write_session(session, os.path.join(folder, ".claude", "projects"))
            found += len(session.spent)
    sweep.sweep(paths.ledger_home(), now_us)
    return found


def _first(opened: Any, address: str) -> float:
    context = opened.new_context()
    page = context.new_page()

    def look() -> None:
        page.goto(address)
        page.locator("header h1 data").wait_for()
        page.wait_for_function(CHARTS)

    taken = _timed(look)
    context.close()
    return taken


def _change(page: Any, name: str) -> float:
    other = "Last 3 hours"
    choose(page, "Window", other)
    page.wait_for_timeout(1500)
    before = page.locator("header h1 small").text_content() if page.locator("header h1").count() else ""

    def change() -> None:
        choose(page, "Window", name)
        page.wait_for_function(
            "before => { const now = document.querySelector('header h1 small');"
            " return now && now.textContent !== before"
            f" && {CHARTS} }}",
            arg=before,
        )

    return _timed(change)


def _answered(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        found: bytes = answer.read()
        return found


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _print_times(name: str, seconds: list[float]) -> None:
    print(f"{name:<24}median {statistics.median(seconds):.2f} s, most {max(seconds):.2f} s")


if __name__ == "__main__":
    main()
