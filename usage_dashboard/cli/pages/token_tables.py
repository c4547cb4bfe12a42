"""Tables with every kind of token: of a report by some dimension, of a session by tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.aggregator import ToolTotals
from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import Column, Row
from usage_dashboard.reports.wording import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.terminal.layout import Line
    from usage_dashboard.store.read.session_detail import Mark

KINDS = (
    Column("Fresh\ninput", 4),
    Column("\nOutput", 3),
    Column("Cache\nwrite", 5),
    Column("Cache\nread", 6),
)

MARK_FIGURES = (Column("\nCalls", 1), Column("\nTokens", style="figure"), Column("Cost\n(est.)"))


def by_name(
    title: str,
    rows: Sequence[tuple[list[str], Totals]],
    total: Totals,
    width: int,
    more: Sequence[Column] = (),
) -> list[Line]:
    """A row for each name, with the `more` columns that its texts fill, and the total."""
    columns = (
        Column("", left=True),
        *more,
        Column("\nCalls", 2),
        *KINDS,
        Column("\nTokens", style="figure"),
        Column("Cost\n(est.)"),
    )
    found = [Row([*texts, *_counts(totals)]) for texts, totals in rows]
    whole = Row(["Total", *("" for _ in more), *_counts(total)], "total")
    return layout.table(columns, [(title, [*found, whole])], width)


def by_tool(tools: dict[str, ToolTotals], total: Totals, width: int) -> list[Line]:
    """A row for each tool and label, the tools first, with its share of the cost; the rows add up."""
    columns = (
        Column("", left=True),
        Column("\nCalls", 1),
        Column("\nFailed", 7),
        Column("\nMedian", 9),
        *KINDS,
        Column("Cost\n(est.)"),
        Column("\nShare", 8),
    )
    order = sorted(tools.items(), key=lambda item: (item[0].startswith("("), -item[1].cost_nusd, item[0]))
    rows = [Row([name, *_tool_counts(name, found), *_cost(found, total)]) for name, found in order]
    calls = sum(found.tool_calls for found in tools.values())
    failed = sum(found.failed for found in tools.values())
    whole = Row(["Total", f"{calls:,}", f"{failed:,}", "", *_kinds(total), *_cost(total, total)], "total")
    return layout.table(columns, [("Tool", [*rows, whole])], width)


def by_mark(marks: Sequence[Mark], width: int) -> list[Line]:
    """A row for each skill, plugin and MCP server that Claude Code itself charged responses to."""
    if not marks:
        return []
    columns = (Column("", left=True), Column("\nKind", 2, left=True), *MARK_FIGURES)
    named = {"skill": "skill", "plugin": "plugin", "mcp": "MCP server"}
    rows = [
        Row([name, named[kind], f"{calls:,}", numbers.format_tokens(tokens), numbers.format_dollars(nusd)])
        for kind, name, calls, tokens, nusd in marks
    ]
    return [[], *layout.table(columns, [("Claude Code says", rows)], width)]


def called(totals: Totals) -> int:
    """The responses; of what tools and labels were charged with the tools' own calls."""
    return totals.tool_calls if isinstance(totals, ToolTotals) else totals.calls


def calls(totals: Totals) -> str:
    """The calls as a cell; a label in brackets was not called."""
    amount = called(totals)
    return f"{amount:,}" if amount or not isinstance(totals, ToolTotals) else ""


def _counts(totals: Totals) -> list[str]:
    return [
        calls(totals),
        *_kinds(totals),
        numbers.format_tokens(totals.total_tokens),
        numbers.format_cost(totals),
    ]


def _kinds(totals: Totals) -> list[str]:
    written = numbers.format_output(totals)
    amounts = (totals.input, totals.cache_creation, totals.cache_read)
    fresh, creation, read = (numbers.format_tokens(amount) for amount in amounts)
    return [fresh, written, creation, read]


def _tool_counts(name: str, found: ToolTotals) -> list[str]:
    """A label in brackets is no tool, and was not called."""
    median = found.median_ms
    ran = numbers.UNKNOWN if median is None else numbers.format_milliseconds(median)
    called = [f"{found.tool_calls:,}", f"{found.failed:,}", ran]
    return [*(["", "", ""] if name.startswith("(") else called), *_kinds(found)]


def _cost(found: Totals, total: Totals) -> list[str]:
    known = found.priced_nusd
    share = known / total.cost_nusd if known is not None and total.cost_nusd else None
    return [numbers.format_cost(found), numbers.format_share(share)]
