"""Windows of time, against a calendar worked out another way, in zones that make it hard."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from usage_dashboard.model.windows import (
    HOUR_US,
    MONDAY_US,
    NAMES,
    ROLLING,
    WEEK_US,
    WEEKDAYS,
    Window,
    Zone,
    resolve_window,
    week_window,
)

if TYPE_CHECKING:
    from usage_dashboard.model.windows import WeeklyReset

calm = settings(deadline=None)

MINUTE_US = 60_000_000
DAY_US = 86_400_000_000
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe",
    "America/St_Johns", "America/Santiago", "Pacific/Kiritimati",
)  # fmt: skip
FIRST_US = 1_735_689_600_000_000  # 2025-01-01T00:00:00Z
LAST_US = 1_830_297_600_000_000  # 2028-01-01T00:00:00Z
instants = st.integers(FIRST_US, LAST_US)
zones = st.sampled_from(ZONES)


def at(stamp: str) -> int:
    """UTC microseconds of an ISO 8601 time with an offset."""
    return round(datetime.fromisoformat(stamp).timestamp()) * 1_000_000


def span(window: Window) -> tuple[str, str]:
    """The edges of a window as text."""
    assert window.until_us is not None
    edges = (datetime.fromtimestamp(edge // 1_000_000, UTC) for edge in (window.since_us, window.until_us))
    since, until = (edge.strftime("%Y-%m-%dT%H:%M:%SZ") for edge in edges)
    return since, until


def shown(zone: str, at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us // 1_000_000, ZoneInfo(zone))


def first_of(name: str, zone: str, now_us: int, marks: tuple[int, int]) -> list[int]:
    """The first instants of the calendar's pieces around `now_us`, by looking at every quarter of an hour."""
    part = "%Y-%m-%d" if name == "day" else "%Y-%m"
    start = now_us // (15 * MINUTE_US) * 15 * MINUTE_US
    steps = [start + step * 15 * MINUTE_US for step in range(marks[0] * 96, marks[1] * 96)]
    met: dict[str, int] = {}
    for step in steps:
        met.setdefault(shown(zone, step).strftime(part), step)
    return list(met.values())[1:]


@settings(max_examples=60, deadline=None)
@given(now_us=instants, zone=zones)
@example(at("2026-03-29T12:00:00+02:00"), "Europe/Berlin")
@example(at("2026-10-25T02:30:00+01:00"), "Europe/Berlin")
@example(at("2026-11-01T01:30:00-05:00"), "America/New_York")
@example(at("2026-04-05T01:45:00+10:30"), "Australia/Lord_Howe")
@example(at("2026-09-06T12:00:00-03:00"), "America/Santiago")
def test_a_day_is_all_that_clocks_of_the_zone_call_by_its_date(now_us: int, zone: str) -> None:
    found = resolve_window("day", now_us, Zone(zone))
    edges = first_of("day", zone, now_us, (-3, 3))
    assert found.since_us == max(edge for edge in edges if edge <= now_us)
    assert found.until_us == found.reset_at_us == min(edge for edge in edges if edge > now_us)


@settings(max_examples=15, deadline=None)
@given(now_us=instants, zone=zones)
@example(at("2026-01-31T23:59:59+01:00"), "Europe/Berlin")
@example(at("2028-02-29T23:00:00+00:00"), "UTC")
@example(at("2026-12-31T23:59:00-05:00"), "America/New_York")
def test_a_month_is_all_that_clocks_of_the_zone_call_by_its_name(now_us: int, zone: str) -> None:
    found = resolve_window("month", now_us, Zone(zone))
    edges = first_of("month", zone, now_us, (-63, 33))
    assert found.since_us == max(edge for edge in edges if edge <= now_us)
    assert found.until_us == min(edge for edge in edges if edge > now_us)


