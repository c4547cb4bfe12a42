"""`session ID`: show one session by model, agent and tool, over time, and its single calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from usage_dashboard.cli import completions
from usage_dashboard.cli.options import usage_command
from usage_dashboard.cli.pages import blocks, calls, subagent_tree, timeline, token_tables
from usage_dashboard.cli.pages.remarks import format_remarks
from usage_dashboard.cli.terminal import layout, output
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.reports.envelope import build_envelope, iso_time
from usage_dashboard.reports.session_usage import find_session, read_session_usage
from usage_dashboard.reports.wording import numbers, ranking
from usage_dashboard.reports.wording.remarks import ATTRIBUTED
from usage_dashboard.store.meta import rows_since_us
from usage_dashboard.store.read import session_detail

if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.store.read.session_detail import StoredCompaction, StoredSession

CALLS = 8
ORDERS = ("cost", "time")

COMPACTIONS = (
    TableColumn("", left=True),
    TableColumn("", 3, style="dim", left=True),
    TableColumn("Context before", 2),
    TableColumn("After", 1),
)
_TRIGGERS = {None: numbers.UNKNOWN, True: "automatic", False: "manual"}


class LoadedSession:
    """One session with all that the ledger has of it.

    `kept_us` is since when its single calls are kept (UTC microseconds), 0 if all of them are.
    """

    def __init__(self, reader: CommandReader, db: Connection, session: StoredSession) -> None:
        self.session = session
        self.buckets = list(session_detail.read_session_buckets(db, session))
        self.usage = read_session_usage(reader, db, session, self.buckets)
        self.marks = session_detail.read_extension_usage(db, session)
        self.subagents = subagent_tree.build_tree(db, session)
        self.compactions = session_detail.read_compactions(db, session)
        kept_us = rows_since_us(db)
        self.kept_us = kept_us if session.first_us < kept_us else 0
        self.calls: list[calls.CallWithTools] = []

    def read_calls(self, db: Connection, most: int, order: str) -> None:
        """Read at most `most` of its calls (all if negative) in the given `order`."""
        found = session_detail.read_session_calls(db, self.session, most, costliest=order == "cost")
        self.calls = calls.attach_tools(db, found)


@click.command()
@click.argument("session_id", metavar="ID", shell_complete=completions.complete_sessions)
@click.option(
    "--calls",
    "most",
    metavar="N",
    type=click.IntRange(0),
    help=f"How many calls to list  [default: {CALLS}; all in JSON]",
)
@click.option(
    "--sort", "order", type=click.Choice(ORDERS), default="cost", help="The costliest or the last calls first"
)
@usage_command()
def session(reader: CommandReader, session_id: str, most: int | None, order: str, *, as_json: bool) -> None:
    """Show one session: its course, its calls, subagents and tools.

    ID is the beginning of a session's id as `usage-dashboard sessions` lists it, or `last`.

    \b
    Examples:
      usage-dashboard session last
      usage-dashboard session 0020248b --calls 20 --sort time
      usage-dashboard session last --json
    """
    with reader.open_ledger() as db:
        if db is None or session_detail.last_session(db) is None:
            raise UsageDashboardError("No session is recorded", hint="usage-dashboard setup")
        loaded = LoadedSession(reader, db, find_session(db, session_id))
        loaded.read_calls(db, (-1 if as_json else CALLS) if most is None else most, order)
    if as_json:
        output.print_json(_to_json(reader, loaded))
    else:
        output.print_page(_format_page(reader, loaded, order, output.page_width()))


def _to_json(reader: CommandReader, loaded: LoadedSession) -> dict[str, object]:
    """The report's JSON with the parts that only a session has."""
    return {
        **build_envelope(loaded.usage, reader.limit_rows()),
        "calls": calls.calls_to_json(loaded.calls),
        "calls_kept_since": iso_time(loaded.kept_us),
        "subagents": subagent_tree.tree_to_json(loaded.subagents),
        "compactions": [
            {
                "at": iso_time(compaction.at_us),
                "type": "subagent" if compaction.subagent else "main",
                "automatic": compaction.automatic,
                "tokens_before": compaction.before,
                "tokens_after": compaction.after,
            }
            for compaction in loaded.compactions
        ],
        "cost_over_time": timeline.timeline_to_json(loaded.buckets),
    }


def _format_page(reader: CommandReader, loaded: LoadedSession, order: str, width: int) -> list[StyledLine]:
    usage, totals = loaded.usage, loaded.usage.report.totals
    groups = [
        ("By model", ranking.rank_by_tokens(usage.report.models.items())),
        ("By agent", ranking.rank_by_tokens(ranking.totals_by_agent(usage.report).items())),
    ]
    parts = [
        _format_head(reader, loaded, width),
        blocks.format_kinds(totals, width),
        timeline.format_timeline(loaded.buckets, reader, width)
        if len({b[0] for b in loaded.buckets}) > 1
        else [],
        blocks.format_overview(groups, width),
        _format_calls(reader, loaded, order, width),
        subagent_tree.format_tree(loaded.subagents, reader, width) if loaded.subagents else [],
        _format_compactions(reader, loaded.compactions, width),
        token_tables.format_by_tool(usage.report.tools, totals, width),
        layout.wrap_text(ATTRIBUTED, width, "dim"),
    ]
    return [
        *[line for part in parts if part for line in ([], *part)][1:],
        *token_tables.format_by_mark(loaded.marks, width),
        *format_remarks(usage, width),
    ]


def _format_head(reader: CommandReader, loaded: LoadedSession, width: int) -> list[StyledLine]:
    session, totals = loaded.session, loaded.usage.report.totals
    facts = (
        session.name,
        session.project,
        session.channel,
        numbers.format_moment(session.first_us, reader.zone),
        numbers.format_duration((session.last_us - session.first_us) // SECOND_US),
        f"{numbers.format_count(totals.calls, 'call')}, {numbers.format_count(totals.turns, 'turn')}",
    )
    return [
        *blocks.format_headline(totals, "in this session", width),
        *layout.join_parts(facts, width, "dim"),
    ]


def _format_calls(reader: CommandReader, loaded: LoadedSession, order: str, width: int) -> list[StyledLine]:
    """The table of calls, with a warning if older calls were dropped."""
    title = {"cost": "Costliest", "time": "Latest"}[order]
    lines: list[StyledLine] = []
    if loaded.calls:
        lines = calls.format_calls(title, loaded.calls, reader, width, day_us=loaded.session.first_us)
    if loaded.kept_us:
        day = numbers.format_short_time(loaded.kept_us, reader.zone, reader.now_us)
        text = f"Single calls and subagents before {day} are no longer kept; their totals are"
        lines += layout.wrap_text(text, width, "warn")
    return lines


def _format_compactions(
    reader: CommandReader, compactions: list[StoredCompaction], width: int
) -> list[StyledLine]:
    if not compactions:
        return []
    rows = [
        TableRow(
            [
                numbers.format_short_time(each.at_us, reader.zone, reader.now_us),
                _TRIGGERS[each.automatic],
                *(_format_size(tokens) for tokens in (each.before, each.after)),
            ]
        )
        for each in compactions
    ]
    return layout.lay_out_table(COMPACTIONS, [("Compacted", rows)], width)


def _format_size(tokens: int | None) -> str:
    return numbers.UNKNOWN if tokens is None else numbers.format_tokens(tokens)
