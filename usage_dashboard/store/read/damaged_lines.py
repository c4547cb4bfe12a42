"""How many lines of transcripts could not be read, and how much could."""

from __future__ import annotations

from usage_dashboard.store import meta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

MOST_LINES = 10
PER_CALL = 1000
"""Up to so many lines, and up to one line in so many calls, are a trace that nobody needs to hear of."""


def count_damaged_lines(db: Connection) -> int:
    """Return how many lines were passed over as damaged, 0 if they are no more than a trace."""
    lines = meta.read_rejected(db).get("lines", 0)
    if 0 < lines <= MOST_LINES:
        (calls,) = db.execute("SELECT COALESCE(SUM(calls), 0) FROM rollup").fetchone()
        return 0 if lines * PER_CALL <= calls else lines
    return lines
