"""Which price table the ledger's costs were computed by."""

from __future__ import annotations

from usage_dashboard.store.write.price_cache import forget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection


def prices_in_force(db: Connection) -> str | None:
    """The fingerprint of the table that the stored costs are of, None before the first."""
    found = db.execute("SELECT value FROM meta WHERE name = 'prices'").fetchone()
    return str(found[0]) if found else None


def note_prices(db: Connection, fingerprint: Callable[[], str]) -> None:
    """Note the table of a new ledger, before its first cost is computed."""
    if prices_in_force(db) is None:
        set_prices(db, fingerprint())


def set_prices(db: Connection, fingerprint: str) -> None:
    """Note that the stored costs are of the table with this fingerprint."""
    forget(db)
    db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('prices', ?)", (fingerprint,))
