"""The alerts that were sent, so that each level is sent once per window and session."""

from __future__ import annotations

from usage_dashboard.store.connection import transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    AlertKey = tuple[int, str, int]
    """(id of the session, name of the window, its start in UTC microseconds)"""


def highest_sent_level(db: Connection, key: AlertKey) -> int:
    """The highest level that was sent for `key`, 0 for none."""
    query = "SELECT MAX(level) FROM alert WHERE session = ? AND window = ? AND since_us = ?"
    return int(db.execute(query, key).fetchone()[0] or 0)


def mark_sent(db: Connection, key: AlertKey, level: int) -> bool:
    """Note that `level` is sent for `key`; False if another process was faster."""
    with transaction(db):
        if highest_sent_level(db, key) >= level:
            return False
        db.execute("INSERT INTO alert (session, window, since_us, level) VALUES (?, ?, ?, ?)", (*key, level))
    return True
