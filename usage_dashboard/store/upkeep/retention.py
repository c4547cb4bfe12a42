"""Dropping single rows by age. Totals stay, and so does the id of each dropped response."""

from __future__ import annotations

from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.store.meta import note_rows_since
from usage_dashboard.store.sql import ID_BITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

_IS_OLD = f"session IN (SELECT session FROM rollup WHERE bucket < ?1) AND at_us / {BUCKET_US} < ?1"  # noqa: S608
_OLD = f"SELECT id FROM response WHERE {_IS_OLD}"  # noqa: S608 - our own words


def prune_rows(db: Connection, before_us: int) -> int:
    """Drop the responses before `before_us` with their tool calls, and return how many there were.

    Whole quarters of an hour go at once, so that a total is backed by all of its rows or by none.
    A dropped response leaves its id, so that a later copy of it is not counted again.
    """
    if not has_rows_before(db, before_us):
        return 0
    edge = before_us // BUCKET_US
    db.execute(f"INSERT OR IGNORE INTO pruned (id) {_OLD}", (edge,))
    db.execute(
        f"DELETE FROM tool_call WHERE response & {ID_BITS}"  # noqa: S608 - our own words
        f" IN (SELECT id & {ID_BITS} FROM response WHERE {_IS_OLD})"
        f" AND response IN ({_OLD}) AND (carrier IS NULL OR carrier IN ({_OLD}))",
        (edge,),
    )
    dropped = db.execute(f"DELETE FROM response WHERE {_IS_OLD}", (edge,)).rowcount  # noqa: S608 - ours
    note_rows_since(db, edge * BUCKET_US)
    return dropped


def has_rows_before(db: Connection, before_us: int) -> bool:
    """Whether there are responses to drop before `before_us`."""
    return db.execute(f"{_OLD} LIMIT 1", (before_us // BUCKET_US,)).fetchone() is not None
