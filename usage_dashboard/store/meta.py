"""The ledger's notes about itself: every statement on the table `meta`, by what is noted."""

from __future__ import annotations

from usage_dashboard.model.ids import id_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection


def rows_since_us(db: Connection) -> int:
    """The time from which the ledger has single rows, UTC microseconds; before it there are totals only."""
    return int(_read(db, "rows_since_us") or 0)


def note_rows_since(db: Connection, since_us: int) -> None:
    """Note that totals before `since_us`, the start of a quarter of an hour, are not backed by rows."""
    _write(db, "rows_since_us", max(since_us, rows_since_us(db)))


def forgotten_until_us(db: Connection, session: str) -> int:
    """The time before which a session's calls were forgotten, UTC microseconds; 0 if none were."""
    return int(_read(db, _forgotten_name(session)) or 0)


def note_forgotten(db: Connection, session: str, until_us: int) -> None:
    """Note that what a session did before `until_us` was forgotten: totals that count it are of no use."""
    _write(db, _forgotten_name(session), max(until_us, forgotten_until_us(db, session)))


def snoozed_until_us(db: Connection) -> int:
    """The time until which warnings wait, UTC microseconds; 0 if they do not."""
    return int(_read(db, "snoozed_until_us") or 0)


def snooze_until(db: Connection, until_us: int) -> None:
    """Let warnings wait until `until_us`; 0 ends the wait."""
    _write(db, "snoozed_until_us", until_us)


def read_price_fingerprint(db: Connection) -> str | None:
    """The fingerprint of the price table that stored costs were computed by, None before the first."""
    return _read(db, "prices")


def write_price_fingerprint(db: Connection, fingerprint: str) -> None:
    """Note the price table that stored costs were computed by."""
    _write(db, "prices", fingerprint)


def note_dropped_model(db: Connection, label: str) -> None:
    """Note by its hash that a model's name was dropped; an empty one is of a model that nobody knows."""
    known = read_dropped_models(db)
    if (label or "?") not in known:
        _write(db, "dropped_models", " ".join([*known, label or "?"]))


def read_dropped_models(db: Connection) -> list[str]:
    """The hashed names of the models that were dropped; `?` for one that nobody knows."""
    return (_read(db, "dropped_models") or "").split()


def read_client_prices(db: Connection) -> str:
    """The list prices that clients were sent (pricing/client_prices.py), as JSON; empty before the first."""
    return _read(db, "client_prices") or ""


def write_client_prices(db: Connection, prices: str) -> None:
    """Keep the list prices that clients were sent."""
    _write(db, "client_prices", prices)


def read_salt(db: Connection) -> str:
    """The ledger's salt, empty before anything was hashed with one."""
    return _read(db, "salt") or ""


def create_salt(db: Connection) -> str:
    """Make and keep the salt of a ledger that has none."""
    db.execute("INSERT INTO meta (name, value) VALUES ('salt', lower(hex(randomblob(16))))")
    return read_salt(db)


def read_baseline_numbers(db: Connection) -> list[int]:
    """The numbers that `write_baseline_numbers` kept; empty before the first time."""
    return [int(part) for part in (_read(db, "baseline") or "").split()]


def write_baseline_numbers(db: Connection, numbers: tuple[int, ...]) -> None:
    """Keep the numbers of a baseline (store/read/baseline.py)."""
    _write(db, "baseline", " ".join(map(str, numbers)))


def add_rejected(db: Connection, kind: str, count: int) -> None:
    """Count `count` more things of a `kind` that were refused as damaged or absurd."""
    statement = (
        "INSERT INTO meta (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + excluded.value"
    )
    db.execute(statement, (f"refused_{kind}", str(count)))


def read_rejected(db: Connection) -> dict[str, int]:
    """How many things of each kind were refused; empty if none ever was."""
    query = "SELECT name, value FROM meta WHERE name LIKE 'refused%' ORDER BY name"
    return {str(name).removeprefix("refused_"): int(value) for name, value in db.execute(query)}


def _read(db: Connection, name: str) -> str | None:
    row = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else None


def _write(db: Connection, name: str, value: int | str) -> None:
    db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, str(value)))


def _forgotten_name(session: str) -> str:
    return f"forgotten_{id_hash(session)}"
