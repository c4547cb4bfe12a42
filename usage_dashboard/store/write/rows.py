"""Rows of the ledger in memory: a response and a tool call, as they are read, changed and written."""

from __future__ import annotations

from usage_dashboard.store.connection import split_ids
from usage_dashboard.store.sql import matches_any_response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection
    from typing import Any

    Values = tuple[Any, ...]
    """The columns of a row in their order: integers, and None for what is not known."""

FINAL, ABORTED = 1, 2


class ResponseRow:
    """One row of the table `response`; `before` is what it held when it was read, None if it is new.

    `gone` marks a row that is to be taken out of the ledger.
    """

    __slots__ = (
        "agent", "at_us", "before", "blocks", "cache_1h", "cache_creation", "cache_read", "calls",
        "class_id", "cost", "cost_prompt", "cost_read", "final", "gone", "id", "incomplete",
        "input", "kind", "mcp", "output", "plugin", "request", "savings", "searches", "session",
        "skill", "subagent", "text_bytes", "thinking", "thinking_bytes",
    )  # fmt: skip

    id: int
    request: int | None
    session: int
    subagent: int
    kind: int
    agent: int
    class_id: int
    at_us: int
    input: int
    output: int
    cache_creation: int
    cache_1h: int
    cache_read: int
    thinking: int | None
    searches: int
    calls: int
    incomplete: int
    final: int
    text_bytes: int
    thinking_bytes: int
    blocks: int
    cost: int | None
    cost_prompt: int | None
    cost_read: int | None
    savings: int | None
    skill: int | None
    plugin: int | None
    mcp: int | None

    def __init__(self, values: Values, *, stored: bool) -> None:
        for name, value in zip(RESPONSE_FIELDS, values, strict=True):
            setattr(self, name, value)
        self.gone = False
        self.before: ResponseRow | None = ResponseRow(values, stored=False) if stored else None

    def values(self) -> Values:
        """The row in the order of the table's columns."""
        return tuple(getattr(self, name) for name in RESPONSE_FIELDS)


class ToolRow:
    """One row of the table `tool_call`; `before` as in `ResponseRow`."""

    __slots__ = (
        "before", "cache_1h", "cache_creation", "carrier", "cost_output", "cost_prompt",
        "duration_ms", "failed", "handed", "id", "input", "input_bytes", "output", "response",
        "result_bytes", "server", "session", "subagent", "tool",
    )  # fmt: skip

    id: int
    response: int | None
    carrier: int | None
    session: int
    subagent: int
    tool: int
    server: int
    input_bytes: int
    result_bytes: int | None
    duration_ms: int | None
    failed: int | None
    output: int
    input: int
    cache_creation: int
    cache_1h: int
    cost_output: int
    cost_prompt: int
    handed: int | None

    def __init__(self, values: Values, *, stored: bool) -> None:
        for name, value in zip(TOOL_FIELDS, values, strict=True):
            setattr(self, name, value)
        self.before: ToolRow | None = ToolRow(values, stored=False) if stored else None

    def values(self) -> Values:
        """The row in the order of the table's columns."""
        return tuple(getattr(self, name) for name in TOOL_FIELDS)


RESPONSE_FIELDS = (
    "id", "request", "session", "subagent", "kind", "agent", "class_id", "at_us", "input", "output",
    "cache_creation", "cache_1h", "cache_read", "thinking", "searches", "calls", "incomplete", "final",
    "text_bytes", "thinking_bytes", "blocks", "cost", "cost_prompt", "cost_read", "savings", "skill",
    "plugin", "mcp",
)  # fmt: skip
TOOL_FIELDS = (
    "id", "response", "carrier", "session", "subagent", "tool", "server", "input_bytes", "result_bytes",
    "duration_ms", "failed", "output", "input", "cache_creation", "cache_1h", "cost_output", "cost_prompt",
    "handed",
)  # fmt: skip
RESPONSE_COLUMNS = ", ".join(RESPONSE_FIELDS).replace("class_id", "class")
TOOL_COLUMNS = ", ".join(TOOL_FIELDS)


def read_responses(db: Connection, ids: Iterable[int]) -> dict[int, ResponseRow]:
    """The stored responses among `ids`."""
    found = {}
    for some in split_ids(list(ids)):
        marks = ",".join("?" * len(some))
        query = f"SELECT {RESPONSE_COLUMNS} FROM response WHERE id IN ({marks})"  # noqa: S608 - only marks
        for values in db.execute(query, some):
            found[values[0]] = ResponseRow(values, stored=True)
    return found


def read_tools(db: Connection, column: str, ids: Iterable[int]) -> dict[int, ToolRow]:
    """The stored tool calls whose `column` (id, response or carrier) is among `ids`."""
    found = {}
    for some in split_ids(list(ids)):
        marks = ",".join("?" * len(some))
        where = f"id IN ({marks})" if column == "id" else matches_any_response(column, len(some))
        query = f"SELECT {TOOL_COLUMNS} FROM tool_call WHERE {where}"  # noqa: S608 - ours
        for values in db.execute(query, some):
            found[values[0]] = ToolRow(values, stored=True)
    return found


def read_waiting(db: Connection, session: int) -> dict[int, ToolRow]:
    """The tool calls whose results stand in a session's transcripts and no request has carried yet."""
    query = (
        f"SELECT {TOOL_COLUMNS} FROM tool_call"  # noqa: S608 - only our own column names
        " WHERE handed = ? AND carrier IS NULL AND result_bytes IS NOT NULL"
    )
    return {values[0]: ToolRow(values, stored=True) for values in db.execute(query, (session,))}


def write_responses(db: Connection, rows: list[ResponseRow]) -> None:
    """Put `rows` into the ledger, over what it has of them, and take out those that are gone."""
    marks = ",".join("?" * len(RESPONSE_FIELDS))
    statement = f"INSERT OR REPLACE INTO response ({RESPONSE_COLUMNS}) VALUES ({marks})"  # noqa: S608 - ours
    db.executemany(statement, [row.values() for row in rows if not row.gone])
    gone = [(row.id,) for row in rows if row.gone]
    if gone:
        db.executemany("DELETE FROM response WHERE id = ?", gone)


def write_tools(db: Connection, rows: list[ToolRow]) -> None:
    """Put `rows` into the ledger, over what it has of them."""
    marks = ",".join("?" * len(TOOL_FIELDS))
    statement = f"INSERT OR REPLACE INTO tool_call ({TOOL_COLUMNS}) VALUES ({marks})"  # noqa: S608 - ours
    db.executemany(statement, [row.values() for row in rows])


def grouped(tools: Iterable[ToolRow], column: str) -> dict[int, list[ToolRow]]:
    """`tools` by what their `column` (response or carrier) names."""
    found: dict[int, list[ToolRow]] = {}
    for tool in tools:
        relative = getattr(tool, column)
        if relative is not None:
            found.setdefault(relative, []).append(tool)
    return found
