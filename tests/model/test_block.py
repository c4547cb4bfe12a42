"""The five-hour block: by the observed reset, by the use on this machine, and when clocks jump."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.times import DAY_US, HOUR_US, WEEK_US, at
from usage_dashboard.model.windows import Window, block_window, week_window

NOW = at("2026-11-25T10:14:00+00:00")
QUARTER_US = HOUR_US // 4
busy = st.lists(st.integers(NOW // QUARTER_US - 700, NOW // QUARTER_US + 100), unique=True).map(
    lambda found: sorted(quarter * QUARTER_US for quarter in found)
)


def span(window: Window) -> tuple[int, int | None, str | None]:
    assert window.reset_at_us == window.until_us
    return window.since_us - NOW, window.until_us and window.until_us - NOW, window.reset_source


def test_a_block_that_was_observed_runs_to_its_reset() -> None:
    assert span(block_window(NOW, NOW + HOUR_US)) == (-4 * HOUR_US, HOUR_US, "observed")
    assert span(block_window(NOW, NOW + 5 * HOUR_US)) == (0, 5 * HOUR_US, "observed")


def test_what_was_used_does_not_matter_where_the_reset_was_observed() -> None:
    used = [NOW - 4 * HOUR_US - QUARTER_US, NOW - HOUR_US]
    assert span(block_window(NOW, NOW + HOUR_US, used)) == (-4 * HOUR_US, HOUR_US, "observed")


def test_at_the_reset_the_block_is_over() -> None:
    assert span(block_window(NOW, NOW)) == (-5 * HOUR_US, None, None)
    assert span(block_window(NOW, NOW, [NOW])) == (0, 5 * HOUR_US, "first-use")


def test_without_an_observed_reset_the_first_use_begins_a_block() -> None:
    assert span(block_window(NOW, None, [NOW - 2 * HOUR_US, NOW - HOUR_US])) == (
        -2 * HOUR_US,
        3 * HOUR_US,
        "first-use",
    )


def test_use_within_a_block_does_not_prolong_it() -> None:
    used = [NOW - 6 * HOUR_US, NOW - 2 * HOUR_US, NOW - HOUR_US // 2]
    assert span(block_window(NOW, None, used)) == (-HOUR_US // 2, 9 * HOUR_US // 2, "first-use")


def test_use_after_an_observed_reset_begins_the_next_block() -> None:
    used = [NOW - 4 * HOUR_US, NOW - 2 * HOUR_US]
    assert span(block_window(NOW, NOW - 3 * HOUR_US, used)) == (-2 * HOUR_US, 3 * HOUR_US, "first-use")


def test_after_a_gap_no_block_runs() -> None:
    assert span(block_window(NOW, NOW - 9 * HOUR_US, [NOW - 8 * HOUR_US])) == (-5 * HOUR_US, None, None)
    assert span(block_window(NOW)) == (-5 * HOUR_US, None, None)


def test_a_clock_that_jumps_ahead_ends_the_block() -> None:
    assert span(block_window(NOW + 30 * DAY_US, NOW + HOUR_US, [NOW - HOUR_US]))[1:] == (None, None)


def test_a_reset_in_the_future_after_the_clock_was_set_back_says_nothing() -> None:
    used = [NOW - HOUR_US]
    assert span(block_window(NOW, NOW + 30 * DAY_US, used)) == (-HOUR_US, 4 * HOUR_US, "first-use")
    assert span(block_window(NOW, NOW + 30 * DAY_US)) == (-5 * HOUR_US, None, None)


def test_use_in_the_future_after_the_clock_was_set_back_says_nothing() -> None:
    used = [NOW - HOUR_US, NOW + 30 * DAY_US]
    assert span(block_window(NOW, None, used)) == (-HOUR_US, 4 * HOUR_US, "first-use")


@given(observed=st.none() | st.integers(NOW - WEEK_US, NOW + WEEK_US), used=busy)
def test_a_block_is_five_hours_long_around_now(observed: int | None, used: list[int]) -> None:
    found = block_window(NOW, observed, used)
    assert found.since_us <= NOW
    if found.until_us is None:
        assert found.since_us == NOW - 5 * HOUR_US
    else:
        assert NOW < found.until_us == found.since_us + 5 * HOUR_US


def test_a_week_that_was_observed_keeps_its_hour_in_utc_when_clocks_change() -> None:
    reset = at("2026-10-20T09:46:00+02:00")
    found = week_window(at("2026-10-26T12:00:00+01:00"), None, reset)
    assert (found.since_us, found.until_us) == (reset, at("2026-10-27T08:46:00+01:00"))


def test_a_week_observed_in_the_future_repeats_into_the_past() -> None:
    found = week_window(NOW, None, NOW + 30 * DAY_US)
    assert (found.until_us, found.reset_source) == (NOW + 2 * DAY_US, "observed")
