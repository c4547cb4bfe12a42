"""How much was refused because it could not be trusted: damaged lines, absurd counts."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection


def add_refused(db: Connection, what: str, count: int) -> None:
    """Count `count` more refusals of `what`."""
    statement = (
        "INSERT INTO meta (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + excluded.value"
    )
    db.execute(statement, (f"refused_{what}", str(count)))


def read_refused(db: Connection) -> dict[str, int]:
    """How often each kind of thing was refused; empty where nothing ever was."""
    query = "SELECT name, value FROM meta WHERE name LIKE 'refused%' ORDER BY name"
    return {str(name).removeprefix("refused_"): int(value) for name, value in db.execute(query)}
