"""How much of an allowance is used, and whether the pace fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.times import DAY_US, HOUR_US, WEEK_US, at, reading_of
from usage_dashboard.model.allowance import Limit, build_limit, group_by_window, window_length_us

RESET = at("2026-12-01T09:46:00+00:00")
BEGAN = RESET - WEEK_US
LEVELS = (50, 80, 95)


def used(percent: float, elapsed: float, resets_us: int = RESET) -> Limit:
    """The week's allowance, read when the share `elapsed` of it had passed."""
    seen_us = round(RESET - WEEK_US * (1 - elapsed))
    return Limit(reading_of(percent, seen_us, resets_us), seen_us, resets_us and resets_us - WEEK_US)


@pytest.mark.parametrize("elapsed", [-0.5, 0.0, 0.01, 0.0299])
def test_the_first_three_percent_of_a_window_say_nothing_of_its_pace(elapsed: float) -> None:
    early = used(2, elapsed)
    early.past = [0.5, 0.6]
    assert (early.pace(), early.projected(), early.projected_range(), early.full_us()) == (None,) * 4


def test_from_three_percent_on_there_is_a_pace() -> None:
    assert used(3, 0.03).pace() == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize(
    ("percent", "elapsed", "projected", "full"),
    [
        (0, 0.5, 0, None),
        (30, 0.6, 50_000, None),
        (50, 0.5, 100_000, None),
        (60, 0.5, 120_000, BEGAN + WEEK_US * 5 // 6),
        (100, 0.25, 400_000, BEGAN + WEEK_US // 4),
        (130, 1.0, 130_000, BEGAN + WEEK_US * 10 // 13),
    ],
)
def test_a_constant_pace_gives_the_end(
    percent: float, elapsed: float, projected: int, full: int | None
) -> None:
    found = used(percent, elapsed)
    assert found.projected() == pytest.approx(projected, abs=1)
    assert found.full_us() == (None if full is None else pytest.approx(full, abs=1_000_000))


def test_after_its_reset_all_of_a_window_has_passed() -> None:
    assert used(40, 1.5).elapsed_share() == 1
    assert used(40, 0.5).passed_share(RESET + DAY_US) == 1
    assert used(40, 0.5).passed_share(0) == 0


def test_without_a_known_reset_there_is_no_pace_but_a_level() -> None:
    unknown = used(97, 0.5, 0)
    assert (unknown.elapsed_share(), unknown.pace(), unknown.projected(), unknown.full_us()) == (None,) * 4
    assert unknown.level(LEVELS) == 3


def test_the_pace_is_that_of_the_moment_of_reading_and_not_of_looking() -> None:
    assert used(50, 0.5).pace() == 1
    assert used(50, 0.5).age_us(RESET) == WEEK_US // 2


def test_a_clock_that_was_set_back_makes_no_negative_age() -> None:
    assert used(50, 0.5).age_us(BEGAN) == 0


@pytest.mark.parametrize(
    ("percent", "level"),
    [(0, 0), (49.999, 0), (50, 1), (79.9, 1), (80, 2), (95, 2), (95.001, 3), (96, 3), (100, 3), (250, 3)],
)
def test_a_level_begins_at_its_percentage_and_red_above_its_own(percent: float, level: int) -> None:
    assert used(percent, 0.5).level(LEVELS) == level


def test_a_limit_that_is_used_up_is_red_though_nothing_is_above_the_last_level() -> None:
    assert [used(percent, 0.5).level((50, 80, 100)) for percent in (99.9, 100)] == [2, 3]


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        ([], None),
        ([0.5], None),
        ([0.5, 0.25], (80_000, 160_000)),
        ([1.0, 0.8, 0.4], (40_000, 100_000)),
        ([0.049, 0.5], None),
        ([0.0, 0.05, 0.5], (80_000, 800_000)),
    ],
)
def test_the_range_is_what_past_weeks_would_have_made_of_it(
    past: list[float], expected: tuple[int, int] | None
) -> None:
    found = used(40, 0.5)
    found.past = past
    assert found.projected_range() == expected


@given(percent=st.floats(0, 500), elapsed=st.floats(0.03, 1), past=st.lists(st.floats(0.05, 1), min_size=2))
def test_whatever_is_used_the_end_is_not_below_it(percent: float, elapsed: float, past: list[float]) -> None:
    found = used(percent, elapsed)
    found.past = past
    low, high = found.projected_range() or (0, 0)
    projected = found.projected()
    assert projected is not None
    assert found.used - 1 <= min(projected, low) <= high
    full_us = found.full_us()
    assert (full_us is not None) == (projected > 100_000 or (found.pace() or 0) > 1)
    assert full_us is None or BEGAN <= full_us <= RESET


@pytest.mark.parametrize(
    ("window", "hours"),
    [("five_hour", 5), ("seven_day", 168), ("seven_day_opus", 168), ("spend_limit", 0), ("", 0)],
)
def test_a_window_lasts_as_long_as_its_name_says_and_an_unknown_one_unknown(window: str, hours: int) -> None:
    assert window_length_us(window) == hours * HOUR_US


def test_a_week_begins_a_week_before_its_reset_also_where_clocks_change() -> None:
    # Clocks in Berlin go back on 2026-10-25: by them this week has 169 hours, by the server's 168.
    reset = at("2026-10-27T09:46:00+01:00")
    found = build_limit("seven_day", reading_of(50, reset - 84 * HOUR_US, reset), reset - 84 * HOUR_US, [])
    assert found.began_us == at("2026-10-20T10:46:00+02:00")
    assert found.pace() == 1


def test_after_an_early_reset_the_pace_counts_from_there() -> None:
    early = BEGAN + 2 * DAY_US
    points = ((60, early - HOUR_US), (0, early), (10, early + DAY_US))
    readings = [reading_of(used, at_us, RESET) for used, at_us in points]
    found = build_limit("seven_day", readings[-1], readings[-1].seen_us, group_by_window(readings))
    assert found.began_us == early
    assert found.pace() == pytest.approx(0.1 / (1 / 5))


def test_a_spend_limit_has_a_reset_but_no_beginning() -> None:
    found = build_limit("spend_limit", reading_of(130, BEGAN, RESET, window="spend_limit"), BEGAN, [])
    assert (found.began_us, found.resets_us, found.projected()) == (0, RESET, None)
