"""Rows by the ten thousand: what the ledger has of them, and storing them all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.store.connection import split_ids
from usage_dashboard.store.write.stored_rows import RESPONSE_COLUMNS, TOOL_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection

    from usage_dashboard.model.rows import Values

TABLES = ("response", "tool_call")
NAMING = (*TABLES, "pruned", "open_request")


def data_version(db: Connection) -> int:
    """A number that changes when another connection has changed the ledger."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def is_empty(db: Connection) -> bool:
    """Whether the ledger has no single row of a response, a tool call or an open request."""
    return not any(db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in NAMING)  # noqa: S608


def known(db: Connection, ids: Iterable[int]) -> set[int]:
    """Those of `ids` under which the ledger has, or had, a response, a tool call or an open request."""
    found: set[int] = set()
    for some in split_ids(list(ids)):
        marks = ",".join("?" * len(some))
        for table in NAMING:
            query = f"SELECT id FROM {table} WHERE id IN ({marks})"  # noqa: S608 - our own names
            found.update(row[0] for row in db.execute(query, some))
    return found


def has_open_end(db: Connection, session: int) -> bool:
    """Whether anything in a session waits: a result to be carried, or a request to be answered."""
    queries = (
        "SELECT 1 FROM tool_call WHERE handed = ? AND carrier IS NULL AND result_bytes IS NOT NULL LIMIT 1",
        "SELECT 1 FROM open_request WHERE session = ? LIMIT 1",
    )
    return any(db.execute(query, (session,)).fetchone() for query in queries)


def drop_indexes(db: Connection) -> list[str]:
    """Take the indexes of single rows away, if there are no rows yet; the statements that make them.

    Made when the rows are there, they take a fifth of what it costs to keep them up row by row. Who calls
    this makes them again in the same transaction.
    """
    if not is_empty(db):
        return []
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name IN (?, ?) AND sql > ''"
    indexes = db.execute(query, TABLES).fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    return [statement for _, statement in indexes]


def make_indexes(db: Connection, statements: list[str]) -> None:
    """Make the indexes that `drop_indexes` took away."""
    for statement in statements:
        db.execute(statement)


def insert(db: Connection, responses: list[Values], tools: list[Values]) -> None:
    """Store rows of which the ledger has none yet, in the order of their `FIELDS`."""
    _insert(db, "response", RESPONSE_COLUMNS, responses)
    _insert(db, "tool_call", TOOL_COLUMNS, tools)


def _insert(db: Connection, table: str, columns: str, rows: list[Values]) -> None:
    marks = ",".join("?" * (columns.count(",") + 1))
    rows.sort(key=_id)  # in their order, pages are filled one after the other
    db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608 - our own names


def _id(row: Values) -> int:
    return int(row[0])
