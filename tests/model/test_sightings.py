"""Sightings of one response make the same row in whatever order they are met."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from usage_dashboard.model.events import BACKGROUND, MAIN, SUBAGENT
from usage_dashboard.model.rows import ABORTED, COUNTS, FINAL, ResponseRow, final_bits
from usage_dashboard.model.sightings import (
    add_blocks,
    is_main,
    merge_agent,
    merge_class,
    merge_line,
    merge_marks,
    merge_row,
)

calm = settings(deadline=None)
amounts = st.integers(0, 1000)
UNNAMED, EXPLORE = 5, 6


@st.composite
def lines(draw: st.DrawFn) -> ResponseRow:
    """A line of a response, whose blocks are one of its own."""
    row = ResponseRow(1, 2, 0, draw(st.integers(10, 99)))
    for name in COUNTS:
        setattr(row, name, draw(amounts))
    row.thinking = draw(st.none() | amounts)
    row.request = draw(st.sampled_from([None, 7]))
    row.skill = draw(st.sampled_from([None, 8]))
    row.finish(draw(st.sampled_from([0, FINAL, ABORTED])))
    block = draw(st.integers(0, 5))
    row.blocks, row.text_bytes = 1 << block, 10 * block
    return row


def merged(rows: list[ResponseRow]) -> tuple[object, ...]:
    first = ResponseRow.of(rows[0].values())
    for row in rows[1:]:
        merge_line(first, row)
    return tuple(first.values())


@calm
@given(rows=st.lists(lines(), min_size=1, max_size=4))
def test_the_order_of_lines_does_not_matter(rows: list[ResponseRow]) -> None:
    assert len({merged(list(order)) for order in permutations(rows)}) == 1


@calm
@given(rows=st.lists(lines(), min_size=1, max_size=4))
def test_a_line_that_is_met_again_changes_nothing(rows: list[ResponseRow]) -> None:
    assert merged(rows) == merged(rows + rows)


@calm
@given(rows=st.lists(lines(), min_size=2, max_size=4))
def test_two_ledgers_agree_whichever_is_merged_into_the_other(rows: list[ResponseRow]) -> None:
    one, other = ResponseRow.of(rows[0].values()), ResponseRow.of(rows[1].values())
    merge_row(one, rows[1])
    merge_row(other, rows[0])
    assert one.values() == other.values()


@calm
@given(one=lines(), other=lines())
def test_of_each_count_the_larger_is_kept_and_the_earlier_time(one: ResponseRow, other: ResponseRow) -> None:
    row = ResponseRow.of(one.values())
    merge_line(row, other)
    for name in COUNTS:
        assert getattr(row, name) == max(getattr(one, name), getattr(other, name))
    assert row.at_us == min(one.at_us, other.at_us)
    known = [row.thinking for row in (one, other) if row.thinking is not None]
    assert row.thinking == (max(known) if known else None)


def test_a_call_is_incomplete_until_a_line_is_final_and_stays_so_when_it_was_cut_off() -> None:
    row = ResponseRow(1, 2, 0, 3)
    assert row.incomplete == 1
    row.finish(FINAL)
    assert row.incomplete == 0
    row.finish(ABORTED)
    assert (row.incomplete, row.final) == (1, FINAL | ABORTED)


@pytest.mark.parametrize(
    ("stopped", "aborted", "bits"),
    [(False, False, 0), (True, False, FINAL), (False, True, ABORTED), (True, True, FINAL | ABORTED)],
)
def test_a_line_is_final_by_its_stop_reason(stopped: bool, aborted: bool, bits: int) -> None:
    assert final_bits(stopped=stopped, aborted=aborted) == bits


def test_blocks_of_a_line_weigh_once_and_those_of_another_are_added() -> None:
    row = ResponseRow(1, 2, 0, 3)
    for blocks, text in ((0b01, 10), (0b01, 10), (0b10, 5)):
        add_blocks(row, blocks, text, 1)
    assert (row.blocks, row.text_bytes, row.thinking_bytes) == (0b11, 15, 2)


def test_of_two_ledgers_rows_the_larger_sizes_are_kept() -> None:
    row, other = ResponseRow(1, 2, 0, 3), ResponseRow(1, 2, 0, 3)
    row.blocks, row.text_bytes, row.thinking_bytes = 0b011, 30, 1
    other.blocks, other.text_bytes, other.thinking_bytes = 0b110, 20, 9
    merge_row(row, other)
    assert (row.blocks, row.text_bytes, row.thinking_bytes) == (0b111, 30, 9)


@pytest.mark.parametrize(
    ("seen", "result"),
    [
        (("m", 0, "", "", ""), ("m", 1, "", "us", "")),
        (("other", 2, "fast", "global", "batch"), ("m", 2, "fast", "us", "batch")),
    ],
)
def test_a_price_class_has_the_longest_prompt_and_the_marks_that_are_known_first(
    seen: tuple[str, int, str, str, str], result: tuple[str, int, str, str, str]
) -> None:
    assert merge_class(("m", 1, "", "us", ""), seen) == result


def test_a_mark_that_is_missing_is_that_of_the_other_sighting() -> None:
    known, seen = ("skill", "", None, None), ("other", "plugin", None, "asked")
    assert merge_marks(known, seen) == ("skill", "plugin", None, "asked")


@pytest.mark.parametrize(
    ("kind", "seen", "result"),
    [
        (SUBAGENT, MAIN, True),
        (SUBAGENT, SUBAGENT, False),
        (MAIN, MAIN, False),
        (MAIN, SUBAGENT, False),
        (BACKGROUND, MAIN, False),
    ],
)
def test_a_copy_in_a_subagents_thread_is_the_main_threads(kind: int, seen: int, result: bool) -> None:
    row, other = ResponseRow(1, 2, 0, 3), ResponseRow(1, 2, 0, 3)
    row.kind, other.kind = kind, seen
    assert is_main(row, other) is result


@pytest.mark.parametrize(
    ("agent", "kind", "result"),
    [(UNNAMED, SUBAGENT, EXPLORE), (9, SUBAGENT, 9), (UNNAMED, BACKGROUND, UNNAMED)],
)
def test_a_subagent_without_a_name_gets_one(agent: int, kind: int, result: int) -> None:
    row, other = ResponseRow(1, 2, 4, 3), ResponseRow(1, 2, 4, 3)
    row.kind, row.agent = SUBAGENT, agent
    other.kind, other.agent = kind, EXPLORE
    merge_agent(row, other, UNNAMED)
    assert row.agent == result
