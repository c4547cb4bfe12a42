"""The page's script without a browser: what it shows of a ledger in every state."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.support import sample_week
from tests.support.browser import corrupt
from tests.support.command import configure
from tests.support.transcripts import OTHER, response, usage, write
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.limits.current import record_readings
from usage_dashboard.model.events import Reading
from usage_dashboard.web import cache

__all__ = ["configure"]

SCRIPT = Path(cache.__file__).with_name("app.py")
NOW_US = 1_795_601_640_000_000  # 2026-11-25T10:14:00Z
RESETS_US = NOW_US + 47 * 3_600_000_000

Look = Callable[..., Any]


@pytest.fixture
def look(ledger: Path) -> Iterator[Look]:
    """Run the script on Wednesday 2026-11-25, 10:14 UTC."""
    over = cache.LedgerCache(str(ledger), lambda: NOW_US)
    seen = pytest.MonkeyPatch()
    seen.setattr(cache, "shared_cache", lambda _home: over)
    seen.setattr(cache, "WAIT_SECONDS", 0.05)

    def run(**asked: str) -> AppTest:
        found = AppTest.from_file(SCRIPT, default_timeout=30)
        for key, value in asked.items():
            found.query_params[key] = value
        found.run()
        assert not found.exception, found.exception
        return found

    yield run
    seen.undo()


def html(found: AppTest) -> str:
    return "\n".join(element.proto.body for element in found.get("html"))


def tell(ledger: Path, used: float, window: str = "seven_day") -> None:
    """Record a percentage that Claude Code reports."""
    reading = Reading(window, round(used * 1000), RESETS_US, NOW_US, "statusline")
    record_readings(str(ledger), os.path.realpath(ledger.parent / ".claude"), [reading], NOW_US)


def test_the_week_has_its_number_its_figures_and_its_tables(look: Look, project: Path) -> None:
    sample_week.write_sessions(project)
    page = html(look())
    for text in ("1.3M", "tokens this week", "Cost estimate", "Cache hit rate", "Saved by the cache"):
        assert text in page
    for caption in ("By agent", "By model", "By project", "By channel", "By tool", "Sessions"):
        assert f"<caption>{caption}</caption>" in page
    assert page.index(">main<") < page.index(">Explore<")


def test_the_window_and_the_filters_are_those_of_the_address(look: Look, project: Path) -> None:
    sample_week.write_sessions(project)
    found = look(window="day", project="website")
    assert (found.selectbox(key="window").value, found.selectbox(key="project").value) == ("day", "website")
    assert "tokens today" in html(found)
    assert ">shop<" not in html(found)


def test_a_choice_is_in_the_address_and_the_default_is_not(look: Look, project: Path) -> None:
    sample_week.write_sessions(project)
    found = look()
    found.selectbox(key="window").select("all").run()
    assert found.query_params["window"] == "all"
    found.selectbox(key="project").select("shop").run()
    assert (found.query_params["project"], found.selectbox(key="window").value) == ("shop", "all")
    found.selectbox(key="window").select("week").run()
    assert "window" not in found.query_params


def test_an_unknown_window_in_the_address_shows_the_week(look: Look, project: Path) -> None:
    sample_week.write_sessions(project)
    found = look(window="<script>")
    assert (found.selectbox(key="window").value, "window" in found.query_params) == ("week", False)


def test_names_from_the_address_and_the_ledger_are_escaped(look: Look, project: Path) -> None:
    write(project, response("m1", at="2026-11-25T09:00:00.000Z", model="<b>model</b>"))
    page = html(look())
    assert "&lt;b&gt;model" in page
    assert "<b>model" not in page
    assert "<img" not in html(look(project="<img src=x>"))


def test_a_session_can_be_opened(look: Look, project: Path) -> None:
    sample_week.write_sessions(project)
    found = look(session=sample_week.SHOP)
    page = html(found)
    assert found.selectbox(key="session").value == sample_week.SHOP
    assert f'aria-label="Session {sample_week.SHOP}"' in page
    assert "mcp__github__search" in page


@pytest.mark.parametrize(
    ("used", "level", "words"),
    [
        (49, "green", "Plenty left"),
        (50, "yellow", "Half used"),
        (80, "orange", "Running low"),
        (95, "orange", "Running low"),
        (96, "red", "Nearly used up"),
        (100, "red", "Used up"),
    ],
)
def test_a_limit_has_a_color_and_a_word(
    look: Look, ledger: Path, project: Path, used: int, level: str, words: str
) -> None:
    sample_week.write_sessions(project)
    sweep(str(ledger), NOW_US)
    tell(ledger, used)
    page = html(look())
    assert f'class="ring {level}"' in page
    assert f'aria-label="Week: {used}% used, {words.lower()}"' in page
    assert f'<p class="word {level}">{words}</p>' in page
    assert "from the status line" in page


def test_without_an_official_percentage_the_ring_is_of_the_users_cap(
    look: Look, project: Path, configure: Callable[..., None]
) -> None:
    write(project, response("m1", spent=usage(0, 850), at="2026-11-25T09:00:00.000Z"))
    configure(usage_threshold_tokens=1000)
    page = html(look())
    assert 'class="ring orange"' in page
    assert "estimate against your own cap" in page


def test_without_a_percentage_and_a_cap_there_is_no_ring(look: Look, project: Path) -> None:
    sample_week.write_sessions(project)
    page = html(look())
    assert 'class="ring' not in page
    assert "no cap is set" in page


def test_without_a_ledger_it_says_how_to_begin(look: Look) -> None:
    page = html(look())
    assert "<h1>No data recorded</h1>" in page
    assert "usage-dashboard setup" in page


def test_an_empty_ledger_says_so(look: Look, ledger: Path, configure: Callable[..., None]) -> None:
    configure(roots=["/nowhere"])
    page = html(look())
    assert "<h1>No data recorded yet</h1>" in page


def test_a_window_without_use_says_so(look: Look, project: Path) -> None:
    write(project, response("m1", at="2026-11-02T09:00:00.000Z"))
    assert "<h1>No data recorded this week</h1>" in html(look())
    assert "that the filters let through" in html(look(window="all", project="other"))


def test_a_corrupt_ledger_says_so(look: Look, ledger: Path) -> None:
    corrupt(ledger)
    page = html(look())
    assert "cannot be read as a ledger" in page
    assert "usage-dashboard doctor" in page


def test_settings_that_cannot_be_used_are_named(look: Look, configure: Callable[..., None]) -> None:
    configure(timezone="Nowhere/Land")
    assert "names no known time zone" in html(look())


def test_while_another_program_writes_the_page_shows_what_is_known(
    look: Look, ledger: Path, project: Path
) -> None:
    sample_week.write_sessions(project)
    sweep(str(ledger), NOW_US)
    write(project, response("new"), session=OTHER)
    holder = sqlite3.connect(ledger / "usage.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    page = html(look())
    holder.close()
    assert "1.3M" in page
    assert "Another program has locked the ledger" in page


def test_a_ledger_that_nobody_can_read_says_so(look: Look, ledger: Path, project: Path) -> None:
    sample_week.write_sessions(project)
    sweep(str(ledger), NOW_US)
    holder = sqlite3.connect(ledger / "usage.db", isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    page = html(look())
    holder.close()
    assert "nothing can be read for now" in page


def test_a_model_without_a_price_has_no_cost(look: Look, project: Path) -> None:
    write(project, response("m1", at="2026-11-25T09:00:00.000Z", model="claude-unheard-of-9"))
    page = html(look())
    assert "No price is known for claude-unheard-of-9" in page
    assert "<dt>Cost estimate</dt><dd><span>unknown</span>" in page
    assert "$0" not in page
