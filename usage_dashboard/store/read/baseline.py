"""How busy the user's sessions usually are at their busiest, worked out once a day."""

from __future__ import annotations

from usage_dashboard.model.events import BUCKET_US, DAY_US
from usage_dashboard.store import meta
from usage_dashboard.store.write.rollup import of_total

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

LOOKED_BACK_US = 30 * DAY_US
LEAST_SESSIONS = 10


class Baseline:
    """What nine of ten sessions stayed below in any quarter of an hour: tokens, and subagents at work.

    `sessions` is how many it was worked out from.
    """

    __slots__ = ("sessions", "subagents", "tokens")

    def __init__(self, sessions: int, tokens: int, subagents: int) -> None:
        self.sessions = sessions
        self.tokens = tokens
        self.subagents = subagents


def read_baseline(db: Connection) -> Baseline | None:
    """The baseline, None until there were enough sessions for one."""
    found = meta.read_baseline_numbers(db)
    return Baseline(*found[1:]) if found and found[1] >= LEAST_SESSIONS else None


def refresh_baseline(db: Connection, now_us: int) -> None:
    """Work the baseline out anew if that was not done today; the caller holds the write lock."""
    found = meta.read_baseline_numbers(db)
    if found and 0 <= now_us - found[0] < DAY_US:
        return
    since = (now_us - LOOKED_BACK_US) // BUCKET_US
    tokens = (
        "SELECT MAX(spent) FROM (SELECT session, SUM(input + output + cache_creation + cache_read) AS spent"
        " FROM rollup WHERE bucket >= ? GROUP BY session, bucket) GROUP BY session"
    )
    subagents = (
        f"SELECT MAX(busy) FROM (SELECT r.session, COUNT(DISTINCT r.subagent) AS busy FROM rollup x"  # noqa: S608
        f" CROSS JOIN response r ON {of_total('r', 'x')} WHERE x.bucket >= ? AND x.kind = 1"
        " GROUP BY r.session, x.bucket) GROUP BY session"
    )
    spent = _column(db, tokens, since)
    value = (now_us, len(spent), _most_usual(spent), _most_usual(_column(db, subagents, since)))
    meta.write_baseline_numbers(db, value)


def read_current_load(db: Connection, session: int, now_us: int) -> tuple[int, int]:
    """(tokens, subagents) of a session in the last quarter of an hour."""
    query = (
        "SELECT COALESCE(SUM(input + output + cache_creation + cache_read), 0),"  # noqa: S608 - ours
        " COUNT(DISTINCT NULLIF(subagent, 0)) FROM response"
        f" WHERE session = ? AND at_us / {BUCKET_US} >= ? AND at_us >= ?"
    )
    since_us = now_us - BUCKET_US
    tokens, subagents = db.execute(query, (session, since_us // BUCKET_US, since_us)).fetchone()
    return int(tokens), int(subagents)


def _column(db: Connection, query: str, since: int) -> list[int]:
    return sorted(int(row[0]) for row in db.execute(query, (since,)))


def _most_usual(peaks: list[int]) -> int:
    """What nine of ten stayed at or below; 0 of none."""
    return peaks[len(peaks) * 9 // 10 - (len(peaks) % 10 == 0)] if peaks else 0
