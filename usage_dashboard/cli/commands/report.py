"""`report`: show a window by one dimension, or all of it as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from usage_dashboard.aggregator import fold_mcp_servers
from usage_dashboard.cli.options import breakdown_option, compare_option, filter_option, usage_command
from usage_dashboard.cli.pages import blocks, token_tables
from usage_dashboard.cli.pages.comparison import Comparison, format_changes
from usage_dashboard.cli.pages.dimensions import DIMENSIONS, group_totals
from usage_dashboard.cli.pages.remarks import format_remarks
from usage_dashboard.cli.terminal import layout, output
from usage_dashboard.cli.terminal.layout import TableColumn
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.reports.envelope import build_envelope
from usage_dashboard.reports.session_usage import id_prefix_length
from usage_dashboard.reports.wording import numbers, periods, ranking
from usage_dashboard.reports.wording.remarks import ATTRIBUTED

if TYPE_CHECKING:
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.model.windows import Window
    from usage_dashboard.reports.filters import Wanted
    from usage_dashboard.reports.window_usage import WindowUsage

ONLY = "Only what is attributed to {}, by the size of what was written and what was returned"

_BY = f"The rows: {', '.join(DIMENSIONS)}  [default: model]"

_MORE = {
    "agent": (TableColumn("\nType", 9, left=True), TableColumn("\nModel", left=True)),
    "session": (TableColumn("\nStarted", 7, left=True), TableColumn("\nDuration", 8)),
}


@click.command()
@click.option("--by", metavar="WHAT", type=click.Choice(DIMENSIONS), default="model", help=_BY)
@usage_command("24H")
@filter_option
@compare_option
@breakdown_option
@click.option("--fold-servers", is_flag=True, help="With --by tool: one row for each MCP server")
def report(  # noqa: PLR0913 - an argument for each option
    reader: CommandReader,
    window: Window,
    wanted: Wanted,
    by: str,
    *,
    as_json: bool,
    compare: bool,
    breakdown: bool,
    fold_servers: bool,
) -> None:
    """Show any stretch of time by model, project, tool and more.

    \b
    Examples:
      usage-dashboard report --window 7D --by project --compare
      usage-dashboard report --since 2026-11-01 --until 2026-11-15 --by day
      usage-dashboard report --window week --last 1 --by model --breakdown
      usage-dashboard report --window week --by tool --filter project=shop
      usage-dashboard report --window month --by project --filter tool=Bash
      usage-dashboard report --window all --json
    """
    usage = reader.read_usage(window, wanted)
    compared = Comparison(reader, usage, wanted) if compare else None
    if fold_servers:
        for each in (usage, compared.before) if compared else (usage,):
            each.report.tools = fold_mcp_servers(each.report.tools)
    if as_json:
        output.print_json(
            build_envelope(usage, reader.limit_rows()) | (compared.to_json() if compared else {})
        )
        return
    width = output.page_width()
    if not ranking.has_usage(usage.report.totals):
        output.print_page(blocks.format_empty(reader, window, width))
        return
    lines = blocks.format_headline(usage.report.totals, periods.describe_window(window, reader.zone), width)
    rows = _ReportRows(reader, usage, by, breakdown=breakdown)
    if compared is not None:
        lines += [*compared.format_summary(reader, width), [], *rows.format_compared(compared, width)]
    else:
        lines += [[], *rows.format_table(width)]
    output.print_page([*lines, *_attribution_note(usage, by, wanted, width), *format_remarks(usage, width)])


class _ReportRows:
    """The rows of a report by one dimension."""

    def __init__(self, reader: CommandReader, usage: WindowUsage, by: str, *, breakdown: bool) -> None:
        self._reader = reader
        self._usage = usage
        self._by = by
        self._breakdown = breakdown
        self._size = id_prefix_length(reader) if by == "session" else 0

    def format_table(self, width: int) -> list[StyledLine]:
        """The table of each row's figures and their sum."""
        report, by = self._usage.report, self._by
        if by == "tool":
            return token_tables.format_by_tool(report.tools, report.totals, width)
        groups = group_totals(report, by, breakdown=self._breakdown)
        ordered = sorted(groups.items()) if by == "day" else ranking.rank_by_tokens(groups.items())
        rows = [(self._name_cells(names, self._usage), totals) for names, totals in ordered]
        return token_tables.format_by_name(by.capitalize(), rows, report.totals, width, _MORE.get(by, ()))

    def format_compared(self, comparison: Comparison, width: int) -> list[StyledLine]:
        """The table of each row's figures and their changes, current rows first."""
        pairs = comparison.paired_rows(self._by, breakdown=self._breakdown)
        rows = [
            (self._name_cells(names, comparison.before if now is None else self._usage), (before, now))
            for names, (before, now) in pairs.items()
        ]
        reports = (comparison.before.report, self._usage.report)
        before, now = (
            ranking.sum_totals(report.tools.values()) if self._by == "tool" else report.totals
            for report in reports
        )
        return format_changes(self._by.capitalize(), rows, (before, now), width, _MORE.get(self._by, ()))

    def _name_cells(self, names: tuple[str, ...], usage: WindowUsage) -> list[str]:
        if self._by != "session":
            return list(names)
        (name,) = names
        first, last = usage.spans[name]
        started = numbers.format_short_time(first, self._reader.zone, self._reader.now_us)
        return [name[: self._size], started, numbers.format_duration((last - first) // SECOND_US)]


def _attribution_note(usage: WindowUsage, by: str, wanted: Wanted, width: int) -> list[StyledLine]:
    """Explain the figures if they are shares of responses."""
    if usage.report.attributed:
        return [[], *layout.wrap_text(ONLY.format(" and ".join(wanted["tool"])), width, "dim")]
    return [[], *layout.wrap_text(ATTRIBUTED, width, "dim")] if by == "tool" else []
