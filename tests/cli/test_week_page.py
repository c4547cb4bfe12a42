"""What stands on a period's page: bars by kind of token, hints, and what gives way on a low screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import sample_week
from tests.support.command import Page
from tests.support.kept_pages import kept_page
from tests.support.transcripts import response, result, tool_use, usage, write
from usage_dashboard.aggregator import Totals
from usage_dashboard.cli.pages import chart
from usage_dashboard.model.windows import Window, Zone, resolve_window

DAY_US = 86_400_000_000
NOW_US = 1_795_601_640_000_000  # 2026-11-25T10:14:00Z
Configure = Callable[..., None]


def busy_week(project: Path) -> None:
    """Every day since Monday before last has calls of three models in three projects, some of them costly."""
    for number in range(10):
        for place, model in (("shop", "opus-5-5"), ("site", "haiku-5-5"), ("docs", "sonnet-5-5")):
            name = f"{place}-{number}"
            lines = response(
                name,
                tool_use(f"t-{name}", "Read"),
                spent=usage(90, 900, 4000, 0, 400_000),
                at=f"2026-11-{16 + number}T09:00:00.000Z",
                model=f"claude-{model}",
                cwd=f"/home/dev/{place}",
                sessionId=name,
            )
            answer = result(f"t-{name}", "x" * 900, sessionId=name)
            next_one = response(
                f"n-{name}",
                spent=usage(9, 90, 90_000, 0, 40_000),
                at=f"2026-11-{16 + number}T09:10:00.000Z",
                model=f"claude-{model}",
                cwd=f"/home/dev/{place}",
                sessionId=name,
            )
            write(project, [*lines, answer, *next_one], name)


@pytest.mark.parametrize("columns", ["80", "100"])
def test_a_busy_week_fits_a_screen(
    page: Page, project: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    configure(
        usage_threshold_tokens=10_000_000,
        weekly_reset={"weekday": "thursday", "hour": 9, "minute": 46, "zone": "UTC"},
    )
    busy_week(project)
    monkeypatch.setenv("COLUMNS", columns)
    shown = page("week")
    assert shown == kept_page(f"week_busy_{columns}", shown)
    assert len(shown.splitlines()) <= 23
    assert max(map(len, shown.splitlines())) <= int(columns)


def test_the_limit_comes_first_and_says_when_it_resets(
    page: Page, project: Path, configure: Configure
) -> None:
    configure(usage_threshold_tokens=2_000_000)
    sample_week.write_sessions(project)
    first, *_ = shown = page("week").splitlines()
    assert first.startswith("Week ")
    assert sum("resets " in line for line in shown) == 1


def test_a_month_is_drawn_by_days_where_the_screen_is_high(
    page: Page, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy_week(project)
    assert "\nBy week " in page("month")
    monkeypatch.setenv("LINES", "60")
    shown = page("month")
    assert shown == kept_page("month_high", shown)
    assert "\nBy day " in shown


def test_a_day_is_drawn_by_hours_of_the_users_zone(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    shown = page("day", "--last", "1", "--tz", "Europe/Berlin")
    assert shown == kept_page("day_yesterday", shown)
    assert "\n  15\u201318  " in shown


def test_more_columns_make_longer_bars(page: Page, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample_week.write_sessions(project)
    lengths = []
    for columns in ("40", "60", "80", "100"):
        monkeypatch.setenv("COLUMNS", columns)
        lengths.append(max(line.count("░") for line in page("week").splitlines()))
    assert lengths[1] > lengths[0]
    assert lengths[3] > lengths[2]


@given(st.lists(st.integers(0, 10**12), min_size=4, max_size=4).filter(any), st.integers(1, 60))
def test_the_cells_of_a_bar_are_its_length_and_every_kind_has_one_if_there_is_room(
    amounts: list[int], size: int
) -> None:
    parts = chart.share_cells(amounts, size)
    assert sum(parts) == size
    assert all(amount or not part for amount, part in zip(amounts, parts, strict=True))
    if size >= len(amounts):
        assert all(part or not amount for amount, part in zip(amounts, parts, strict=True))


def test_kinds_differ_by_their_characters_even_where_there_is_only_ascii(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    (bar,) = (line for line in page("week", charset="ascii").splitlines() if "Wed 25" in line)
    assert "|#-........" in bar


@pytest.mark.parametrize(
    ("days", "most", "title", "first", "last"),
    [
        (7, 8, "By day", "Thu 19", "Wed 25"),
        (40, 50, "By day", "Oct 17", "Nov 25"),
        (40, 8, "By week", "Oct 17 \u2013 18", "Nov 23 \u2013 25"),
        (120, 8, "By month", "Jul 2026", "Nov 2026"),
        (3000, 9, "By year", "2018", "2026"),
        (9000, 9, "By year", "2002", "2026"),
    ],
)
def test_a_stretch_is_drawn_by_what_fits(days: int, most: int, title: str, first: str, last: str) -> None:
    window = Window("custom", NOW_US - (days - 1) * DAY_US, NOW_US + DAY_US)
    found = {(date(2026, 11, 25) - timedelta(days=days - 1)).isoformat(): Totals()}
    drawn, stretches = chart.split_days(window, Zone("UTC"), NOW_US, found, most)
    assert (drawn, stretches[0][0], stretches[-1][0]) == (title, first, last)
    assert len([key for _, keys in stretches for key in keys]) == days


def test_dates_that_the_user_gave_are_drawn_from_the_first_record_on() -> None:
    window = Window("custom", 0, None)
    _, stretches = chart.split_days(window, Zone("UTC"), NOW_US, {"2026-11-24": Totals()}, 8)
    assert [name for name, _ in stretches] == ["Tue 24", "Wed 25"]


def test_a_week_is_drawn_from_its_first_day_on() -> None:
    window = resolve_window("week", NOW_US, Zone("UTC"))
    _, stretches = chart.split_days(window, Zone("UTC"), NOW_US, {"2026-11-25": Totals()}, 8)
    assert [name for name, _ in stretches] == ["Mon 23", "Tue 24", "Wed 25"]


@pytest.mark.parametrize(
    ("calls", "tip"),
    [
        ([{}], None),
        (
            [{"spent": usage(900_000, 10, read=2_000_000)}],
            "31.0% of the prompts was fresh input at full price",
        ),
        ([{"spent": usage(9, 10, 900_000, read=1_000_000)}], "only 52.6% of the prompts came from the cache"),
        ([{"spent": usage(300, 10, 90, read=500)}], None),
    ],
)
def test_a_tip_where_the_figures_suggest_one(
    page: Page, project: Path, calls: list[dict[str, Any]], tip: str | None
) -> None:
    for number, fields in enumerate(calls):
        write(project, response(f"m{number}", at="2026-11-25T09:00:00.000Z", **fields), str(number))
    shown = page("week")
    assert shown.count("tip: ") == (tip is not None)
    assert tip is None or f"\ntip: {tip}" in shown


@pytest.mark.parametrize(
    ("words", "end"),
    [(("week",), ": `report --window week --filter tool=Read`\n"), (("week", "--last", "1"), "\n")],
)
def test_a_costly_tool_is_named_with_what_looks_closer(
    page: Page, project: Path, words: tuple[str, ...], end: str
) -> None:
    busy_week(project)
    (tip,) = (line for line in page(*words).splitlines(keepends=True) if line.startswith("tip: "))
    assert tip.startswith("tip: Read took ")
    assert tip.endswith(f" of the cost{end}")


def test_background_is_a_share_once_it_is_known(page: Page, project: Path) -> None:
    session = "0020248b-fd95-4d67-a568-2e276c5cc993"
    lines = response("m1", spent=usage(10, 100, read=2_000_000), at="2026-11-25T09:00:00.000Z")
    spent_in_all = {
        "inputTokens": 10, "outputTokens": 100, "cacheReadInputTokens": 3_000_000, "costUSD": 1,
        "cacheCreationInputTokens": 0,
    }  # fmt: skip
    counted = {"modelUsage": {"claude-opus-5-5": spent_in_all}, "startTime": 1_795_597_200_000}
    state = {"type": "cost-state", "sessionId": session, "totalDuration": 9, **counted}
    write(project, [*lines, state])
    shown = page("week")
    assert "background 33.3%\n" in shown
    assert "\ntip: background calls (compaction, web searches) took 33.3% of the tokens\n" in shown
    write(project, response("n1", spent=usage(10, 100), at="2026-11-25T09:30:00.000Z", sessionId="n"), "n")
    assert "background 33.3% (1 session unknown)\n" in page("week")


def test_versions_of_models_are_shown_where_that_is_asked_for(page: Page, project: Path) -> None:
    for number, model in enumerate(("opus-5-5", "opus-5")):
        lines = response(f"m{number}", at="2026-11-25T09:00:00.000Z", model=f"claude-{model}")
        write(project, lines, str(number))
    assert "  Opus    " in page("week")
    shown = page("week", "--breakdown")
    assert "  opus-5  " in shown
    assert "  opus-5-5  " in shown
