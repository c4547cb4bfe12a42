"""Tables of a report: by agent, model, project, channel and tool, most tokens first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.reports.wording import numbers
from usage_dashboard.reports.wording.ranking import rank_by_tokens, totals_by_agent
from usage_dashboard.reports.wording.remarks import ATTRIBUTED
from usage_dashboard.web.markup import amount_html, bar_html, output_html, table_html

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_dashboard.aggregator import Report, ToolTotals, Totals
    from usage_dashboard.store.read.session_detail import ExtensionUsage
    from usage_dashboard.web.markup import Html

HEADS = ("Tokens", "Calls", "Output", "Hit rate", "Cost")
TOOL_HEADS = ("Tool", "Tokens", "Calls", "Failed", "Median", "Cost")
KINDS = {"skill": "skill", "plugin": "plugin", "mcp": "MCP server"}


def by_agent(report: Report) -> Html:
    """A row for each agent, whatever its models."""
    return _totals_table("Agent", totals_by_agent(report).items())


def by_model(report: Report) -> Html:
    """A row for each model."""
    return _totals_table("Model", report.models.items())


def by_project(report: Report) -> Html:
    """A row for each project."""
    return _totals_table("Project", report.projects.items())


def by_channel(report: Report) -> Html:
    """A row for each channel, that is, for what started the sessions."""
    return _totals_table("Channel", report.channels.items())


def by_tool(report: Report) -> Html:
    """A row for each tool, and for each label in brackets that covers what no tool was charged with."""
    tools = rank_by_tokens(report.tools.items())
    most = max((totals.total_tokens for _, totals in tools), default=0)
    rows = [_tool_row(name, report.tools[name], most) for name, _ in tools]
    return table_html("By tool", TOOL_HEADS, rows, ATTRIBUTED)


def by_mark(marks: list[ExtensionUsage]) -> Html:
    """A row for each skill, plugin and MCP server that Claude Code itself charged responses to."""
    rows = [
        (name, KINDS[kind], f"{calls:,}", amount_html(tokens), numbers.format_dollars(nusd))
        for kind, name, calls, tokens, nusd in marks
    ]
    return table_html("As Claude Code says", ("Name", "Kind", "Calls", "Tokens", "Cost"), rows)


def _totals_table(dimension: str, totals_by_name: Iterable[tuple[str, Totals]]) -> Html:
    rows = rank_by_tokens(totals_by_name)
    most = max((totals.total_tokens for _, totals in rows), default=0)
    return table_html(
        f"By {dimension.lower()}",
        (dimension, *HEADS),
        [_totals_row(name, totals, most) for name, totals in rows],
    )


def _totals_row(name: str, totals: Totals, most: int) -> tuple[str, ...]:
    return (
        bar_html(totals.total_tokens / most if most else 0.0, name),
        amount_html(totals.total_tokens),
        f"{totals.calls:,}",
        output_html(totals),
        numbers.format_share(totals.cache_hit_rate),
        numbers.format_cost(totals),
    )


def _tool_row(name: str, totals: ToolTotals, most: int) -> tuple[str, ...]:
    """A row of a tool; a label in brackets is not one, and was not called."""
    median = totals.median_ms
    ran = numbers.UNKNOWN if median is None else numbers.format_milliseconds(median)
    called = ("", "", "") if name.startswith("(") else (f"{totals.tool_calls:,}", f"{totals.failed:,}", ran)
    tokens = amount_html(totals.total_tokens)
    return (
        bar_html(totals.total_tokens / most if most else 0.0, name),
        tokens,
        *called,
        numbers.format_cost(totals),
    )
