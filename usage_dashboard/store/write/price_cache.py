"""The price table that the ledger's costs were computed by, and its prices for the classes met so far."""

from __future__ import annotations

from usage_dashboard.store.meta import read_price_fingerprint, write_price_fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

    from usage_dashboard.model.token_counts import PriceClass

    Segments = list[tuple[int, ...]]
    """Each: UTC microseconds from which on, five prices, a search's, and the factor (pricing/cost.py)."""


def read_kept(db: Connection, key: PriceClass) -> Segments | None:
    """The prices that are kept of a class; None where none were looked up yet."""
    row = db.execute("SELECT segments FROM kept_price WHERE class = ?", (_name(key),)).fetchone()
    if row is None:
        return None
    return [tuple(int(number) for number in part.split(",")) for part in row[0].split(";") if part]


def keep(db: Connection, key: PriceClass, segments: Segments) -> None:
    """Keep the prices of a class; an empty list for one without a known price."""
    text = ";".join(",".join(map(str, values)) for values in segments)
    db.execute("INSERT OR REPLACE INTO kept_price (class, segments) VALUES (?, ?)", (_name(key), text))


def ensure_price_table(db: Connection, fingerprint: Callable[[], str]) -> None:
    """Note the price table of a new ledger, before its first cost is computed."""
    if read_price_fingerprint(db) is None:
        change_price_table(db, fingerprint())


def change_price_table(db: Connection, fingerprint: str) -> None:
    """Note that stored costs are of the table with this fingerprint; prices kept of another one go."""
    db.execute("DELETE FROM kept_price")
    write_price_fingerprint(db, fingerprint)


def _name(key: PriceClass) -> str:
    return " ".join(map(str, key))
