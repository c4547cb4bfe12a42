"""Dropping single rows by age. Totals stay, and so does the id of each dropped response."""

from __future__ import annotations

from time import monotonic

from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.store.connection import transaction
from usage_dashboard.store.meta import note_rows_since, rows_since_us
from usage_dashboard.store.sql import ID_BITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

AT_ONCE = 100
"""How many calls a hook drops in one transaction: about 2 ms."""

_IS_OLD = (
    f"session IN (SELECT session FROM rollup WHERE bucket < ?1 AND bucket >= ?2) AND at_us / {BUCKET_US} < ?1"  # noqa: S608
)
_OLD = f"SELECT id FROM response WHERE {_IS_OLD}"  # noqa: S608 - our own words


def prune_rows(db: Connection, before_us: int) -> int:
    """Drop the responses before `before_us` with their tool calls, and return how many there were.

    Whole quarters of an hour go at once, so that a total is backed by all of its rows or by none.
    A dropped response leaves its id, so that a later copy of it is not counted again.
    """
    return _drop_rows(db, 0, before_us // BUCKET_US) if has_rows_before(db, before_us) else 0


def prune_for(db: Connection, before_us: int, seconds: float) -> int:
    """Drop what `prune_rows` would, the oldest first, for at most about so many `seconds`.

    Each few quarters of an hour are a transaction of their own, which begins only if there is time for one
    that takes as long as the longest so far. Returns how many responses were dropped.
    """
    deadline, longest, dropped = monotonic() + seconds, 0.0, 0
    first, last = rows_since_us(db) // BUCKET_US, before_us // BUCKET_US
    while (began := monotonic()) + longest < deadline:
        edge = _next_edge(db, first, last)
        if edge is None:
            break
        with transaction(db):
            dropped += _drop_rows(db, first, edge)
        first, longest = edge, max(longest, monotonic() - began)
    return dropped


def _next_edge(db: Connection, first: int, last: int) -> int | None:
    """The end of the oldest quarters of an hour from `first` on that have some rows; None without any."""
    calls, edge = 0, None
    query = "SELECT bucket, SUM(calls) FROM rollup WHERE bucket >= ? AND bucket < ? GROUP BY bucket"
    for bucket, more in db.execute(query, (first, last)):
        if edge is not None and calls + more > AT_ONCE:
            break
        calls, edge = calls + more, bucket + 1
    return edge


def _drop_rows(db: Connection, first: int, edge: int) -> int:
    """Drop the responses of the quarters of an hour from `first` until before `edge`."""
    bounds = (edge, first)
    db.execute(f"INSERT OR IGNORE INTO pruned (id) {_OLD}", bounds)
    db.execute(
        f"DELETE FROM tool_call WHERE response & {ID_BITS}"  # noqa: S608 - our own words
        f" IN (SELECT id & {ID_BITS} FROM response WHERE {_IS_OLD})"
        f" AND response IN ({_OLD}) AND (carrier IS NULL OR carrier IN ({_OLD}))",
        bounds,
    )
    dropped = db.execute(f"DELETE FROM response WHERE {_IS_OLD}", bounds).rowcount  # noqa: S608 - ours
    note_rows_since(db, edge * BUCKET_US)
    return dropped


def has_rows_before(db: Connection, before_us: int) -> bool:
    """Whether there are responses to drop before `before_us`."""
    return db.execute(f"{_OLD} LIMIT 1", (before_us // BUCKET_US, 0)).fetchone() is not None
