"""Tables of the sessions and tools that cost the most."""

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
    """A table of the costliest sessions, each with its project."""
    size = id_prefix_length(reader)
    rows = []
    with reader.open_ledger() as db:
        for name, totals in _most_expensive(report.sessions.items(), most):
            projects = [session.project for session in session_detail.find_sessions(db, name)] if db else []
            words = " ".join([name[:size], *projects])
            rows.append(
                TableRow(
                    [f"  {words}", numbers.format_tokens(totals.total_tokens), numbers.format_cost(totals)]
                )
            )
    return layout.lay_out_table(SESSIONS, [("Costliest sessions", rows)], width)


def costliest_tools(report: Report, most: int, width: int) -> list[StyledLine]:
    """A table of the costliest tools; empty if no tool was called."""
    whole = report.totals.cost_nusd
    called = {name: totals for name, totals in report.tools.items() if totals.tool_calls}
    rows = []
    for name, totals in _most_expensive(called.items(), most):
        known = totals.priced_nusd
        share = numbers.format_share(known / whole if known is not None and whole else None)
        rows.append(TableRow([f"  {name}", f"{totals.tool_calls:,}", share, numbers.format_cost(totals)]))
    return layout.lay_out_table(TOOLS, [("Costliest tools", rows)], width) if rows else []


def _most_expensive(totals_by_name: Iterable[tuple[str, T]], most: int) -> list[tuple[str, T]]:
    """The `most` entries with the highest known cost, then with the most tokens."""
    order = sorted(
        totals_by_name, key=lambda item: (-(item[1].priced_nusd or 0), -item[1].total_tokens, item[0])
    )
    return order[:most]
