"""When an allowance was used up, as the hook and the transcript tell of it."""

from __future__ import annotations

from usage_dashboard.model.events import SECOND_US

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

SAME_HIT_US = 120 * SECOND_US
"""The client tries again before it gives up, and the hook comes after the line."""


def note_hit(db: Connection, session: int, at_us: int, window: str = "") -> None:
    """Note that a request of `session` was refused because `window` was used up, empty if unknown."""
    query = "SELECT at_us, window FROM limit_hit WHERE session = ? AND at_us BETWEEN ? AND ?"
    known = db.execute(query, (session, at_us - SAME_HIT_US, at_us + SAME_HIT_US)).fetchone()
    if known is None:
        db.execute(
            "INSERT INTO limit_hit (session, at_us, window) VALUES (?, ?, ?)", (session, at_us, window)
        )
    elif window and not known[1]:
        named = (window, session, known[0])
        db.execute("UPDATE limit_hit SET window = ? WHERE session = ? AND at_us = ?", named)


def read_hits(db: Connection) -> list[tuple[int, str]]:
    """(UTC microseconds, window) of every time that an allowance was used up, the oldest first.

    Sessions that met it at the same time are one.
    """
    found: list[tuple[int, str]] = []
    for at_us, window in db.execute("SELECT at_us, window FROM limit_hit ORDER BY at_us"):
        if not found or found[-1][1] != window or at_us - found[-1][0] > SAME_HIT_US:
            found.append((at_us, window))
    return found
