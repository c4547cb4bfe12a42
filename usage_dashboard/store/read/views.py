"""The documented views of a ledger, for programs: their names and columns do not change.

`usage` is part of every ledger. The others are made on a connection, and gone with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.store.connection import open_reader
from usage_dashboard.store.sql import matches_response

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection


class ViewColumn(NamedTuple):
    """A column of a view: its name, its SQL expression, and its description."""

    name: str
    sql: str
    about: str


_ISO = "strftime('%Y-%m-%dT%H:%M:%SZ', {} / 1000000, 'unixepoch')"
_WHERE = (
    ViewColumn("session", "s.name", "Claude Code's id of the session"),
    ViewColumn("project", "p.name", "The repository or folder that it ran in"),
    ViewColumn("channel", "h.name", "What started it: `cli`, `sdk-cli`, `claude-vscode` and others"),
)
_TOKENS = (
    ViewColumn(
        "total_tokens", "x.input + x.output + x.cache_creation + x.cache_read", "Tokens of every kind"
    ),
    ViewColumn("input_tokens", "x.input", "Fresh input, which no cache had"),
    ViewColumn("output_tokens", "x.output", "Output, thinking included"),
    ViewColumn("cache_creation", "x.cache_creation", "Input written to the cache"),
    ViewColumn("cache_creation_1h", "x.cache_1h", "The part of it that is kept for an hour"),
    ViewColumn("cache_read", "x.cache_read", "Input read from the cache"),
    ViewColumn("thinking_tokens", "x.thinking", "The part of the output that was thinking"),
    ViewColumn("web_searches", "x.searches", "Web searches by the API"),
)
_CALLS = ViewColumn("calls", "x.calls", "Billed responses; a `background` row stands for one or more")
_COST = ViewColumn(
    "cost_estimate_usd", "x.cost / 1e9", "US dollars, an estimate; empty where no price is known"
)
_SAVED = ViewColumn("cache_savings_usd", "x.savings / 1e9", "What it would have cost more without the cache")
_TURNS = ViewColumn(
    "turns", "SUM(CASE x.kind WHEN 0 THEN x.calls ELSE 0 END)", "Responses of the main thread"
)
_INCOMPLETE = ViewColumn(
    "incomplete_calls", "SUM(x.incomplete)", "Calls that were cut off: their output is more"
)
_SESSIONS = ViewColumn("sessions", "COUNT(DISTINCT x.session)", "How many sessions")
_ASKED = f"(SELECT COUNT(*) FROM tool_call t WHERE {matches_response('t.response', 'x.id')})"  # noqa: S608 - ours
_KNOWN = "CASE WHEN SUM(x.calls) = 0 OR SUM(x.unpriced) < SUM(x.calls) THEN {} END"
_ADDED = (
    *(ViewColumn(name, f"SUM({sql})", about) for name, sql, about in (_CALLS, *_TOKENS)),
    *(ViewColumn(name, _KNOWN.format(f"SUM(x.{kind}) / 1e9"), about)
      for kind, (name, _, about) in (("cost", _COST), ("savings", _SAVED))),
)  # fmt: skip
_OF_SESSION = (
    " JOIN session s ON s.id = x.session JOIN label p ON p.id = s.project JOIN label h ON h.id = s.channel"
)
_OF_MODEL = " JOIN price_class c ON c.id = x.class JOIN label m ON m.id = c.model"

COLUMNS = {
    "calls": (
        ViewColumn("time", _ISO.format("x.at_us"), "When it came, UTC"),
        *_WHERE,
        ViewColumn("agent", "a.name", "The agent's type: `main`, `Explore` and others"),
        ViewColumn(
            "type",
            "CASE x.kind WHEN 0 THEN 'main' WHEN 1 THEN 'subagent' ELSE 'background' END",
            "`main`, `subagent`, or `background`: calls that no transcript shows",
        ),
        ViewColumn("model", "m.name", "The model's full name"),
        _CALLS,
        *_TOKENS,
        _COST,
        _SAVED,
        ViewColumn("incomplete", "x.incomplete", "1 if it was cut off: its output is a lower bound"),
        ViewColumn("tool_calls", _ASKED, "How many tools it asked for"),
        ViewColumn("skill", "k.name", "The skill that Claude Code charges it to"),
        ViewColumn("plugin", "g.name", "The plugin, likewise"),
        ViewColumn("mcp_server", "v.name", "The MCP server, likewise"),
    ),
    "sessions": (
        *_WHERE,
        ViewColumn("started", _ISO.format("s.first_us"), "Its first call, UTC"),
        ViewColumn("ended", _ISO.format("s.last_us"), "Its last call, UTC"),
        ViewColumn("duration_seconds", "(s.last_us - s.first_us) / 1000000", "From the first to the last"),
        _TURNS,
        *_ADDED,
        _INCOMPLETE,
    ),
    "days": (
        ViewColumn("day", "local_day(x.bucket)", "A day of the user's time zone"),
        _SESSIONS,
        _TURNS,
        *_ADDED,
        _INCOMPLETE,
    ),
    "models": (
        ViewColumn("model", "m.name", "The model's full name"),
        _SESSIONS,
        _TURNS,
        *_ADDED,
        _INCOMPLETE,
    ),
}  # fmt: skip
"""The columns of each view, in their order."""

_FROM = {
    "calls": "response x"
    + _OF_SESSION
    + " JOIN label a ON a.id = x.agent"
    + _OF_MODEL
    + " LEFT JOIN label k ON k.id = x.skill LEFT JOIN label g ON g.id = x.plugin"
    " LEFT JOIN label v ON v.id = x.mcp",
    "sessions": "rollup x" + _OF_SESSION + " GROUP BY x.session",
    "days": "rollup x GROUP BY 1",
    "models": "rollup x" + _OF_MODEL + " GROUP BY c.model",
}

TABLES = ("response", "tool_call", "rollup", "session", "label", "price_class")
"""The tables that the views read."""


def column_names(view: str) -> tuple[str, ...]:
    """The names of a view's columns."""
    return tuple(column.name for column in COLUMNS[view])


def view_query(view: str, first: str = "") -> str:
    """The query of a view, with the expression `first` before its columns."""
    columns = [f"{column.sql} AS {column.name}" for column in COLUMNS[view]]
    return f"SELECT {', '.join([first, *columns] if first else columns)} FROM {_FROM[view]}"  # noqa: S608 - ours


def open_views(home: str, day_of: Callable[[int], str]) -> Connection | None:
    """Open the ledger for reading, with the views, or return None if there is no ledger yet.

    `day_of` returns the name of the day of an instant.

    Raises:
        LedgerError: the ledger is damaged, or of a format that this release does not know.
    """
    db = open_reader(home)
    if db is None:
        return None
    days: dict[int, str] = {}

    def local_day(bucket: int) -> str:
        return days.get(bucket) or days.setdefault(bucket, day_of(bucket * BUCKET_US))

    db.create_function("local_day", 1, local_day, deterministic=True)
    db.execute("PRAGMA query_only = OFF")
    for view in COLUMNS:
        db.execute(f"CREATE TEMP VIEW {view} AS {view_query(view)}")
    db.execute("PRAGMA query_only = ON")
    return db
