"""Until when the user wants to hear no warnings."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection


def snoozed_until_us(db: Connection) -> int:
    """Until when warnings wait, UTC microseconds; 0 if they do not."""
    row = db.execute("SELECT value FROM meta WHERE name = 'snoozed_until_us'").fetchone()
    return int(row[0]) if row else 0


def snooze(db: Connection, until_us: int) -> None:
    """Let warnings wait until `until_us`; 0 for no longer."""
    value = (str(until_us),)
    db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('snoozed_until_us', ?)", value)
