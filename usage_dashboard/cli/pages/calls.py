"""Format single calls, each with its tools, tokens and cost, as a table or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.aggregator import HIDDEN, REPLY, sum_buckets
from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.model.events import BACKGROUND, KIND_NAMES, SUBAGENT
from usage_dashboard.reports.envelope import iso_time, token_fields
from usage_dashboard.reports.wording import numbers
from usage_dashboard.store.read import session_detail

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.store.read.session_detail import StoredCall

TIME = TableColumn("", left=True)
PROJECT = TableColumn("Project", 5, style="dim", left=True)
COLUMNS = (
    TableColumn("Model", 4, left=True),
    TableColumn("What for", left=True),
    TableColumn("Output", 3),
    TableColumn("Tokens", 1, style="figure"),
    TableColumn("Cost (est.)"),
)


class CallWithTools:
    """A call with the tools that it asked for, as (name, times), the most frequent first."""

    __slots__ = ("agent", "at_us", "kind", "model", "project", "session", "tools", "totals")

    def __init__(self, call: StoredCall, tools: list[tuple[str, int]]) -> None:
        self.at_us = call.at_us
        self.session, self.project = call.bucket[1:3]
        self.kind, self.agent, self.model = call.bucket[4:7]
        self.totals: Totals = sum_buckets([call.bucket])
        self.tools = tools

    @property
    def purpose(self) -> str:
        """What the call was for: its tools or `(reply)`, after the type of a subagent; or `(background)`."""
        if self.kind == BACKGROUND:
            return HIDDEN
        asked = [f"{name} x{times}" if times > 1 else name for name, times in self.tools]
        what = ", ".join(asked) or REPLY
        return f"{self.agent}: {what}" if self.kind == SUBAGENT else what


def attach_tools(db: Connection, calls: Sequence[StoredCall]) -> list[CallWithTools]:
    """Add the tools that each call asked for."""
    tools = session_detail.count_tools(db, calls)
    return [CallWithTools(call, tools.get(call.id, [])) for call in calls]


def format_calls(
    title: str,
    calls: Sequence[CallWithTools],
    reader: CommandReader,
    width: int,
    *,
    day_us: int,
    projects: bool = False,
) -> list[StyledLine]:
    """A table with a row for each call, and a column of projects if `projects`.

    Times have no date if all calls are of the same day as the instant `day_us`.
    """
    today = reader.zone.day(day_us)
    dated = any(reader.zone.day(call.at_us) != today for call in calls)
    rows = []
    for call in calls:
        clock = numbers.format_clock(call.at_us, reader.zone)
        rows.append(
            TableRow(
                [
                    numbers.format_short_time(call.at_us, reader.zone, reader.now_us) if dated else clock,
                    *([call.project] if projects else []),
                    call.model,
                    call.purpose,
                    numbers.format_output(call.totals),
                    numbers.format_tokens(call.totals.total_tokens),
                    numbers.format_cost(call.totals),
                ]
            )
        )
    return layout.lay_out_table((TIME, *([PROJECT] if projects else []), *COLUMNS), [(title, rows)], width)


def calls_to_json(calls: Sequence[CallWithTools]) -> list[dict[str, object]]:
    """The calls as plain values."""
    return [
        {
            "at": iso_time(call.at_us),
            "session": call.session,
            "project": call.project,
            "agent": call.agent,
            "type": KIND_NAMES[call.kind],
            "model": call.model,
            "tools": [{"tool": name, "calls": times} for name, times in call.tools],
            **token_fields(call.totals),
            "incomplete": bool(call.totals.incomplete),
        }
        for call in calls
    ]
