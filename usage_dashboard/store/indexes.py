"""Small indexes of single rows: half the bytes of those in the first steps.

They are not a step of the format: every query works with the older ones too, only through more rows. So a
hook never builds any, which takes two seconds for a million rows. A new ledger gets them at once, an older
one with the next sweep.
"""

from __future__ import annotations

from usage_dashboard.store.connection import DatabaseError, transaction
from usage_dashboard.store.migrations import SMALL
from usage_dashboard.store.sql import split_script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

_LAST_OLD = "tool_call_carrier"

LEAST_PACKED = 10_000
"""The least number of new responses that is worth packing the ledger."""


def build_small_indexes(db: Connection) -> None:
    """Replace the older indexes by small ones, if the ledger still has the older ones.

    One after the other, so that a hook never waits for more than one of them.
    """
    query = "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?"
    if db.execute(query, (_LAST_OLD,)).fetchone() is None:
        return
    for script in SMALL:
        with transaction(db):
            for statement in split_script(script):
                db.execute(statement)


def pack_ledger(db: Connection, fresh: int) -> None:
    """Rewrite the ledger without gaps if most of it is new, as after a first import: a tenth smaller.

    It takes a tenth of a second for 50,000 responses. If the disk is full, or another program has the
    ledger, it stays as it is.
    """
    if fresh < LEAST_PACKED or fresh * 2 < db.execute("SELECT SUM(calls) FROM rollup").fetchone()[0]:
        return
    try:
        db.execute("VACUUM")
    except DatabaseError:
        return
