"""The format of a ledger, and upgrading an older one to that of this release."""

from __future__ import annotations

from usage_dashboard.store.sql import split_script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

VERSION = 1007
"""The format of this release: 1000 and the number of steps after the first (`store/migrations.py`)."""


def read_version(db: Connection) -> int:
    """The number of the ledger's format, 0 for an empty file."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def apply_missing_steps(db: Connection) -> None:
    """Apply the steps that the ledger lacks; the caller holds the write lock.

    The number is read again here: between a first look and the lock another process may have done it.
    """
    from usage_dashboard.store.migrations import SMALL, STEPS  # noqa: PLC0415 - hooks seldom need them

    done = read_version(db)
    missing = STEPS[max(0, done - 999) if done else 0 :]
    if not done:
        missing += SMALL
    for step in missing:
        for statement in split_script(step):
            db.execute(statement)
    if done < VERSION:
        db.execute(f"PRAGMA user_version = {VERSION}")
