"""The blocks before the present one: whole, without what belongs to others, and idle time stepped over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.times import HOUR_US, at
from usage_dashboard.model.past_blocks import block_before
from usage_dashboard.model.windows import block_window

NOW = at("2026-11-25T10:00:00+00:00")
QUARTER_US = HOUR_US // 4


def hours(*before: float) -> list[int]:
    return [NOW - round(each * HOUR_US) for each in before]


def spans(resets: list[float], used: list[float], many: int) -> list[tuple[float, float, str | None]]:
    """The last `many` blocks before the present one, in hours before now."""
    busy, observed = hours(*used), hours(*resets)
    present = block_window(NOW, observed[-1] if observed else None, busy)
    before_us = present.since_us if present.until_us is not None else NOW
    found = []
    for _ in range(many):
        block = block_before(before_us, observed, busy)
        if block is None:
            break
        before_us, until_us = block.since_us, block.until_us or 0
        found.append(((NOW - block.since_us) / HOUR_US, (NOW - until_us) / HOUR_US, block.reset_source))
    return found


@pytest.mark.parametrize(
    ("resets", "used", "blocks"),
    [
        ([], [11, 9, 4, 1], [(11, 6, "first-use")]),
        ([], [30, 27, 4, 1], [(30, 25, "first-use")]),
        ([], [40, 30, 27, 20, 1], [(20, 15, "first-use"), (30, 25, "first-use"), (40, 35, "first-use")]),
        ([], [8, 4.5], [(8, 3, "first-use")]),
        ([], [1], []),
        ([], [], []),
        ([6.25, -3], [11, 9, 1], [(11.25, 6.25, "observed")]),
        ([3.75, -1.25], [10, 6, 1], [(8.75, 3.75, "observed"), (10, 8.75, "first-use")]),
        ([8, 2], [12, 9, 6, 3, 1], [(7, 2, "observed"), (13, 8, "observed")]),
    ],
)
def test_the_blocks_before(
    resets: list[float], used: list[float], blocks: list[tuple[float, float, str]]
) -> None:
    assert spans(resets, used, 9) == blocks


@given(st.lists(st.integers(0, 300), unique=True), st.lists(st.integers(0, 300), unique=True, max_size=6))
def test_blocks_are_disjoint_no_longer_than_five_hours_and_have_all_use(
    used: list[int], resets: list[int]
) -> None:
    quarters = sorted(NOW - number * QUARTER_US for number in used)
    observed = sorted(NOW - number * QUARTER_US - 60_000_000 for number in resets)
    before_us, covered = NOW + QUARTER_US, 0
    while (block := block_before(before_us, observed, quarters)) is not None:
        assert block.until_us is not None
        assert block.until_us <= before_us
        assert 0 < block.until_us - block.since_us <= 5 * HOUR_US
        covered += sum(block.since_us < at_us + QUARTER_US and at_us < before_us for at_us in quarters)
        before_us = block.since_us
        quarters = [at_us for at_us in quarters if at_us < before_us]
    assert not quarters
    assert covered >= len(used)
