"""What the ledger notes of itself: from when on it has single rows, and what was forgotten."""

from __future__ import annotations

from usage_dashboard.model.events import key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection


def note_rows_since(db: Connection, since_us: int) -> None:
    """Note that totals before `since_us`, which begins a quarter of an hour, are not backed by rows."""
    value = str(max(since_us, rows_since_us(db)))
    db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('rows_since_us', ?)", (value,))


def rows_since_us(db: Connection) -> int:
    """From when on the ledger has single rows; before it there are totals only."""
    found = db.execute("SELECT value FROM meta WHERE name = 'rows_since_us'").fetchone()
    return int(found[0]) if found else 0


def forgotten_us(db: Connection, session: str) -> int:
    """Until when the calls of a session were forgotten, UTC microseconds; 0 where none were."""
    found = db.execute("SELECT value FROM meta WHERE name = ?", (_forgotten_name(session),)).fetchone()
    return int(found[0]) if found else 0


def note_forgotten(db: Connection, session: str, until_us: int) -> None:
    """Note that what a session did before `until_us` was forgotten: totals that count it too tell nothing."""
    value = str(max(until_us, forgotten_us(db, session)))
    db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (_forgotten_name(session), value))


def _forgotten_name(session: str) -> str:
    return f"forgotten_{key(session)}"
