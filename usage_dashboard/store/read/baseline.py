"""How busy the user's sessions usually are at their busiest, computed once a day."""

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
    """What nine of ten sessions did not exceed in any quarter of an hour: tokens, and subagents at work.

    `sessions` is how many it was computed from.
    """

    __slots__ = ("sessions", "subagents", "tokens")

    def __init__(self, sessions: int, tokens: int, subagents: int) -> None:
        self.sessions = sessions
        self.tokens = tokens
        self.subagents = subagents


def read_baseline(db: Connection) -> Baseline | None:
    """The baseline, None until there are enough sessions for one."""
    stored = meta.read_baseline_numbers(db)
    return Baseline(*stored[1:]) if stored and stored[1] >= LEAST_SESSIONS else None


def refresh_baseline(db: Connection, now_us: int) -> None:
    """Recompute the baseline if the last time is a day ago; the caller holds the write lock."""
    stored = meta.read_baseline_numbers(db)
    if stored and 0 <= now_us - stored[0] < DAY_US:
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
    spent = _read_sorted(db, tokens, since)
    value = (now_us, len(spent), _ninth_decile(spent), _ninth_decile(_read_sorted(db, subagents, since)))
    meta.write_baseline_numbers(db, value)


def read_current_load(db: Connection, session: int, now_us: int) -> tuple[int, int]:
    """(tokens, subagents at work) of a session in the last quarter of an hour."""
    query = (
        "SELECT COALESCE(SUM(input + output + cache_creation + cache_read), 0),"  # noqa: S608 - ours
        " COUNT(DISTINCT NULLIF(subagent, 0)) FROM response"
        f" WHERE session = ? AND at_us / {BUCKET_US} >= ? AND at_us >= ?"
    )
    since_us = now_us - BUCKET_US
    tokens, subagents = db.execute(query, (session, since_us // BUCKET_US, since_us)).fetchone()
    return int(tokens), int(subagents)


def _read_sorted(db: Connection, query: str, since: int) -> list[int]:
    return sorted(int(row[0]) for row in db.execute(query, (since,)))


def _ninth_decile(peaks: list[int]) -> int:
    """What nine of ten of the sorted `peaks` do not exceed; 0 if there are none."""
    return peaks[len(peaks) * 9 // 10 - (len(peaks) % 10 == 0)] if peaks else 0
