"""All rows of a ledger with names in place of running numbers, so that two ledgers can be compared."""

from __future__ import annotations

import sqlite3
from pathlib import Path

SESSION = "(SELECT name FROM session s WHERE s.id = {0})"
LABEL = "(SELECT kind || ':' || name FROM label l WHERE l.id = {0})"
CLASS = (
    "COALESCE((SELECT (SELECT name FROM label WHERE id = k.model) || k.prompt_bucket || k.speed || k.geo"
    " || k.tier FROM price_class k WHERE k.id = {0}), {0})"
)
NAMED = {
    **dict.fromkeys(("session", "handed", "parent"), SESSION),
    **dict.fromkeys(
        ("agent", "tool", "server", "skill", "plugin", "mcp", "asked", "project", "channel", "model"), LABEL
    ),
    "class": CLASS,
}
LEFT_OUT = ("label", "price_class", "kept_price", "meta", "position")
"""Names, which count where a row has them, what a ledger knows of itself, and how far files were read."""

DERIVED = "CASE WHEN kind = 2 AND request IS NULL THEN 0 ELSE id END"
"""The key of a row that is derived from the client's totals is made with the number of its session."""


def dump_ledger(ledger: Path) -> dict[str, list[tuple[object, ...]]]:
    """Read the rows of each table, sorted, with names in place of running numbers."""
    db = sqlite3.connect(ledger / "usage.db")
    try:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: _rows(db, table) for table in tables if table not in LEFT_OUT}
    finally:
        db.close()


def _rows(db: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    columns = [str(name) for _, name, *_ in db.execute(f"PRAGMA table_info({table})")]
    named = [_named(table, name) for name in columns if (table, name) != ("session", "id")]
    return sorted(db.execute(f"SELECT {', '.join(named)} FROM {table}"), key=repr)


def _named(table: str, name: str) -> str:
    if (table, name) == ("response", "id"):
        return DERIVED
    if name == "handed":  # where the request that carries a result is looked for, while none does
        return f"CASE WHEN carrier IS NULL THEN {SESSION.format('tool_call.handed')} END"
    if table == "subagent" and name in ("parent", "tool"):  # keys, not numbers of the ledger's own
        return name
    return NAMED.get(name, "{0}").format(f"{table}.{name}")
