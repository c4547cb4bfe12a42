"""What cost the most: sessions and tools, the first few of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.reports.session_usage import id_prefix_length
from usage_dashboard.reports.wording import numbers
from usage_dashboard.store.read import session_detail

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_dashboard.aggregator import Report, Totals
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine

    T = TypeVar("T", bound=Totals)

SESSIONS = (TableColumn("", left=True), TableColumn("Tokens", 1), TableColumn("≈ Cost", style="figure"))
TOOLS = (
    TableColumn("", left=True),
    TableColumn("Calls", 1),
    TableColumn("Share", 2),
    TableColumn("≈ Cost", style="figure"),
)


def costliest_sessions(reader: CommandReader, report: Report, most: int, width: int) -> list[StyledLine]:
    """The sessions with the highest cost, each with its project."""
    size = id_prefix_length(reader)
    rows = []
    with reader.open_ledger() as db:
        for name, found in _most_expensive(report.sessions.items(), most):
            projects = [session.project for session in session_detail.find_sessions(db, name)] if db else []
            words = " ".join([name[:size], *projects])
            rows.append(
                TableRow(
                    [f"  {words}", numbers.format_tokens(found.total_tokens), numbers.format_cost(found)]
                )
            )
    return layout.lay_out_table(SESSIONS, [("Costliest sessions", rows)], width)


def costliest_tools(report: Report, most: int, width: int) -> list[StyledLine]:
    """The tools that were charged with the most; nothing if none was called."""
    whole = report.totals.cost_nusd
    called = {name: found for name, found in report.tools.items() if found.tool_calls}
    rows = []
    for name, found in _most_expensive(called.items(), most):
        known = found.priced_nusd
        share = numbers.format_share(known / whole if known is not None and whole else None)
        rows.append(TableRow([f"  {name}", f"{found.tool_calls:,}", share, numbers.format_cost(found)]))
    return layout.lay_out_table(TOOLS, [("Costliest tools", rows)], width) if rows else []


def _most_expensive(found: Iterable[tuple[str, T]], most: int) -> list[tuple[str, T]]:
    """At most `most` with the highest known cost, of equal ones those with the most tokens."""
    order = sorted(found, key=lambda item: (-(item[1].priced_nusd or 0), -item[1].total_tokens, item[0]))
    return order[:most]
