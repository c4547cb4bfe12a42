"""Splitting a whole number fairly, and a response's tokens and cost among what they were spent on."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dashboard.model import shares
from usage_dashboard.store.attribution import share_output, share_prompt
from usage_dashboard.store.rows import RESPONSE_FIELDS, TOOL_FIELDS, ResponseRow, ToolRow

weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=9)


@given(amount=st.integers(0, 10**15), parts=weights)
def test_shares_add_up_to_what_was_split(amount: int, parts: list[int]) -> None:
    assert sum(shares(amount, parts)) == amount


@given(amount=st.integers(0, 10**15), parts=weights)
def test_each_share_is_within_one_of_its_proportion(amount: int, parts: list[int]) -> None:
    total = sum(parts)
    exact = [Fraction(amount * part, total) if total else Fraction(amount, len(parts)) for part in parts]
    assert all(abs(share - part) < 1 for share, part in zip(shares(amount, parts), exact, strict=True))


@given(amount=st.integers(0, 10**15), parts=weights)
def test_a_larger_weight_never_gets_a_smaller_share(amount: int, parts: list[int]) -> None:
    pairs = sorted(zip(parts, shares(amount, parts), strict=True))
    assert all(low[1] <= high[1] for low, high in pairwise(pairs) if low[0] < high[0])


@given(amount=st.integers(0, 10**9), parts=weights, place=st.integers(0, 9))
def test_a_weight_of_nothing_gets_nothing_beside_one_of_something(
    amount: int, parts: list[int], place: int
) -> None:
    parts.insert(place, 0)
    if any(parts):
        assert all(share == 0 for share, part in zip(shares(amount, parts), parts, strict=True) if part == 0)


@pytest.mark.parametrize(
    ("amount", "parts", "split"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (10, [0, 0, 0], [4, 3, 3]),
        (1, [1, 1], [1, 0]),
        (100, [1, 2, 4], [14, 29, 57]),
        (5, [3, 3, 1], [2, 2, 1]),
        (7, [0, 5], [0, 7]),
        (0, [3, 0], [0, 0]),
        (9, [], []),
    ],
)
def test_the_largest_remainder_wins_and_among_equals_the_earlier(
    amount: int, parts: list[int], split: list[int]
) -> None:
    assert shares(amount, parts) == split


def test_weights_may_come_from_a_generator() -> None:
    assert shares(10, (part for part in (3, 7))) == [3, 7]


def reply(**fields: int | None) -> ResponseRow:
    return ResponseRow(tuple(fields.get(name, 0) for name in RESPONSE_FIELDS), stored=False)


def tool(tool_id: int, **fields: int | None) -> ToolRow:
    return ToolRow(
        tuple(tool_id if name == "id" else fields.get(name, 0) for name in TOOL_FIELDS), stored=False
    )


def test_known_thinking_is_taken_off_before_the_blocks_share() -> None:
    bash, read = tool(1, input_bytes=30), tool(2, input_bytes=50)
    share_output(
        reply(output=1000, thinking=900, text_bytes=20, thinking_bytes=9999, cost=5000), [bash, read]
    )
    assert (bash.output, read.output) == (30, 50)
    assert (bash.cost_output, read.cost_output) == (150, 250)


def test_unknown_thinking_weighs_by_its_text() -> None:
    bash = tool(1, input_bytes=25)
    share_output(reply(output=100, thinking=None, text_bytes=25, thinking_bytes=50), [bash])
    assert bash.output == 25


def test_a_reply_of_nothing_but_tools_leaves_nothing_over() -> None:
    bash, read = tool(1, input_bytes=1), tool(2, input_bytes=2)
    share_output(reply(output=100, thinking=10, cost=100, cost_prompt=30, cost_read=20), [bash, read])
    assert (bash.output, read.output) == (30, 60)
    assert (bash.cost_output, read.cost_output) == (15, 30)


def test_a_reply_without_output_charges_no_tool_for_its_searches() -> None:
    bash = tool(1, input_bytes=10)
    share_output(reply(output=0, thinking=None, cost=20_000_000, searches=2), [bash])
    assert (bash.output, bash.cost_output) == (0, 0)


def test_an_unpriced_reply_costs_its_tools_nothing_that_was_known_before() -> None:
    bash = tool(1, input_bytes=10, cost_output=77, cost_prompt=88)
    share_output(reply(output=10, cost=None, cost_prompt=None, cost_read=None), [bash])
    share_prompt(reply(input=10, cost=None, cost_prompt=None, cost_read=None), [bash])
    assert (bash.output, bash.input, bash.cost_output, bash.cost_prompt) == (10, 10, 0, 0)


def test_who_came_first_does_not_matter() -> None:
    one = [tool(7, input_bytes=1, result_bytes=1), tool(3, input_bytes=1, result_bytes=1)]
    two = [tool(3, input_bytes=1, result_bytes=1), tool(7, input_bytes=1, result_bytes=1)]
    row = reply(output=101, thinking=0, input=11, cache_creation=13, cache_1h=5, cost=999, cost_prompt=333)
    for tools in (one, two):
        share_output(row, tools)
        share_prompt(row, tools)
    assert [t.values() for t in sorted(one, key=lambda t: t.id)] == [t.values() for t in two]


@given(
    counts=st.tuples(*[st.integers(0, 10**7)] * 4),
    sizes=st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=1, max_size=7),
)
def test_what_results_cost_adds_up_kind_by_kind(counts: tuple[int, ...], sizes: list[int | None]) -> None:
    fresh, w5, w1h, cost = counts
    tools = [tool(number, result_bytes=size) for number, size in enumerate(sizes)]
    share_prompt(reply(input=fresh, cache_creation=w5 + w1h, cache_1h=w1h, cost_prompt=cost), tools)
    assert sum(t.input for t in tools) == fresh
    assert sum(t.cache_creation for t in tools) == w5 + w1h
    assert sum(t.cache_1h for t in tools) == w1h
    assert sum(t.cost_prompt for t in tools) == cost
    assert all(0 <= t.cache_1h <= t.cache_creation for t in tools)