@pytest.mark.parametrize(
    ("zone", "now", "since", "until"),
    [
        ("Europe/Berlin", "2026-03-29T12:00+02:00", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("Europe/Berlin", "2026-10-25T12:00+01:00", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
        ("America/New_York", "2026-11-01T12:00-05:00", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
        ("Asia/Kolkata", "2026-11-22T00:00+05:30", "2026-11-21T18:30:00Z", "2026-11-22T18:30:00Z"),
        ("Australia/Lord_Howe", "2026-04-05T12:00+10:30", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"),
        ("America/Santiago", "2026-09-06T12:00-03:00", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"),
    ],
)
def test_days_on_which_clocks_change_have_23_or_25_hours(zone: str, now: str, since: str, until: str) -> None:
    assert span(resolve_window("day", at(now), Zone(zone))) == (since, until)


@pytest.mark.parametrize("minute", [10, 50, 70, 110, 200])
@pytest.mark.parametrize("name", ["day", "month"])
def test_a_day_with_its_first_hour_twice_begins_with_the_first(minute: int, name: str) -> None:
    # In Havana clocks go back from 01:00 to 00:00 on the first Sunday of November, here the 1st.
    begin = at("2026-11-01T00:00:00-04:00")
    assert resolve_window(name, begin + minute * MINUTE_US, Zone("America/Havana")).since_us == begin


@calm
@given(now_us=instants, zone=zones, name=st.sampled_from(["day", "month"]))
def test_the_pieces_of_a_calendar_join_without_gap_or_overlap(now_us: int, zone: str, name: str) -> None:
    found = resolve_window(name, now_us, Zone(zone))
    assert found.until_us is not None
    assert found.since_us <= now_us < found.until_us
    assert resolve_window(name, found.since_us, Zone(zone)).since_us == found.since_us
    assert resolve_window(name, found.until_us, Zone(zone)).since_us == found.until_us
    assert resolve_window(name, found.until_us - 1, Zone(zone)).since_us == found.since_us


RESETS = st.fixed_dictionaries(
    {
        "weekday": st.sampled_from(WEEKDAYS),
        "hour": st.integers(0, 23),
        "minute": st.integers(0, 59),
        "zone": zones,
    }
)


def resets(reset: WeeklyReset, now_us: int) -> list[int]:
    """Every configured reset near `now_us`; a clock time that is skipped counts by the offset before it."""
    zone = ZoneInfo(reset["zone"])
    today = datetime.fromtimestamp(now_us // 1_000_000, zone).date()
    days = [today + timedelta(days=n) for n in range(-21, 22)]
    return [
        int(datetime(d.year, d.month, d.day, reset["hour"], reset["minute"], tzinfo=zone).timestamp())
        * 1_000_000
        for d in days
        if WEEKDAYS[d.weekday()] == reset["weekday"]
    ]


@calm
@given(now_us=instants, reset=RESETS)
@example(
    at("2026-10-25T02:45:00+01:00"),
    {"weekday": "sunday", "hour": 2, "minute": 30, "zone": "Europe/Berlin"},
)
@example(
    at("2026-03-29T03:10:00+02:00"),
    {"weekday": "sunday", "hour": 2, "minute": 30, "zone": "Europe/Berlin"},
)
def test_a_configured_week_runs_from_one_reset_to_the_next(now_us: int, reset: WeeklyReset) -> None:
    found, marks = week_window(now_us, reset), resets(reset, now_us)
    assert found.since_us == max(mark for mark in marks if mark <= now_us)
    assert found.until_us == min(mark for mark in marks if mark > now_us)
    assert (found.reset_at_us, found.reset_source) == (found.until_us, "configured")


BERLIN: WeeklyReset = {"weekday": "tuesday", "hour": 9, "minute": 46, "zone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("now", "since", "until", "hours"),
    [
        ("2026-03-28T12:00:00+00:00", "2026-03-24T08:46:00Z", "2026-03-31T07:46:00Z", 167),
        ("2026-10-24T12:00:00+00:00", "2026-10-20T07:46:00Z", "2026-10-27T08:46:00Z", 169),
        ("2026-11-24T08:45:59+00:00", "2026-11-17T08:46:00Z", "2026-11-24T08:46:00Z", 168),
        ("2026-11-24T08:46:00+00:00", "2026-11-24T08:46:00Z", "2026-12-01T08:46:00Z", 168),
    ],
)
def test_a_configured_reset_keeps_its_hour_when_clocks_change(
    now: str, since: str, until: str, hours: int
) -> None:
    found = week_window(at(now), BERLIN)
    assert span(found) == (since, until)
    assert (found.until_us or 0) - found.since_us == hours * HOUR_US


def test_without_any_reset_a_week_begins_on_monday_in_utc() -> None:
    for now in ("2026-11-16T00:00:00+00:00", "2026-11-22T23:59:59+00:00"):
        found = week_window(at(now))
        assert span(found) == ("2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z")
        assert found.reset_source == "default"
    assert datetime.fromtimestamp(MONDAY_US // 1_000_000, UTC).weekday() == 0


@calm
@given(now_us=instants, anchor_us=instants)
def test_an_observed_reset_repeats_every_seven_days_into_past_and_future(now_us: int, anchor_us: int) -> None:
    found = week_window(now_us, BERLIN, anchor_us)
    assert found.until_us is not None
    assert found.since_us <= now_us < found.until_us == found.since_us + WEEK_US
    assert (found.until_us - anchor_us) % WEEK_US == 0
    assert (found.reset_at_us, found.reset_source) == (found.until_us, "observed")


@calm
@given(now_us=instants)
@pytest.mark.parametrize("reset", [None, BERLIN])
def test_exactly_at_its_reset_the_new_week_has_begun(now_us: int, reset: WeeklyReset | None) -> None:
    reset_us = week_window(now_us, reset).until_us
    assert reset_us is not None
    assert week_window(reset_us, reset).since_us == reset_us
    assert week_window(reset_us - 1, reset).until_us == reset_us
    assert week_window(reset_us, None, reset_us).since_us == reset_us
    assert week_window(reset_us - 1, None, reset_us).until_us == reset_us


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("1H", 1),
        ("3H", 3),
        ("6H", 6),
        ("12H", 12),
        ("24H", 24),
        ("3D", 72),
        ("7D", 168),
        ("1M", 720),
        ("5h", 5),
    ],
)
def test_a_rolling_window_ends_now_and_never_resets(name: str, hours: int) -> None:
    now_us = at("2026-03-29T12:34:56+00:00") + 789
    found = resolve_window(name, now_us, Zone("Europe/Berlin"))
    assert (found.name, now_us - found.since_us, found.until_us) == (name, hours * HOUR_US, None)
    assert name == "5h" or name in ROLLING


def test_every_name_is_a_window_and_any_other_is_refused_with_the_names() -> None:
    assert {resolve_window(name, FIRST_US, Zone("UTC")).name for name in NAMES} == set(NAMES)
    ever = resolve_window("all", FIRST_US, Zone("UTC"))
    assert (ever.since_us, resolve_window("all", FIRST_US, Zone()).until_us) == (
        0,
        None,
    )
    for name in ("", "1h", "5H", "Week", "2D"):
        with pytest.raises(ValueError, match="one of 1H, 3H"):
            resolve_window(name, FIRST_US, Zone("UTC"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(now_us=instants)
@example(at("2026-10-25T02:30:00+01:00"))
@example(at("2026-03-29T03:00:00+02:00"))
@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_the_empty_zone_is_this_machines(monkeypatch: pytest.MonkeyPatch, name: str, now_us: int) -> None:
    monkeypatch.setenv("TZ", name)
    time.tzset()
    here, there = Zone(""), Zone(name)
    assert (here.wall(now_us), here.day(now_us)) == (there.wall(now_us), there.day(now_us))
    for window in ("day", "month"):
        assert span(resolve_window(window, now_us, here)) == span(resolve_window(window, now_us, there))
    local, named = BERLIN.copy(), BERLIN.copy()
    local["zone"], named["zone"] = "", name
    assert span(week_window(now_us, local)) == span(week_window(now_us, named))


@pytest.mark.parametrize("name", ["Nowhere/Here", "../etc/passwd", "/etc/localtime", "Europe", "a\0b", "é"])
def test_a_zone_that_does_not_exist_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="no time zone is named"):
        Zone(name)


@calm
@given(now_us=instants, zone=zones)
def test_wall_clocks_show_what_the_zone_database_says(now_us: int, zone: str) -> None:
    assert Zone(zone).day(now_us) == shown(zone, now_us).date().isoformat()
    assert Zone(zone).wall(now_us).microsecond == now_us % 1_000_000
    plain = shown(zone, now_us).replace(microsecond=now_us % 1_000_000, tzinfo=None)
    assert Zone(zone).wall(now_us) == plain
