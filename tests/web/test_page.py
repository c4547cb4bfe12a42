"""The page in a real browser: the same totals as everywhere, by keyboard, on a phone, without other hosts."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import recent_usage
from tests.support.browser import CHARTS, Dashboard, browser, choose, dashboard, painted, shows, total
from tests.support.transcripts import SESSION


@pytest.fixture
def shown(project: Path) -> Iterator[Dashboard]:
    """A dashboard over a little use."""
    recent_usage.write_sessions(project)
    with dashboard() as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser for all tests of this file."""
    with browser() as opened:
        yield opened


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page of a fresh browser context."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def answered(shown: Dashboard, query: str = "") -> Any:
    with urllib.request.urlopen(f"{shown.address}/usage{query}", timeout=20) as answer:
        return json.load(answer)


def test_the_totals_are_those_of_the_route_and_of_the_command(page: Any, shown: Dashboard) -> None:
    page.goto(shown.address)
    painted(page)
    totals = answered(shown)["totals"]
    assert totals == recent_usage.json_of_command("week")["totals"]
    assert total(page) == totals["total_tokens"] == recent_usage.RECENT_TOKENS
    names = ("input_tokens", "output_tokens", "cache_creation", "cache_read")
    figures = [int(data.get_attribute("value")) for data in page.locator("dl.figures data").all()]
    assert figures[:4] == [totals[name] for name in names]
    assert figures[4] == round(totals["cost_estimate_usd"] * 1e9)


def test_another_window_shows_its_totals_and_is_in_the_address(page: Any, shown: Dashboard) -> None:
    page.goto(shown.address)
    painted(page)
    choose(page, "Window", "All time")
    shows(page, recent_usage.RECENT_TOKENS + recent_usage.OLD_TOKENS)
    assert answered(shown, "?window=all")["totals"]["total_tokens"] == total(page)
    page.wait_for_url("**/?window=all")
    page.reload()
    painted(page)
    assert total(page) == recent_usage.RECENT_TOKENS + recent_usage.OLD_TOKENS
    choose(page, "Window", "This week")
    shows(page, recent_usage.RECENT_TOKENS)


def test_going_back_shows_the_previous_window(page: Any, shown: Dashboard) -> None:
    page.goto(f"{shown.address}/?window=all")
    painted(page)
    choose(page, "Window", "Today")
    page.wait_for_url("**/?window=day")
    page.go_back()
    shows(page, recent_usage.RECENT_TOKENS + recent_usage.OLD_TOKENS)


def test_filters_narrow_the_page_and_are_in_the_address(page: Any, shown: Dashboard) -> None:
    page.goto(f"{shown.address}/?window=all")
    painted(page)
    page.get_by_role("button", name="Filters").press("Enter")
    choose(page, "Project", "website")
    shows(page, recent_usage.OLD_TOKENS)
    assert "project=website" in page.url
    assert "window=all" in page.url


@pytest.mark.parametrize(
    ("used", "color", "words"),
    [
        (49, "rgb(94, 140, 97)", "plenty left"),
        (50, "rgb(199, 154, 43)", "half used"),
        (80, "rgb(217, 112, 47)", "running low"),
        (95, "rgb(217, 112, 47)", "running low"),
        (96, "rgb(196, 67, 47)", "nearly used up"),
    ],
)
def test_the_ring_has_its_color_and_says_it_in_words(
    page: Any, project: Path, ledger: Path, used: int, color: str, words: str
) -> None:
    recent_usage.write_sessions(project)
    recent_usage.record_percentage(ledger, used)
    with dashboard() as running:
        page.goto(running.address)
        painted(page)
        ring = page.get_by_role("img", name=f"Week: {used}% used, {words}")
        assert ring.text_content() == f"{used}%"
        drawn = ring.evaluate("ring => getComputedStyle(ring, '::before').backgroundImage")
        assert color in drawn
        assert page.locator(".word").text_content().lower() == words


def test_a_session_can_be_opened_by_keyboard(page: Any, shown: Dashboard) -> None:
    page.goto(shown.address)
    painted(page)
    choose(page, "Look into a session", SESSION[:8])
    detail = page.get_by_role("region", name=f"Session {SESSION}")
    detail.wait_for()
    assert "Read" in detail.text_content()
    page.wait_for_url(f"**/?session={SESSION}")


def test_everything_has_an_accessible_name(page: Any, shown: Dashboard) -> None:
    page.goto(shown.address)
    painted(page)
    assert page.get_by_role("heading", level=1).count() == 1
    for caption in ("By agent", "By model", "By project", "By channel", "By tool", "Sessions"):
        assert page.get_by_role("table", name=caption).count() == 1
    page.wait_for_function(CHARTS)
    charts = page.locator("[data-testid=stVegaLiteChart]")
    labels = [chart.get_attribute("aria-label") for chart in charts.all()]
    assert [label.split(":")[0] for label in labels] == ["Tokens by day, the last 30 days", "Tokens by day"]
    for control in page.locator("input:visible, button:visible").all():
        named = control.evaluate("c => c.getAttribute('aria-label') || c.textContent.trim() || c.title")
        assert named, control.evaluate("c => c.outerHTML")


def test_the_keyboard_reaches_the_window_the_filters_and_the_session(page: Any, shown: Dashboard) -> None:
    page.goto(shown.address)
    painted(page)
    reached = []
    for _ in range(25):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent.trim()")
        )
    order = [
        next(at for at, name in enumerate(reached) if name.startswith(wanted))
        for wanted in ("Window", "Filters", "By agent", "Look into a session")
    ]
    assert order == sorted(order)


def test_a_phone_shows_everything_without_scrolling_sideways(page: Any, shown: Dashboard) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(shown.address)
    painted(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = "els => els.filter(e => e.getBoundingClientRect().right > 391).length"
    for part in ("h1", ".allowance", ".figures div", ".card", "[data-testid=stVegaLiteChart]", "footer"):
        assert page.locator(part).evaluate_all(wide) == 0, part
    choose(page, "Window", "All time")
    shows(page, recent_usage.RECENT_TOKENS + recent_usage.OLD_TOKENS)


@pytest.mark.parametrize(
    ("scheme", "background"), [("light", "rgb(250, 249, 245)"), ("dark", "rgb(31, 30, 28)")]
)
def test_it_follows_the_light_and_dark_preference(
    chromium: Any, shown: Dashboard, scheme: Any, background: str
) -> None:
    context = chromium.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(shown.address)
    painted(page)
    app = page.locator("[data-testid=stApp]")
    assert app.evaluate("app => getComputedStyle(app).backgroundColor") == background
    context.close()


def test_the_page_requests_nothing_but_its_own_server(page: Any, shown: Dashboard) -> None:
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url.replace("ws:", "http:")))
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.on("console", lambda said: failed.append(said.text) if said.type == "error" else None)
    page.goto(f"{shown.address}/?session={SESSION}")
    painted(page)
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("combobox", name="Project").wait_for()
    foreign = [url for url in asked if not url.startswith((shown.address, "data:", "blob:"))]
    assert (foreign, failed) == ([], [])
    assert len(asked) > 10
