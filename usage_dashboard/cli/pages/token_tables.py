"""Tables with every kind of token: of a report by some dimension, of a session by tool."""

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
    """A row for each name, with the `more` columns that its texts fill, and the total."""
    columns = (
        TableColumn("", left=True),
        *more,
        TableColumn("\nCalls", 2),
        *KINDS,
        TableColumn("\nTokens", style="figure"),
        TableColumn("Cost\n(est.)"),
    )
    found = [TableRow([*texts, *_count_cells(totals)]) for texts, totals in rows]
    whole = TableRow(["Total", *("" for _ in more), *_count_cells(total)], "total")
    return layout.lay_out_table(columns, [(title, [*found, whole])], width)


def format_by_tool(tools: dict[str, ToolTotals], total: Totals, width: int) -> list[StyledLine]:
    """A row for each tool and label, the tools first, with its share of the cost; the rows add up."""
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
    rows = [TableRow([name, *_tool_cells(name, found), *_cost_cells(found, total)]) for name, found in order]
    calls = sum(found.tool_calls for found in tools.values())
    failed = sum(found.failed for found in tools.values())
    whole = TableRow(
        ["Total", f"{calls:,}", f"{failed:,}", "", *_kind_cells(total), *_cost_cells(total, total)], "total"
    )
    return layout.lay_out_table(columns, [("Tool", [*rows, whole])], width)


def format_by_mark(marks: Sequence[ExtensionUsage], width: int) -> list[StyledLine]:
    """A row for each skill, plugin and MCP server that Claude Code itself charged responses to."""
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
    """The responses; of what tools and labels were charged with the tools' own calls."""
    return totals.tool_calls if isinstance(totals, ToolTotals) else totals.calls


def format_call_count(totals: Totals) -> str:
    """The calls as a cell; a label in brackets was not called."""
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


def _tool_cells(name: str, found: ToolTotals) -> list[str]:
    """A label in brackets is no tool, and was not called."""
    median = found.median_ms
    ran = numbers.UNKNOWN if median is None else numbers.format_milliseconds(median)
    called = [f"{found.tool_calls:,}", f"{found.failed:,}", ran]
    return [*(["", "", ""] if name.startswith("(") else called), *_kind_cells(found)]


def _cost_cells(found: Totals, total: Totals) -> list[str]:
    known = found.priced_nusd
    share = known / total.cost_nusd if known is not None and total.cost_nusd else None
    return [numbers.format_cost(found), numbers.format_share(share)]
