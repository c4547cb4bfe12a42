"""`sessions`: list the sessions, the last active first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.options import usage_command
from usage_dashboard.cli.pages import averages, blocks
from usage_dashboard.cli.pages.averages import Outliers
from usage_dashboard.cli.pages.remarks import format_remarks
from usage_dashboard.cli.terminal import layout, output
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.reports.envelope import build_envelope
from usage_dashboard.reports.session_usage import id_prefix_length
from usage_dashboard.reports.wording import numbers, periods
from usage_dashboard.store.read import session_detail

if TYPE_CHECKING:
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.model.windows import Window
    from usage_dashboard.reports.window_usage import WindowUsage
    from usage_dashboard.store.read.session_detail import StoredSession

COLUMNS = (
    TableColumn("", left=True),
    TableColumn("Project", 2, left=True),
    TableColumn("Started", 3, style="dim", left=True),
    TableColumn("Duration", 5),
    TableColumn("Calls", 4),
    TableColumn("Tokens", style="figure"),
    TableColumn("Cost (est.)"),
)
MARKS = TableColumn("", 1, left=True)


@click.command()
@usage_command("7D")
def sessions(reader: CommandReader, window: Window, *, as_json: bool) -> None:
    """List the sessions, those that were active last first.

    Tokens and costs are those in the window; a session may have begun before it. Outliers cost far more
    than the others: more than the third quartile plus three times the spread of the quartiles.

    \b
    Examples:
      usage-dashboard sessions
      usage-dashboard sessions --window month
      usage-dashboard sessions --since 2026-11-01 --json
    """
    usage = reader.read_usage(window)
    with reader.open_ledger() as db:
        known = session_detail.list_sessions(db) if db is not None else []
    listed = [session for session in known if session.name in usage.report.sessions]
    if as_json:
        output.print_json(_to_json(reader, usage, listed))
        return
    width = output.page_width()
    if listed:
        output.print_page(_format_page(reader, usage, listed, width))
    else:
        output.print_page(blocks.format_empty(reader, window, width))


def _to_json(reader: CommandReader, usage: WindowUsage, listed: list[StoredSession]) -> dict[str, object]:
    """The report's JSON, with `by_session` in the order of the list, and with outliers and averages."""
    document = build_envelope(usage, reader.limit_rows())
    by_session = document["by_session"]
    rows = {row["session"]: row for row in by_session} if isinstance(by_session, list) else {}
    outliers = Outliers(usage.report.sessions)
    document["by_session"] = [
        {
            **rows[session.name],
            "project": session.project,
            "channel": session.channel,
            "outlier": None if outliers.edge is None else outliers.is_outlier(session.name),
        }
        for session in listed
    ]
    document["outliers"] = outliers.to_json()
    document["averages"] = {
        "all": averages.SessionAverage(usage, listed).to_json() if listed else None,
        "by_project": [average.to_json() for average in averages.averages_by_project(usage, listed)],
    }
    return document


def _format_page(
    reader: CommandReader, usage: WindowUsage, listed: list[StoredSession], width: int
) -> list[StyledLine]:
    total, size = usage.report.totals, id_prefix_length(reader)
    counted = numbers.format_count(len(listed), "session")
    words = f"in {counted} {periods.describe_window(usage.window, reader.zone)}"
    outliers = Outliers(usage.report.sessions)
    rows = [_session_row(reader, usage, session, size, outliers) for session in listed]
    columns = (*COLUMNS, MARKS) if outliers.rule_sentence else COLUMNS
    return [
        *blocks.format_headline(total, words, width),
        [],
        *layout.lay_out_table(columns, [("Session", rows)], width),
        [],
        *averages.format_averages(usage, listed, width),
        *([[], *layout.wrap_text(outliers.rule_sentence, width, "dim")] if outliers.rule_sentence else []),
        *format_remarks(usage, width),
    ]


def _session_row(
    reader: CommandReader, usage: WindowUsage, session: StoredSession, size: int, outliers: Outliers
) -> TableRow:
    totals = usage.report.sessions[session.name]
    marked = outliers.is_outlier(session.name)
    cells = [
        session.name[:size],
        session.project,
        numbers.format_short_time(session.first_us, reader.zone, reader.now_us),
        numbers.format_duration((session.last_us - session.first_us) // SECOND_US),
        f"{totals.calls:,}",
        numbers.format_tokens(totals.total_tokens),
        numbers.format_cost(totals),
        averages.MARK if marked else "",
    ]
    return TableRow(cells, "warn" if marked else "")
