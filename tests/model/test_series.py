"""What readings show of resets, and to which account they belong."""

from __future__ import annotations

import pytest

from tests.support.times import DAY_US, HOUR_US, WEEK_US, at, reading_of
from usage_dashboard.model.allowance import LimitWindow, fits_account, group_by_window, reset_drift_us

RESET = at("2026-11-24T09:46:00+00:00")
NOW = RESET - 3 * DAY_US
MINUTE_US = 60_000_000
SECOND_US = 1_000_000


def windows_of(*readings: tuple[float, float, int]) -> list[LimitWindow]:
    """The stretches of (hours after NOW, percent, session) of one window."""
    return group_by_window(
        reading_of(used, NOW + round(hour * HOUR_US), RESET, session) for hour, used, session in readings
    )


def test_the_same_reset_is_the_same_account_whatever_is_used() -> None:
    last = reading_of(80, NOW, RESET)
    for used in (0, 79, 100):
        assert fits_account(last, reading_of(used, NOW + HOUR_US, RESET))
        assert fits_account(last, reading_of(used, NOW + HOUR_US, RESET + 90 * SECOND_US))
        assert fits_account(last, reading_of(used, NOW + HOUR_US, RESET - 90 * SECOND_US))


@pytest.mark.parametrize("weeks", [1, 2, 7, 30])
@pytest.mark.parametrize("drift", [0, HOUR_US, -HOUR_US, DAY_US, -DAY_US])
def test_once_it_has_passed_a_reset_may_come_whole_weeks_later_give_or_take_a_day(
    weeks: int, drift: int
) -> None:
    reset = RESET + weeks * WEEK_US + drift
    for used in (0, 90):
        assert fits_account(reading_of(80, NOW, RESET), reading_of(used, reset - DAY_US, reset))
        assert not fits_account(reading_of(80, NOW, RESET), reading_of(used, NOW + HOUR_US, reset))


def test_a_week_that_daylight_saving_moves_by_an_hour_is_the_same_account() -> None:
    before, after = at("2026-10-20T09:46:00+02:00"), at("2026-10-27T09:46:00+01:00")
    assert reset_drift_us(before, after) == HOUR_US
    assert fits_account(reading_of(80, before - DAY_US, before), reading_of(5, after - DAY_US, after))


@pytest.mark.parametrize("drift", [DAY_US + MINUTE_US, -DAY_US - MINUTE_US, 3 * DAY_US, -3 * DAY_US])
def test_any_other_hour_of_a_later_week_is_another_account(drift: int) -> None:
    reset = RESET + WEEK_US + drift
    assert not fits_account(reading_of(80, NOW, RESET), reading_of(5, RESET + HOUR_US, reset))


def test_a_reset_that_moves_while_the_week_runs_is_an_early_one_if_a_new_week_begins() -> None:
    assert fits_account(reading_of(80, NOW, RESET), reading_of(0, NOW + HOUR_US, NOW + HOUR_US + WEEK_US))
    assert not fits_account(reading_of(80, NOW, RESET), reading_of(0, NOW + HOUR_US, NOW + 4 * DAY_US))
    assert not fits_account(
        reading_of(80, NOW, RESET), reading_of(81, NOW + HOUR_US, NOW + HOUR_US + WEEK_US)
    )
    assert not fits_account(reading_of(1, NOW, RESET), reading_of(0, NOW + HOUR_US, NOW + HOUR_US + WEEK_US))


@pytest.mark.parametrize("resets", [(0, RESET), (RESET, 0), (0, 0)])
def test_an_unknown_reset_fits_every_account(resets: tuple[int, int]) -> None:
    assert fits_account(reading_of(80, NOW, resets[0]), reading_of(5, NOW, resets[1]))


def test_a_week_and_the_next_are_two_stretches_without_an_early_reset() -> None:
    one, two = group_by_window(
        [
            reading_of(20, NOW, RESET),
            reading_of(60, NOW + DAY_US, RESET),
            reading_of(3, RESET + HOUR_US, RESET + WEEK_US + 2 * HOUR_US),
        ]
    )
    assert (one.highest, one.fell_us, one.drift_us) == (60_000, [], None)
    assert (two.highest, two.fell_us, two.drift_us) == (3_000, [], 2 * HOUR_US)
    assert one.points == [(NOW, 20_000), (NOW + DAY_US, 60_000)]


