"""The indexes of single rows, as small as finding them takes: half the bytes of those in the first steps.

They are no step of the format: every query finds its rows with the older ones too, only through more of
them. So a hook never builds any, which takes two seconds where there are a million rows. A ledger that is
made gets them at once, an older one with the next sweep.
"""

from __future__ import annotations

from usage_dashboard.model import BUCKET_US
from usage_dashboard.store.connect import DatabaseError, transaction
from usage_dashboard.store.schema import PART, statements, tied
from usage_dashboard.store.steps import FIRST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

_VIEW = FIRST[FIRST.index("CREATE VIEW usage") :].replace("t.carrier = r.id", tied("t.carrier", "r.id"))

SMALL = (
    # Rows by what their totals are kept by. The time alone needs no index: totals tell which sessions.
    f"""
    CREATE INDEX IF NOT EXISTS response_total ON response (session, at_us / {BUCKET_US});
    DROP INDEX IF EXISTS response_session;
    DROP INDEX IF EXISTS response_at
    """,
    """
    CREATE INDEX IF NOT EXISTS rollup_agent ON rollup (agent, bucket) WHERE kind = 1;
    DROP INDEX IF EXISTS response_agent
    """,
    f"""
    CREATE INDEX IF NOT EXISTS tool_call_asked ON tool_call (response & {PART});
    DROP INDEX IF EXISTS tool_call_response
    """,
    f"""
    CREATE INDEX IF NOT EXISTS tool_call_carried ON tool_call (carrier & {PART}) WHERE carrier IS NOT NULL;
    DROP VIEW usage;
    {_VIEW};
    DROP INDEX IF EXISTS tool_call_carrier
    """,
)
"""Scripts that each put a small index in the place of older ones."""

_LAST_OLD = "tool_call_carrier"

LEAST_PACKED = 10_000
"""How many new responses are worth a packing."""


def make_small(db: Connection) -> None:
    """Put the small indexes in the place of older ones, if the ledger has those.

    One after the other, so that a hook never waits for more than one of them.
    """
    query = "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?"
    if db.execute(query, (_LAST_OLD,)).fetchone() is None:
        return
    for script in SMALL:
        with transaction(db):
            for statement in statements(script):
                db.execute(statement)


def pack(db: Connection, fresh: int) -> None:
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
