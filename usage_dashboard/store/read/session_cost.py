"""The cost of a single session, as far as transcripts show it."""

from __future__ import annotations

from usage_dashboard.model.events import BACKGROUND, BUCKET_US
from usage_dashboard.store.meta import rows_since_us
from usage_dashboard.store.write.labels import session_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection


def read_visible_cost(db: Connection, name: str) -> int | None:
    """Nano-USD of the calls of the session `name` that its transcript shows.

    None if that cannot be compared with the client's own total: the session is unknown or a fork, and a
    fork's total begins with its parent's; it shows no call yet; a call has no price; single calls were
    dropped by age. Read from totals, so that a status line does not get slower with every call.
    """
    query = "SELECT id, parent, first_us FROM session WHERE name = ?"
    row = db.execute(query, (session_name(name),)).fetchone()
    if row is None:
        return None
    session, parent, first_us = row
    if parent is not None or first_us < rows_since_us(db):
        return None
    query = (
        "SELECT SUM(cost), SUM(unpriced), SUM(calls) FROM rollup"
        " WHERE bucket >= ? AND session = ? AND kind < ?"
    )
    cost, unpriced, calls = db.execute(query, (first_us // BUCKET_US, session, BACKGROUND)).fetchone()
    return int(cost) if calls and not unpriced else None
