"""The window before a window, and as much of it as has passed of the present one."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.model.test_windows import FIRST_US, at, calm, instants, span
from usage_dashboard.model.windows import (
    HOUR_US,
    ROLLING,
    Window,
    Zone,
    resolve_window,
    same_part_of,
    window_before,
)


@calm
@given(now_us=instants)
@pytest.mark.parametrize("name", ROLLING)
def test_before_a_rolling_window_is_one_of_the_same_length(name: str, now_us: int) -> None:
    found = resolve_window(name, now_us, Zone("UTC"))
    past = window_before(found, now_us)
    assert (past.name, past.until_us, past.back) == (name, found.since_us, 1)
    assert found.since_us - past.since_us == ROLLING[name]
    again = window_before(past, now_us)
    assert (again.until_us, past.since_us - again.since_us, again.back) == (past.since_us, ROLLING[name], 2)


def test_no_window_begins_before_all_time() -> None:
    assert window_before(Window("custom", HOUR_US, 5 * HOUR_US), FIRST_US).since_us == 0


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-10T12:00:00+00:00", "2026-02-10T12:00:00Z"),
        ("2026-03-30T12:00:00+00:00", "2026-03-01T00:00:00Z"),
        ("2026-04-02T12:00:00+00:00", "2026-03-01T00:00:00Z"),
    ],
)
def test_a_running_month_is_set_against_as_much_of_another_and_no_more(now: str, until: str) -> None:
    march = resolve_window("month", at("2026-03-05T00:00:00+00:00"), Zone("UTC"))
    february = resolve_window("month", at("2026-02-05T00:00:00+00:00"), Zone("UTC"))
    assert span(same_part_of(february, march, at(now))) == ("2026-02-01T00:00:00Z", until)
