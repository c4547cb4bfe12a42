"""The pictures of the README, from the demo's ledger: `python -m research.screenshots`, into docs/images/."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.browser import CHARTS, browser, dashboard, painted
from usage_dashboard.cli.demo.world import demo_home

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

FOLDER = Path(__file__).parents[1] / "docs" / "images"
MOST_BYTES = 200_000
WIDE, PHONE = (1200, 1000), (390, 844)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo_home(time.time_ns() // 1000), dashboard() as shown, browser() as opened:
        week = f"{shown.address}/?window=7D"
        _take(opened, week, "page-light", "light", WIDE)
        _take(opened, week, "page-dark", "dark", WIDE)
        _take(opened, week, "page-phone", "light", PHONE)
        with urllib.request.urlopen(f"{shown.address}/usage?window=7D") as answer:
            session = json.load(answer)["by_session"][0]["session"]
        _take(opened, f"{week}&session={session}", "page-session", "light", WIDE, _to_the_session)


def _to_the_session(page: Page) -> None:
    page.locator(".session").evaluate("it => it.scrollIntoView()")


def _take(
    opened: Any,
    address: str,
    name: str,
    scheme: str,
    size: tuple[int, int],
    first: Callable[[Page], None] = painted,
) -> None:
    width, height = size
    context = opened.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    painted(page)
    page.wait_for_function(CHARTS)
    first(page)
    page.wait_for_timeout(1000)  # what Streamlit fades in
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    context.close()
    taken = path.stat().st_size
    print(f"{path.name}: {taken // 1000} kB")
    if taken > MOST_BYTES:
        raise SystemExit(f"{path.name} has more than {MOST_BYTES // 1000} kB")


if __name__ == "__main__":
    main()
