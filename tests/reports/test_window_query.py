"""What a user may write for a window, and the words for what cannot be one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from usage_dashboard.model.events import DAY_US, SECOND_US
from usage_dashboard.model.windows import Zone
from usage_dashboard.reports.window_query import (
    custom_window,
    parse_day,
    parse_instant,
    parse_window_name,
    parse_zone,
    to_instant,
)

BERLIN = Zone("Europe/Berlin")
START_US = int(datetime(2026, 11, 21, 23, tzinfo=UTC).timestamp()) * SECOND_US
"""When November 22 begins in Berlin."""


def test_a_window_has_its_name_in_any_case() -> None:
    assert [parse_window_name(text) for text in ("7d", "1M", "WEEK")] == ["7D", "1M", "week"]


def test_a_date_is_the_start_of_its_day_or_its_end() -> None:
    assert parse_instant("2026-11-22", BERLIN) == parse_day("2026-11-22", BERLIN) == START_US
    assert parse_instant("2026-11-22", BERLIN, ends=True) == START_US + DAY_US
    assert to_instant(date(2026, 11, 22), BERLIN) == START_US
    assert to_instant(date(2026, 11, 22), BERLIN, ends=True) == START_US + DAY_US


def test_a_time_is_by_the_clocks_of_the_zone_unless_it_names_one() -> None:
    hour_us = 3600 * SECOND_US
    assert parse_instant("2026-11-22T01:00", BERLIN, ends=True) == START_US + hour_us
    assert parse_instant("2026-11-22T00:00Z", BERLIN) == START_US + hour_us
    assert to_instant(datetime(2026, 11, 22, tzinfo=UTC), BERLIN, ends=True) == START_US + hour_us


def test_an_open_beginning_is_the_start_of_all_time() -> None:
    window = custom_window(None, START_US)
    assert (window.name, window.since_us, window.until_us) == ("custom", 0, START_US)
    assert custom_window(START_US, None).until_us is None


def test_a_wrong_value_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(ValueError, match="`9D` has to be one of 1H, 3H"):
        parse_window_name("9D")
    with pytest.raises(ValueError, match="`Atlantis` has to be a time zone such as Europe/Berlin"):
        parse_zone("Atlantis")
    with pytest.raises(ValueError, match="`x` has to be a date such as 2026-11-22, or one with a time"):
        parse_instant("x", BERLIN)
    with pytest.raises(ValueError, match=r"`x` has to be a date such as 2026-11-22$"):
        parse_day("x", BERLIN)
    with pytest.raises(ValueError, match="`2026-11-22T00:00:00` needs a time zone"):
        to_instant(datetime(2026, 11, 22), BERLIN)  # noqa: DTZ001 - what is refused
    with pytest.raises(ValueError, match="end later than it begins"):
        custom_window(START_US, START_US)
