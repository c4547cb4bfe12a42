"""Tables of a report: by agent, model, project, channel and tool, those with the most tokens first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.reports.wording import numbers
from usage_dashboard.reports.wording.ranking import agents, ranked
from usage_dashboard.reports.wording.remarks import ATTRIBUTED
from usage_dashboard.web.markup import amount, bar, output, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_dashboard.aggregator import Report, ToolTotals, Totals
    from usage_dashboard.store.read.session_detail import Mark
    from usage_dashboard.web.markup import Html

HEADS = ("Tokens", "Calls", "Output", "Hit rate", "Cost")
TOOL_HEADS = ("Tool", "Tokens", "Calls", "Failed", "Median", "Cost")
KINDS = {"skill": "skill", "plugin": "plugin", "mcp": "MCP server"}


def by_agent(report: Report) -> Html:
    """A row for each agent, whatever its models."""
    return _by("Agent", agents(report).items())


def by_model(report: Report) -> Html:
    """A row for each model."""
    return _by("Model", report.models.items())


def by_project(report: Report) -> Html:
    """A row for each project."""
    return _by("Project", report.projects.items())


def by_channel(report: Report) -> Html:
    """A row for each of what started the sessions."""
    return _by("Channel", report.channels.items())


def by_tool(report: Report) -> Html:
    """A row for each tool, and for each label in brackets of what no tool was charged with."""
    found = ranked(report.tools.items())
    most = max((totals.total_tokens for _, totals in found), default=0)
    rows = [_tool(name, report.tools[name], most) for name, _ in found]
    return table("By tool", TOOL_HEADS, rows, ATTRIBUTED)


def by_mark(marks: list[Mark]) -> Html:
    """A row for each skill, plugin and MCP server that Claude Code itself charged responses to."""
    rows = [
        (name, KINDS[kind], f"{calls:,}", amount(tokens), numbers.dollars(nusd))
        for kind, name, calls, tokens, nusd in marks
    ]
    return table("As Claude Code says", ("Name", "Kind", "Calls", "Tokens", "Cost"), rows)


def _by(dimension: str, found: Iterable[tuple[str, Totals]]) -> Html:
    rows = ranked(found)
    most = max((totals.total_tokens for _, totals in rows), default=0)
    return table(
        f"By {dimension.lower()}", (dimension, *HEADS), [_row(name, totals, most) for name, totals in rows]
    )


def _row(name: str, totals: Totals, most: int) -> tuple[str, ...]:
    return (
        bar(totals.total_tokens / most if most else 0.0, name),
        amount(totals.total_tokens),
        f"{totals.calls:,}",
        output(totals),
        numbers.percent(totals.cache_hit_rate),
        numbers.cost(totals),
    )


def _tool(name: str, totals: ToolTotals, most: int) -> tuple[str, ...]:
    """A label in brackets is no tool, and was not called."""
    median = totals.median_ms
    ran = numbers.UNKNOWN if median is None else numbers.milliseconds(median)
    called = ("", "", "") if name.startswith("(") else (f"{totals.tool_calls:,}", f"{totals.failed:,}", ran)
    tokens = amount(totals.total_tokens)
    return (bar(totals.total_tokens / most if most else 0.0, name), tokens, *called, numbers.cost(totals))
