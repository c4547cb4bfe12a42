"""Prices of the classes of calls that the ledger has met, of the table that its costs were computed by."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.store.write.price_classes import ClassKey

    Segments = list[tuple[int, ...]]
    """Each: UTC microseconds from which on, five prices, a search's, and the factor (pricing/cost.py)."""


def read_kept(db: Connection, key: ClassKey) -> Segments | None:
    """The prices that are kept of a class; None where none were looked up yet."""
    row = db.execute("SELECT segments FROM kept_price WHERE class = ?", (_name(key),)).fetchone()
    if row is None:
        return None
    return [tuple(int(number) for number in part.split(",")) for part in row[0].split(";") if part]


def keep(db: Connection, key: ClassKey, segments: Segments) -> None:
    """Keep the prices of a class; an empty list for one without a known price."""
    text = ";".join(",".join(map(str, values)) for values in segments)
    db.execute("INSERT OR REPLACE INTO kept_price (class, segments) VALUES (?, ?)", (_name(key), text))


def forget(db: Connection) -> None:
    """Let every class be looked up anew."""
    db.execute("DELETE FROM kept_price")


def _name(key: ClassKey) -> str:
    return " ".join(map(str, key))