def test_a_reset_that_differs_by_seconds_is_the_same_window() -> None:
    (one,) = group_by_window(
        [reading_of(20, NOW, RESET), reading_of(30, NOW + HOUR_US, RESET + 59 * SECOND_US)]
    )
    assert one.resets_us == RESET


def test_a_percentage_that_falls_is_an_early_reset() -> None:
    (week,) = windows_of((0, 60, 1), (1, 0, 1), (2, 4, 1))
    assert week.fell_us == [NOW + HOUR_US]
    assert week.last_climb() == (NOW + HOUR_US, NOW + 2 * HOUR_US, 4_000)


def test_an_early_reset_that_moves_the_hour_belongs_to_the_new_window() -> None:
    moved = NOW + HOUR_US + WEEK_US
    one, two = group_by_window([reading_of(60, NOW, RESET), reading_of(0, NOW + HOUR_US, moved)])
    assert (one.fell_us, two.fell_us, two.drift_us) == ([], [NOW + HOUR_US], reset_drift_us(RESET, moved))


def test_two_sessions_that_overtake_each_other_are_no_reset() -> None:
    (week,) = windows_of((0, 40, 1), (1, 41.5, 2), (2, 40, 1), (3, 42, 2), (4, 40.5, 1))
    assert week.fell_us == []
    assert week.last_climb() == (NOW, NOW + 3 * HOUR_US, 2_000)


def test_a_long_answer_reports_an_old_percentage_and_that_is_not_a_reset() -> None:
    (week,) = windows_of((0, 40, 1), (0.1, 40, 2), (1, 46, 2), (1.1, 41, 1), (1.2, 47, 2), (1.3, 42, 1))
    assert week.fell_us == []


def test_a_reset_that_every_session_sees_is_one_reset() -> None:
    (week,) = windows_of((0, 60, 1), (0.1, 60, 2), (1, 1, 1), (1.1, 1.5, 2), (1.2, 2, 1))
    assert week.fell_us == [NOW + HOUR_US]


def test_an_answer_from_before_a_reset_that_arrives_after_it_is_not_a_second_one() -> None:
    (week,) = windows_of((0, 60, 1), (0.1, 60, 2), (1, 1, 1), (1.1, 61, 2), (1.2, 1.5, 1))
    assert week.fell_us == [NOW + HOUR_US]


def test_an_idle_session_that_reports_the_old_window_resets_nothing() -> None:
    one, two = group_by_window(
        [
            reading_of(60, NOW, RESET, 1),
            reading_of(2, RESET + HOUR_US, RESET + WEEK_US, 2),
            reading_of(60, RESET + 2 * HOUR_US, RESET, 1),
            reading_of(3, RESET + 3 * HOUR_US, RESET + WEEK_US, 2),
        ]
    )
    assert (one.fell_us, two.fell_us) == ([], [])
    assert two.points == [(RESET + HOUR_US, 2_000), (RESET + 3 * HOUR_US, 3_000)]


def test_an_idle_session_that_reports_less_of_the_old_window_resets_nothing() -> None:
    one, two = group_by_window(
        [
            reading_of(60, NOW, RESET, 1),
            reading_of(2, NOW + HOUR_US, NOW + HOUR_US + WEEK_US, 2),
            reading_of(50, NOW + 2 * HOUR_US, RESET, 3),
        ]
    )
    assert (one.fell_us, two.fell_us) == ([], [NOW + HOUR_US])


def test_no_readings_are_no_windows() -> None:
    assert group_by_window([]) == []


@pytest.mark.parametrize("hours", [0, 1, -1, 25, -25, 80])
def test_drift_is_measured_against_whole_weeks(hours: int) -> None:
    for weeks in (0, 1, 5):
        assert reset_drift_us(RESET, RESET + weeks * WEEK_US + hours * HOUR_US) == hours * HOUR_US


@pytest.mark.parametrize(("fall", "early"), [(1.999, False), (2, True), (2.001, True)])
def test_an_early_reset_is_a_fall_of_two_points(fall: float, *, early: bool) -> None:
    readings = [reading_of(60, NOW, RESET), reading_of(60 - fall, NOW + HOUR_US, RESET)]
    (week,) = group_by_window(readings)
    assert week.fell_us == ([NOW + HOUR_US] if early else [])
    moved = reading_of(60 - fall, NOW + HOUR_US, NOW + HOUR_US + WEEK_US)
    assert fits_account(readings[0], moved) == early
