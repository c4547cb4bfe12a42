"""What the usage of a response counts for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dashboard.model.token_counts import TokenCounts

amounts = st.integers(0, 10**6)


def test_the_split_of_cache_writes_counts_where_the_total_was_zeroed() -> None:
    counts = TokenCounts((1, 2, 3), (0, 40, 60))
    assert (counts.cache_creation, counts.cache_1h) == (100, 60)


def test_the_total_of_cache_writes_counts_where_there_is_no_split() -> None:
    counts = TokenCounts((1, 2, 3), (100, 0, 0))
    assert (counts.cache_creation, counts.cache_1h) == (100, 0)


@pytest.mark.parametrize(("thinking", "counted"), [(None, None), (0, 0), (7, 7), (99, 10)])
def test_thinking_is_a_part_of_the_output_and_may_be_unknown(
    thinking: int | None, counted: int | None
) -> None:
    assert TokenCounts((1, 10, 3), (0, 0, 0), (thinking, 0)).thinking == counted


@given(tokens=st.tuples(amounts, amounts, amounts), written=amounts)
def test_a_prompt_is_what_is_fresh_written_and_read(tokens: tuple[int, int, int], written: int) -> None:
    fresh, _, read = tokens
    assert TokenCounts(tokens, (written, 0, 0)).prompt == fresh + written + read


@given(prompts=st.lists(st.integers(1, 10**6), min_size=1))
def test_of_several_prompts_the_longest_decides(prompts: list[int]) -> None:
    assert TokenCounts((10**7, 0, 0), (0, 0, 0), prompts=prompts).prompt == max(prompts)


def test_iterations_without_tokens_leave_the_usage_at_the_top() -> None:
    assert TokenCounts((5, 0, 6), (0, 0, 0), prompts=[0, 0]).prompt == 11
