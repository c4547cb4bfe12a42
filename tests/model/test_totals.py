"""Totals move by the difference between rows before and after."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.model.rows import RESPONSE_FIELDS, TOOL_FIELDS, ResponseRow, ToolRow
from usage_dashboard.model.totals import (
    ROLLUP_KEY,
    ROLLUP_SUMS,
    TOOL_ROLLUP_KEY,
    TOOL_ROLLUP_SUMS,
    TotalsChange,
)

calm = settings(deadline=None)
small = st.integers(0, 3)


def responses() -> st.SearchStrategy[ResponseRow]:
    values = st.tuples(*(small for _ in RESPONSE_FIELDS))
    return values.map(lambda row: ResponseRow.of((1, *row[1:7], row[7] * BUCKET_US, *row[8:])))


def tools() -> st.SearchStrategy[ToolRow]:
    values = st.tuples(*(small for _ in TOOL_FIELDS))
    return values.map(lambda row: ToolRow.of((9, 1, row[2] % 2 or None, *row[3:])))


def added_up(*changes: TotalsChange) -> dict[tuple[int, ...], list[int]]:
    """The totals that some changes come to, without those of nothing."""
    sums: dict[tuple[int, ...], list[int]] = {}
    for change in changes:
        for size, totals in (
            (len(ROLLUP_KEY), change.totals()),
            (len(TOOL_ROLLUP_KEY), change.tool_totals()),
        ):
            for total in totals:
                held = sums.setdefault(total[:size], [0] * len(total[size:]))
                held[:] = [a + b for a, b in zip(held, total[size:], strict=True)]
    return {key: held for key, held in sums.items() if any(held)}


def change_of(row: ResponseRow, tool: ToolRow) -> TotalsChange:
    change = TotalsChange()
    change.add_response(row)
    change.add_tool(tool, {row.id: row})
    return change


@calm
@given(before=st.tuples(responses(), tools()), after=st.tuples(responses(), tools()))
def test_a_row_that_changes_leaves_what_the_changed_row_alone_makes(
    before: tuple[ResponseRow, ToolRow], after: tuple[ResponseRow, ToolRow]
) -> None:
    first = change_of(*before)
    row, tool = ResponseRow.of(after[0].values()), ToolRow.of(after[1].values())
    row.before, tool.before = before
    assert added_up(first, change_of(row, tool)) == added_up(change_of(*after))


@calm
@given(row=responses())
def test_a_row_that_is_gone_leaves_nothing(row: ResponseRow) -> None:
    first, last = TotalsChange(), TotalsChange()
    first.add_response(row)
    gone = ResponseRow.stored(row.values())
    gone.gone = True
    last.add_response(gone)
    assert added_up(first, last) == {}


def test_calls_without_a_price_are_counted_apart() -> None:
    row, change = ResponseRow(1, 2, 0, 3), TotalsChange()
    row.calls = 4
    change.add_response(row)
    (total,) = change.totals()
    sums = dict(zip(ROLLUP_SUMS, total[len(ROLLUP_KEY) :], strict=True))
    assert (sums["calls"], sums["unpriced"], sums["cost"]) == (4, 4, 0)


def test_a_tool_counts_where_it_was_written_and_its_result_where_that_was_carried() -> None:
    written, carrier = ResponseRow(1, 2, 0, 0), ResponseRow(5, 2, 0, BUCKET_US)
    tool = ToolRow(9, 2, 0)
    tool.response, tool.carrier, tool.failed, tool.output, tool.input = 1, 5, 1, 30, 40
    change = TotalsChange()
    change.add_tool(tool, {1: written, 5: carrier})
    names = ("bucket", *TOOL_ROLLUP_SUMS)
    found = [
        dict(zip(names, (total[0], *total[len(TOOL_ROLLUP_KEY) :]), strict=True))
        for total in sorted(change.tool_totals())
    ]
    assert [(t["bucket"], t["calls"], t["failed"], t["output"], t["input"]) for t in found] == [
        (0, 1, 1, 30, 0),
        (1, 0, 0, 0, 40),
    ]
