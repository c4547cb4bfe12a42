"""Reading and writing single rows of responses and tool calls."""

from __future__ import annotations

from usage_dashboard.model.rows import RESPONSE_FIELDS, TOOL_FIELDS, ResponseRow, ToolRow
from usage_dashboard.store.connection import split_ids
from usage_dashboard.store.sql import matches_any_response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection

RESPONSE_COLUMNS = ", ".join(RESPONSE_FIELDS).replace("class_id", "class")
TOOL_COLUMNS = ", ".join(TOOL_FIELDS)


def read_responses(db: Connection, ids: Iterable[int]) -> dict[int, ResponseRow]:
    """The stored responses among `ids`."""
    stored = {}
    for some in split_ids(list(ids)):
        marks = ",".join("?" * len(some))
        query = f"SELECT {RESPONSE_COLUMNS} FROM response WHERE id IN ({marks})"  # noqa: S608 - only marks
        for values in db.execute(query, some):
            stored[values[0]] = ResponseRow.stored(values)
    return stored


def read_tools(db: Connection, column: str, ids: Iterable[int]) -> dict[int, ToolRow]:
    """The stored tool calls whose `column` (id, response or carrier) is among `ids`."""
    stored = {}
    for some in split_ids(list(ids)):
        marks = ",".join("?" * len(some))
        where = f"id IN ({marks})" if column == "id" else matches_any_response(column, len(some))
        query = f"SELECT {TOOL_COLUMNS} FROM tool_call WHERE {where}"  # noqa: S608 - ours
        for values in db.execute(query, some):
            stored[values[0]] = ToolRow.stored(values)
    return stored


def read_waiting(db: Connection, session: int) -> dict[int, ToolRow]:
    """The tool calls whose results are in a session's transcripts and were carried by no request yet."""
    query = (
        f"SELECT {TOOL_COLUMNS} FROM tool_call"  # noqa: S608 - only our own column names
        " WHERE handed = ? AND carrier IS NULL AND result_bytes IS NOT NULL"
    )
    return {values[0]: ToolRow.stored(values) for values in db.execute(query, (session,))}


def write_responses(db: Connection, rows: list[ResponseRow]) -> None:
    """Write `rows` over what the ledger has of them, and delete those that are gone."""
    marks = ",".join("?" * len(RESPONSE_FIELDS))
    statement = f"INSERT OR REPLACE INTO response ({RESPONSE_COLUMNS}) VALUES ({marks})"  # noqa: S608 - ours
    db.executemany(statement, [row.values() for row in rows if not row.gone])
    gone = [(row.id,) for row in rows if row.gone]
    if gone:
        db.executemany("DELETE FROM response WHERE id = ?", gone)


def write_tools(db: Connection, rows: list[ToolRow]) -> None:
    """Write `rows` over what the ledger has of them."""
    marks = ",".join("?" * len(TOOL_FIELDS))
    statement = f"INSERT OR REPLACE INTO tool_call ({TOOL_COLUMNS}) VALUES ({marks})"  # noqa: S608 - ours
    db.executemany(statement, [row.values() for row in rows])
