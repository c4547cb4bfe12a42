"""The indexes of single rows, as small as finding them takes: half the bytes of those in the first steps.

They are no step of the format: every query finds its rows with the older ones too, only through more of
them. So a hook never builds any, which takes two seconds where there are a million rows. A ledger that is
made gets them at once, an older one with the next sweep.
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
"""How many new responses are worth a packing."""


def build_small_indexes(db: Connection) -> None:
    """Put the small indexes in the place of older ones, if the ledger has those.

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
    """Write the ledger anew without gaps if most of it is new, as after a first import: a tenth less.

    It takes a tenth of a second for 50,000 responses. Where there is no place for it, or another program
    has the ledger, it stays as it is.
    """
    if fresh < LEAST_PACKED or fresh * 2 < db.execute("SELECT SUM(calls) FROM rollup").fetchone()[0]:
        return
    try:
        db.execute("VACUUM")
    except DatabaseError:
        return
