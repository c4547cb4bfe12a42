"""`session ID`: one session, by kind of token, model, agent and tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from usage_dashboard.aggregator import report, take_durations
from usage_dashboard.cli import blocks, figures, output, page, render
from usage_dashboard.cli.options import shows_usage
from usage_dashboard.cli.remarks import remarks
from usage_dashboard.cli.report import ATTRIBUTED
from usage_dashboard.envelope import envelope
from usage_dashboard.errors import UsageDashboardError
from usage_dashboard.model import SECOND_US
from usage_dashboard.store import drill
from usage_dashboard.store.read import count_unknown
from usage_dashboard.usage import Usage
from usage_dashboard.windows import Window

if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.page import Line
    from usage_dashboard.cli.view import View
    from usage_dashboard.store.drill import Session

LAST = "last"
NAMED = 3


@click.command()
@click.argument("session_id", metavar="ID")
@shows_usage()
def session(view: View, session_id: str, *, as_json: bool) -> None:
    """Show one session by kind of token, model, agent and tool.

    ID is the beginning of a session's id as `usage-dashboard sessions` lists it, or `last`.
    """
    with view.ledger() as db:
        if db is None or drill.last_session(db) is None:
            raise UsageDashboardError("No session is recorded", hint="usage-dashboard setup")
        found = find(db, session_id)
        usage = _usage(view, db, found)
        marks = drill.read_marks(db, found)
    if as_json:
        output.show_json(envelope(usage, view.limits()))
    else:
        output.show(_page(view, found, usage, marks, output.width()))


def find(db: Connection, asked: str) -> Session:
    """The session that was asked for.

    Raises:
        UsageDashboardError: there is none, or more than one.
    """
    last = drill.last_session(db) if asked == LAST else None
    found = drill.find_sessions(db, asked) if last is None else [last]
    if not found:
        hint = "usage-dashboard sessions --window all"
        raise UsageDashboardError(f"No session's id begins with `{asked}`", hint=hint)
    if len(found) > 1:
        named = ", ".join(session.name for session in found[:NAMED])
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        message = f"{len(found)} sessions' ids begin with `{asked}`: {named}{more}"
        raise UsageDashboardError(message, hint=f"usage-dashboard session {found[0].name}")
    return found[0]


def _usage(view: View, db: Connection, found: Session) -> Usage:
    """Everything of the session, as a report of the time since it began."""
    usage = Usage(Window("session", found.first_us))
    usage.report = report(drill.read_buckets(db, found), drill.read_tool_buckets(db, found), view.zone.day)
    take_durations(usage.report, drill.read_durations(db, found))
    usage.report.background_unknown_sessions = count_unknown(db, [found.name])
    usage.spans = {found.name: (found.first_us, found.last_us)}
    usage.recorded = True
    return usage


def _page(view: View, found: Session, usage: Usage, marks: list[drill.Mark], width: int) -> list[Line]:
    totals = usage.report.totals
    seconds = (found.last_us - found.first_us) // SECOND_US
    facts = (
        found.name,
        found.project,
        found.channel,
        render.moment(found.first_us, view.zone),
        render.duration(seconds),
        f"{render.count(totals.calls, 'call')}, {render.count(totals.turns, 'turn')}",
    )
    groups = [
        ("By model", blocks.ranked(usage.report.models.items())),
        ("By agent", blocks.ranked(_agents(usage).items())),
    ]
    return [
        *blocks.headline(totals, "in this session", width),
        *page.flowing(facts, width, "dim"),
        [],
        *blocks.kinds(totals, width),
        [],
        *blocks.overview(groups, width),
        [],
        *figures.by_tool(usage.report.tools, totals, width),
        [],
        *page.wrapped(ATTRIBUTED, width, "dim"),
        *figures.by_mark(marks, width),
        *remarks(usage, width),
    ]


def _agents(usage: Usage) -> dict[str, Totals]:
    """The agents by name, whatever their models."""
    found: dict[str, list[Totals]] = {}
    for (name, _, _), totals in usage.report.agents.items():
        found.setdefault(name, []).append(totals)
    return {name: blocks.added(some) for name, some in found.items()}
