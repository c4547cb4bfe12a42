"""`audit`: compare the ledger with Claude Code's own totals."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli import completions
from usage_dashboard.cli.options import usage_command
from usage_dashboard.cli.terminal import layout, output
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.model import humanize
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.reports.session_usage import find_session
from usage_dashboard.reports.wording import numbers
from usage_dashboard.store.read import session_detail
from usage_dashboard.store.read.audit import check_session
from usage_dashboard.store.read.totals import count_unknown_background

if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.store.read.audit import AuditRow

COLUMNS = (
    TableColumn("", left=True),
    TableColumn("\nModel", 3, left=True),
    TableColumn("Claude\nCode"),
    TableColumn("\nVisible", 1),
    TableColumn("Back-\nground"),
    TableColumn("Cut\noff", 2),
    TableColumn("Unex-\nplained"),
    TableColumn("\nCovered"),
    TableColumn("Its cost\n(est.)", 5),
    TableColumn("Ours\n(est.)", 4),
)
SHORT = 8
EXPLAINED = ("Every token is explained", "Every token that Claude Code reported is explained")
"""The verdict where nothing was found: of all, and where some processes reported nothing."""


@click.command()
@click.argument(
    "session_id", metavar="[SESSION]", required=False, shell_complete=completions.complete_sessions
)
@usage_command()
def audit(reader: CommandReader, session_id: str | None, *, as_json: bool) -> None:
    """Compare the ledger with Claude Code's own totals, per session and model.

    Exits 1 if a token is unexplained that calls cut off do not account for. SESSION is the beginning
    of a session's id, or `last`.

    \b
    Examples:
      usage-dashboard audit
      usage-dashboard audit last
      usage-dashboard audit --json
    """
    with reader.open_ledger() as db:
        if db is None or session_detail.last_session(db) is None:
            raise UsageDashboardError("No session is recorded", hint="usage-dashboard setup")
        sessions = [find_session(db, session_id)] if session_id else session_detail.list_sessions(db)
        results, unknown = _check_sessions(db, sessions)
    if as_json:
        output.print_json(_to_json(results, unknown))
    else:
        output.print_page(_format_page(results, unknown, output.page_width()))
    if any(check.fails for check in results):
        sys.exit(1)


def _check_sessions(
    db: Connection, sessions: list[session_detail.StoredSession]
) -> tuple[list[AuditRow], int]:
    """Check every session that has client totals; also return in how many something has none."""
    results: list[AuditRow] = []
    for session in sessions:
        results += check_session(db, session.id, session.name) or []
    return results, count_unknown_background(db, [session.name for session in sessions])


def _to_json(results: list[AuditRow], unknown: int) -> dict[str, object]:
    return {
        "version": 1,
        "background_unknown_sessions": unknown,
        "sessions": [
            {
                "session": check.session,
                "model": check.model,
                "client_tokens": check.client,
                "visible_tokens": check.visible,
                "background_tokens": check.background,
                "unexplained_tokens": check.unexplained,
                "incomplete_calls": check.incomplete,
                "coverage_percent": check.coverage,
                "client_cost_usd": check.client_cost / humanize.NANO,
                "cost_estimate_usd": None if check.cost is None else check.cost / humanize.NANO,
                "explained": not check.fails,
            }
            for check in results
        ],
    }


def _format_page(results: list[AuditRow], unknown: int, width: int) -> list[StyledLine]:
    rows = [TableRow(_check_cells(check), "red" if check.fails else "") for check in results]
    failing = sum(check.fails for check in results)
    verdict = (
        f"{failing} of {len(results)} rows have unexplained tokens" if failing else EXPLAINED[bool(unknown)]
    )
    lines = layout.lay_out_table(COLUMNS, [("Session", rows)], width) if rows else []
    if rows:
        lines += [[], *layout.wrap_text(verdict, width, "total")]
    if unknown:
        counted = numbers.format_count(unknown, "session")
        why = f"Background calls of {counted} are unknown: Claude Code wrote no totals (running, or killed)"
        lines += [[], *layout.wrap_text(why, width, "dim")]
    return lines


def _check_cells(check: AuditRow) -> list[str]:
    amounts = (check.client, check.visible, check.background)
    return [
        check.session[:SHORT],
        check.model,
        *(numbers.format_tokens(amount) for amount in amounts),
        f"{check.incomplete:,}",
        numbers.format_tokens(check.unexplained),
        numbers.UNKNOWN if check.coverage is None else f"{check.coverage}%",
        humanize.format_dollars(check.client_cost),
        numbers.UNKNOWN if check.cost is None else humanize.format_dollars(check.cost),
    ]
