"""`report`: a stretch of time by one dimension, or all of it as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from usage_dashboard.aggregator import folded
from usage_dashboard.cli import blocks, figures, output, page, render
from usage_dashboard.cli.options import filtering, shows_usage
from usage_dashboard.cli.page import Column
from usage_dashboard.cli.remarks import remarks
from usage_dashboard.cli.sessions import prefix_length
from usage_dashboard.envelope import envelope
from usage_dashboard.model import SECOND_US

if TYPE_CHECKING:
    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.page import Line
    from usage_dashboard.cli.view import Keep, View
    from usage_dashboard.usage import Usage
    from usage_dashboard.windows import Window

DIMENSIONS = ("model", "agent", "project", "channel", "tool", "session", "day")

ATTRIBUTED = "Attributed to tools by the size of what they wrote and what they returned"

_BY = f"The rows: {', '.join(DIMENSIONS)}  [default: model]"

_MORE = {
    "agent": (Column("\nType", 9, left=True), Column("\nModel", left=True)),
    "session": (Column("\nStarted", 7, left=True), Column("\nDuration", 8)),
}


@click.command()
@click.option("--by", metavar="WHAT", type=click.Choice(DIMENSIONS), default="model", help=_BY)
@shows_usage("24H")
@click.option("--fold-servers", is_flag=True, help="With --by tool: one row for each MCP server")
@filtering
def report(
    view: View, window: Window, keep: Keep | None, by: str, *, as_json: bool, fold_servers: bool
) -> None:
    """Show any stretch of time by model, project, tool and more.

    \b
    Examples:
      usage-dashboard report --window 7D --by project
      usage-dashboard report --since 2026-11-01 --until 2026-11-15 --by day
      usage-dashboard report --window week --by tool --filter project=shop
      usage-dashboard report --window all --json
    """
    usage = view.read(window, keep)
    if fold_servers:
        usage.report.tools = folded(usage.report.tools)
    if as_json:
        output.show_json(envelope(usage, view.limits()))
        return
    width = output.width()
    if usage.report.totals.calls:
        output.show(_page(view, usage, by, width))
    else:
        output.show(blocks.nothing(view, window, width))


def _page(view: View, usage: Usage, by: str, width: int) -> list[Line]:
    total = usage.report.totals
    lines = [*blocks.headline(total, render.period(usage.window, view.zone), width), []]
    if by == "tool":
        lines += figures.by_tool(usage.report.tools, total, width)
        lines += [[], *page.wrapped(ATTRIBUTED, width, "dim")]
    else:
        lines += figures.by_name(by.capitalize(), _rows(view, usage, by), total, width, _MORE.get(by, ()))
    return lines + remarks(usage, width)


def _rows(view: View, usage: Usage, by: str) -> list[tuple[list[str], Totals]]:
    """The texts and the figures of each row."""
    found = usage.report
    if by == "agent":
        return [([*names], totals) for names, totals in blocks.ranked(found.agents.items())]
    if by == "session":
        size = prefix_length(view)
        ordered = blocks.ranked(found.sessions.items())
        return [([name[:size], *_span(view, usage, name)], totals) for name, totals in ordered]
    if by == "day":
        return [([name], totals) for name, totals in sorted(found.days.items())]
    named = {"model": found.models, "project": found.projects, "channel": found.channels}[by]
    return [([name], totals) for name, totals in blocks.ranked(named.items())]


def _span(view: View, usage: Usage, session: str) -> list[str]:
    first, last = usage.spans[session]
    return [render.stamp(first, view.zone, view.now_us), render.duration((last - first) // SECOND_US)]
