"""Numbers as people read them, at the edges where rounding changes a letter or a whole."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from usage_dashboard.model.humanize import format_dollars, format_moment, format_percent, format_tokens

calm = settings(deadline=None)

UNITS = {"k": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0"), (7, "7"), (999, "999"), (1000, "1.0k"), (1049, "1.0k"), (1051, "1.1k"), (12_345, "12.3k"),
        (999_499, "999.5k"), (999_500, "999.5k"), (999_900, "999.9k"), (999_949, "999.9k"), (999_950, "1.0M"),
        (999_951, "1.0M"), (1_000_000, "1.0M"), (4_200_000, "4.2M"), (999_500_000, "999.5M"),
        (999_949_999, "999.9M"), (999_950_001, "1.0B"), (1_100_000_000, "1.1B"),
    ],
)  # fmt: skip
def test_tokens_are_said_with_one_decimal_of_the_unit_that_fits(count: int, said: str) -> None:
    assert format_tokens(count) == said


@calm
@given(st.integers(0, 10**15 - 10**12))
def test_tokens_are_never_a_thousand_of_a_unit_nor_off_by_more_than_half_a_digit(count: int) -> None:
    said = format_tokens(count)
    if said.isdigit():
        assert int(said) == count < 1000
        return
    number, unit = float(said[:-1]), UNITS[said[-1]]
    assert 1 <= number < 1000
    assert abs(number * unit - count) <= unit * 0.0501
    # What is said in a unit that it has not reached would have been a thousand of the one below.
    assert count >= unit or unit - count <= unit / 1000 * 0.0501


@calm
@given(st.integers(0, 10**14), st.integers(0, 10**14))
def test_more_tokens_never_look_fewer(one: int, two: int) -> None:
    def size(said: str) -> float:
        return float(said.rstrip("kMBT")) * UNITS.get(said[-1], 1)

    low, high = sorted((one, two))
    assert size(format_tokens(low)) <= size(format_tokens(high))


@pytest.mark.parametrize(
    ("nusd", "said"),
    [
        (0, "$0.00"), (1, "<$0.0001"), (99_999, "<$0.0001"), (100_000, "$0.0001"), (123_456, "$0.00012"),
        (4_560_000, "$0.0046"), (9_999_999, "$0.01"), (10_000_000, "$0.01"), (12_344_999, "$0.01"),
        (20_000_000, "$0.02"), (994_999_999, "$0.99"), (999_999_999, "$1.00"),
        (1_234_560_000_000, "$1,234.56"), (1_000_000_000_000_000, "$1,000,000.00"),
    ],
)  # fmt: skip
def test_dollars_keep_cents_and_below_a_cent_two_digits(nusd: int, said: str) -> None:
    assert format_dollars(nusd) == said


@calm
@given(st.integers(100_000, 10**18))
def test_dollars_never_say_zero_for_something_nor_use_an_exponent(nusd: int) -> None:
    said = format_dollars(nusd)
    assert "e" not in said
    amount = float(said[1:].replace(",", ""))
    assert amount > 0
    assert abs(amount - nusd / 1e9) <= max(0.0050001, nusd / 1e9 * 1e-12)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (0, "0%"), (0.99, "0%"), (49.999, "49%"), (50, "50%"), (99.99, "99%"), (99.999_999, "99%"),
        (100, "100%"), (100.5, "100%"), (1234.5, "1234%"),
    ],
)  # fmt: skip
def test_a_percentage_is_never_rounded_up_to_one_that_is_not_reached(part: float, said: str) -> None:
    assert format_percent(part) == said


@calm
@given(limit=st.integers(1, 10**12), amount=st.integers(0, 10**13))
def test_a_share_of_a_cap_is_said_as_whole_percents_that_are_reached(limit: int, amount: int) -> None:
    used = min(amount, 10 * limit)
    assert format_percent(used * 100 / limit) == f"{used * 100 // limit}%"


@pytest.mark.parametrize(
    ("zone", "said"), [("UTC", "Tue Nov 24 08:46"), ("Europe/Berlin", "Tue Nov 24 09:46")]
)
def test_a_moment_is_said_by_this_machines_clock(
    monkeypatch: pytest.MonkeyPatch, zone: str, said: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    assert format_moment(1_795_509_960_000_000) == said
