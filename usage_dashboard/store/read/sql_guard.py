"""Restricting a user's own SQL to reading the documented views."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from usage_dashboard.store.read.views import COLUMNS, TABLES

if TYPE_CHECKING:
    from sqlite3 import Connection

VIEWS = ("usage", *COLUMNS)
"""What may be read."""

MOST_BYTES = 1_000_000
"""How long a text or a statement may be, so that it does not fill the memory."""

_HARMLESS = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)


def restrict_to_views(db: Connection) -> None:
    """Refuse everything on `db` but reading `VIEWS`."""
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
    db.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, MOST_BYTES)
    db.set_authorizer(_authorize)


def _authorize(
    action: int, table: str | None, column: str | None, _database: str | None, view: str | None
) -> int:
    """Answer SQLite whether a statement may do `action`; `view` is the view that it is part of.

    Counting rows reads a column without a name.
    """
    if action in _HARMLESS:
        return sqlite3.SQLITE_OK
    shown = table in VIEWS or (table in TABLES and view is not None) or column == ""
    return sqlite3.SQLITE_OK if action == sqlite3.SQLITE_READ and shown else sqlite3.SQLITE_DENY
