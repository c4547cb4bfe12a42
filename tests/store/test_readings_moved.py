"""Percentages as clients really send them: moved resets, windows that are over, copies of another session."""

from __future__ import annotations

import pytest

from tests.store.test_readings import NOBODY, NOW, RESET, SECOND_US, Readings, kept
from tests.support.times import DAY_US, HOUR_US, WEEK_US
from usage_dashboard.model.events import Reading
from usage_dashboard.store.limits.readings import list_series, read_running

__all__ = ["kept"]
MINUTE_US = 60 * SECOND_US
BLOCK_RESET = NOW + 3 * HOUR_US


def block(used: float, at_us: int, resets_us: int) -> list[Reading]:
    """A percentage of the 5-hour window."""
    return [Reading("five_hour", round(used * 1000), resets_us, at_us, "statusline")]


def running(kept: Readings, now_us: int) -> list[tuple[str, float, int]]:
    """(window, percent, reset) of the windows that run."""
    found = read_running(kept.db, list_series(kept.db, 11)[0], now_us)
    return [(reading.window, reading.used / 1000, reading.resets_us) for reading in found]


@pytest.mark.parametrize(
    "moved_us", [30 * SECOND_US, 5 * MINUTE_US, 4 * HOUR_US, -4 * HOUR_US, -DAY_US, DAY_US]
)
def test_a_reset_that_moves_in_a_session_is_of_the_same_week(kept: Readings, moved_us: int) -> None:
    kept.add(40)
    for step, used in enumerate((41, 41, 43), 1):
        kept.add(used, NOW + step * HOUR_US, RESET + moved_us, answered=100 + step)
    assert kept.rows() == [[40, 41, 43]]
    assert running(kept, NOW + 4 * HOUR_US) == [("seven_day", 43, RESET)]


@pytest.mark.parametrize("step_us", [7 * SECOND_US, 2 * MINUTE_US, -2 * MINUTE_US, HOUR_US])
def test_a_block_whose_reset_drifts_is_one_block(kept: Readings, step_us: int) -> None:
    for step in range(4):
        at_us = NOW + step * MINUTE_US
        kept.add_all(block(84 + step, at_us, BLOCK_RESET + step * step_us), at_us, answered=step)
    assert running(kept, NOW + HOUR_US) == [("five_hour", 87, BLOCK_RESET)]


def test_two_sessions_that_report_a_moved_reset_stay_in_one_week(kept: Readings) -> None:
    kept.add(40, session=1)
    kept.add(40, session=2, answered=150)
    for step in range(1, 5):
        moved = RESET + step * 10 * MINUTE_US
        kept.add(40 + step, NOW + step * HOUR_US, moved, session=1 + step % 2, answered=200 + step)
    assert len(kept.rows()) == 1
    assert running(kept, NOW + 5 * HOUR_US) == [("seven_day", 44, RESET)]


def test_a_reset_that_moves_while_the_percentage_falls_is_another_window(kept: Readings) -> None:
    kept.add_all(block(84, NOW, BLOCK_RESET), NOW)
    later = NOW + 2 * HOUR_US
    kept.add_all(block(1, later, later + 5 * HOUR_US), later, answered=200)
    assert running(kept, later) == [("five_hour", 1, later + 5 * HOUR_US)]


def test_a_reset_that_moves_after_its_window_is_over_is_another_window(kept: Readings) -> None:
    kept.add_all(block(84, NOW, BLOCK_RESET), NOW)
    later = BLOCK_RESET + HOUR_US
    kept.add_all(block(90, later, BLOCK_RESET + 4 * HOUR_US), later, answered=200)
    assert running(kept, later) == [("five_hour", 90, BLOCK_RESET + 4 * HOUR_US)]


def test_a_weekly_reset_that_moves_by_more_than_a_day_is_another_account(kept: Readings) -> None:
    kept.add(40)
    kept.add(41, NOW + HOUR_US, RESET + 2 * DAY_US, answered=200)
    assert kept.rows() == [[41], [40]]


def test_nothing_is_known_to_be_one_session_without_a_session(kept: Readings) -> None:
    kept.add(40, session=NOBODY)
    kept.add(41, NOW + HOUR_US, RESET + 4 * HOUR_US, session=NOBODY)
    assert kept.rows() == [[41], [40]]


@pytest.mark.parametrize("session", [1, 2, NOBODY])
def test_a_window_that_is_over_hides_no_running_one(kept: Readings, session: int) -> None:
    kept.add(60)
    kept.add(3, RESET + HOUR_US, RESET + WEEK_US, answered=200)
    kept.add(61, RESET + 2 * HOUR_US, RESET, session=session, answered=300)
    kept.add(70, RESET + 3 * HOUR_US, RESET - 3 * DAY_US, session=session, answered=400)
    assert running(kept, RESET + 4 * HOUR_US) == [("seven_day", 3, RESET + WEEK_US)]
    assert len(kept.rows()) == 1


def test_a_running_window_shows_behind_a_newer_reading_of_one_that_ended_since(kept: Readings) -> None:
    kept.add_all(block(20, NOW, NOW + 4 * HOUR_US), NOW, session=1)
    kept.add_all(block(90, NOW + MINUTE_US, NOW + HOUR_US), NOW + MINUTE_US, session=2)
    assert running(kept, NOW + 2 * HOUR_US) == [("five_hour", 20, NOW + 4 * HOUR_US)]


def test_a_new_session_that_copies_what_another_was_told_says_nothing_new(kept: Readings) -> None:
    kept.add(50, session=1, answered=900)
    kept.add(63, NOW + HOUR_US, session=2, answered=700)
    assert not kept.add(50, NOW + 2 * HOUR_US, session=3, answered=900)
    assert kept.now() == [("seven_day", 63, NOW + HOUR_US)]
    assert kept.add(64, NOW + 3 * HOUR_US, session=3, answered=950)
    assert kept.now()[0][1] == 64
