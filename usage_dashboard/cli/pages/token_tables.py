"""Tables with a column for each kind of token, by any dimension or by tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.aggregator import ToolTotals
from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.reports.wording import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.store.read.session_detail import ExtensionUsage

KINDS = (
    TableColumn("Fresh\ninput", 4),
    TableColumn("\nOutput", 3),
    TableColumn("Cache\nwrite", 5),
    TableColumn("Cache\nread", 6),
)

MARK_FIGURES = (
    TableColumn("\nCalls", 1),
    TableColumn("\nTokens", style="figure"),
    TableColumn("Cost\n(est.)"),
)


def format_by_name(
    title: str,
    rows: Sequence[tuple[list[str], Totals]],
    total: Totals,
    width: int,
    more: Sequence[TableColumn] = (),
) -> list[StyledLine]:
    """A table of names, their texts in the `more` columns, their figures and the total."""
    columns = (
        TableColumn("", left=True),
        *more,
        TableColumn("\nCalls", 2),
        *KINDS,
        TableColumn("\nTokens", style="figure"),
        TableColumn("Cost\n(est.)"),
    )
    lines = [TableRow([*texts, *_count_cells(totals)]) for texts, totals in rows]
    whole = TableRow(["Total", *("" for _ in more), *_count_cells(total)], "total")
    return layout.lay_out_table(columns, [(title, [*lines, whole])], width)


def format_by_tool(tools: dict[str, ToolTotals], total: Totals, width: int) -> list[StyledLine]:
    """A table of tools, then labels, with their share of the cost; the rows add up to the total."""
    columns = (
        TableColumn("", left=True),
        TableColumn("\nCalls", 1),
        TableColumn("\nFailed", 7),
        TableColumn("\nMedian", 9),
        *KINDS,
        TableColumn("Cost\n(est.)"),
        TableColumn("\nShare", 8),
    )
    order = sorted(tools.items(), key=lambda item: (item[0].startswith("("), -item[1].cost_nusd, item[0]))
    rows = [
        TableRow([name, *_tool_cells(name, totals), *_cost_cells(totals, total)]) for name, totals in order
    ]
    calls = sum(totals.tool_calls for totals in tools.values())
    failed = sum(totals.failed for totals in tools.values())
    whole = TableRow(
        ["Total", f"{calls:,}", f"{failed:,}", "", *_kind_cells(total), *_cost_cells(total, total)], "total"
    )
    return layout.lay_out_table(columns, [("Tool", [*rows, whole])], width)


def format_by_mark(marks: Sequence[ExtensionUsage], width: int) -> list[StyledLine]:
    """A table of the skills, plugins and MCP servers that Claude Code attributes responses to."""
    if not marks:
        return []
    columns = (TableColumn("", left=True), TableColumn("\nKind", 2, left=True), *MARK_FIGURES)
    named = {"skill": "skill", "plugin": "plugin", "mcp": "MCP server"}
    rows = [
        TableRow(
            [name, named[kind], f"{calls:,}", numbers.format_tokens(tokens), numbers.format_dollars(nusd)]
        )
        for kind, name, calls, tokens, nusd in marks
    ]
    return [[], *layout.lay_out_table(columns, [("Claude Code says", rows)], width)]


def count_calls(totals: Totals) -> int:
    """The number of responses, or of tool calls if these are totals of a tool."""
    return totals.tool_calls if isinstance(totals, ToolTotals) else totals.calls


def format_call_count(totals: Totals) -> str:
    """The number of calls as a cell, empty for a label in brackets, which is never called."""
    amount = count_calls(totals)
    return f"{amount:,}" if amount or not isinstance(totals, ToolTotals) else ""


def _count_cells(totals: Totals) -> list[str]:
    return [
        format_call_count(totals),
        *_kind_cells(totals),
        numbers.format_tokens(totals.total_tokens),
        numbers.format_cost(totals),
    ]


def _kind_cells(totals: Totals) -> list[str]:
    written = numbers.format_output(totals)
    amounts = (totals.input, totals.cache_creation, totals.cache_read)
    fresh, creation, read = (numbers.format_tokens(amount) for amount in amounts)
    return [fresh, written, creation, read]


def _tool_cells(name: str, totals: ToolTotals) -> list[str]:
    """The cells of a tool; a label in brackets has no calls."""
    median = totals.median_ms
    ran = numbers.UNKNOWN if median is None else numbers.format_milliseconds(median)
    called = [f"{totals.tool_calls:,}", f"{totals.failed:,}", ran]
    return [*(["", "", ""] if name.startswith("(") else called), *_kind_cells(totals)]


def _cost_cells(totals: Totals, total: Totals) -> list[str]:
    known = totals.priced_nusd
    share = known / total.cost_nusd if known is not None and total.cost_nusd else None
    return [numbers.format_cost(totals), numbers.format_share(share)]
