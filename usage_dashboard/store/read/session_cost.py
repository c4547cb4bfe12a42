"""What a single session cost, as far as transcripts show it."""

from __future__ import annotations

from usage_dashboard.model.events import BACKGROUND, BUCKET_US
from usage_dashboard.store.meta import rows_since_us
from usage_dashboard.store.write.labels import session_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection


def read_visible_cost(db: Connection, name: str) -> int | None:
    """Nano-USD of the calls of the session `name` that its transcript shows.

    None where that cannot be set against the client's own total: the session is unknown or a fork,
    whose total begins with its parent's; no call is shown yet; one has no price; single calls were dropped
    by age. From the totals: a status line does not get slower with every call of its session.
    """
    found = db.execute(
        "SELECT id, parent, first_us FROM session WHERE name = ?", (session_name(name),)
    ).fetchone()
    if found is None or found[1] is not None or found[2] < rows_since_us(db):
        return None
    query = (
        "SELECT SUM(cost), SUM(unpriced), SUM(calls) FROM rollup"
        " WHERE bucket >= ? AND session = ? AND kind < ?"
    )
    cost, unpriced, calls = db.execute(query, (found[2] // BUCKET_US, found[0], BACKGROUND)).fetchone()
    return int(cost) if calls and not unpriced else None
