"""What was said already, so that each level is said once per window and session."""

from __future__ import annotations

from usage_dashboard.store.connection import transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    Place = tuple[int, str, int]
    """(key of the session, name of the window, UTC microseconds of its start)"""


def already_said(db: Connection, place: Place) -> int:
    """The highest level that was said for `place`, 0 for none."""
    query = "SELECT MAX(level) FROM alert WHERE session = ? AND window = ? AND since_us = ?"
    return int(db.execute(query, place).fetchone()[0] or 0)


def say_once(db: Connection, place: Place, level: int) -> bool:
    """Note that `level` is being said for `place`; False where another process was faster."""
    with transaction(db):
        if already_said(db, place) >= level:
            return False
        db.execute(
            "INSERT INTO alert (session, window, since_us, level) VALUES (?, ?, ?, ?)", (*place, level)
        )
    return True
