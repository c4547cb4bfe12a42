"""Merging totals that have no rows any more in the source ledger.

Which responses such a total counted is no longer known. So a quarter of an hour of a session is taken
whole from the ledger that has more of it. If one ledger had read all that the other had, as when a
transcript was copied or the two were merged before, that is exact; otherwise it is less than the truth,
never more. Merging again finds as much on both sides, and changes nothing.
"""

from __future__ import annotations

from itertools import groupby

from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.model.totals import (
    ROLLUP_KEY,
    ROLLUP_SUMS,
    TOOL_ROLLUP_KEY,
    TOOL_ROLLUP_SUMS,
    TotalsChange,
)
from usage_dashboard.store.meta import forgotten_until_us, note_rows_since, rows_since_us
from usage_dashboard.store.write import rollup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from sqlite3 import Connection

    from usage_dashboard.store.merge.source import SourceLedger

    TotalRows = list[tuple[int, ...]]

_TOKENS = tuple(
    ROLLUP_SUMS.index(name) + len(ROLLUP_KEY) for name in ("input", "output", "cache_creation", "cache_read")
)
_CALLS = ROLLUP_SUMS.index("calls") + len(ROLLUP_KEY)


def merge_totals(db: Connection, source: SourceLedger) -> None:
    """Add the totals of `source` that are more than this ledger's; the caller holds the write lock."""
    columns = ", ".join(ROLLUP_KEY + ROLLUP_SUMS)
    query = f"SELECT {columns} FROM rollup WHERE bucket < ? ORDER BY bucket, session"  # noqa: S608 - ours
    stored = source.db.execute(query, (rows_since_us(source.db) // BUCKET_US,))
    for (bucket, session), group in groupby(stored, lambda total: total[:2]):
        _merge_quarter(db, source, (bucket, session), list(group))


def merge_pruned(db: Connection, source: SourceLedger) -> None:
    """Note the responses that have no row in `source` any more: a copy of one is not counted again."""
    keys = ((row[0], row[0]) for row in source.db.execute("SELECT id FROM pruned"))
    insert = (
        "INSERT OR IGNORE INTO pruned (id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM response WHERE id = ?)"
    )
    db.executemany(insert, keys)


def _merge_quarter(db: Connection, source: SourceLedger, quarter: tuple[int, int], theirs: TotalRows) -> None:
    """Replace a quarter of an hour, (bucket, session) in `source`, if `theirs` counts more."""
    bucket, session = quarter[0], source.session_id(quarter[1])
    ours = _read_totals(db, (bucket, session))
    if _measure(ours) >= _measure(theirs) or _is_forgotten(db, bucket, session):
        return
    change = TotalsChange()
    for total in ours:
        change.add_total(total[: len(ROLLUP_KEY)], total[len(ROLLUP_KEY) :], -1)
    for total in theirs:
        change.add_total(_translate_key(source, total[: len(ROLLUP_KEY)]), total[len(ROLLUP_KEY) :])
    for share in _read_tool_totals(db, (bucket, session)):
        change.add_tool_total(share[: len(TOOL_ROLLUP_KEY)], share[len(TOOL_ROLLUP_KEY) :], -1)
    for share in _read_tool_totals(source.db, quarter):
        change.add_tool_total(
            _translate_key(source, share[: len(TOOL_ROLLUP_KEY)]), share[len(TOOL_ROLLUP_KEY) :]
        )
    rollup.write(db, change)
    note_rows_since(db, (bucket + 1) * BUCKET_US)


def _is_forgotten(db: Connection, bucket: int, session: int) -> bool:
    name = db.execute("SELECT name FROM session WHERE id = ?", (session,)).fetchone()[0]
    return bucket * BUCKET_US < forgotten_until_us(db, name)


def _read_totals(db: Connection, quarter: tuple[int, int]) -> TotalRows:
    query = f"SELECT {', '.join(ROLLUP_KEY + ROLLUP_SUMS)} FROM rollup WHERE bucket = ? AND session = ?"  # noqa: S608 - ours
    return db.execute(query, quarter).fetchall()


def _read_tool_totals(db: Connection, quarter: tuple[int, int]) -> Iterator[tuple[int, ...]]:
    columns = ", ".join(TOOL_ROLLUP_KEY + TOOL_ROLLUP_SUMS)
    query = f"SELECT {columns} FROM tool_rollup WHERE bucket = ? AND session = ?"  # noqa: S608 - ours
    return iter(db.execute(query, quarter).fetchall())


def _measure(totals: Iterable[tuple[int, ...]]) -> tuple[int, int]:
    """(calls, tokens) of `totals`; as many calls may have more tokens in one of two ledgers."""
    counted = list(totals)
    return sum(t[_CALLS] for t in counted), sum(t[column] for t in counted for column in _TOKENS)


def _translate_key(source: SourceLedger, key: tuple[int, ...]) -> tuple[int, ...]:
    """The key of a total, or of a tool's share of one, with this ledger's ids."""
    bucket, session, kind, agent, class_id, *tool = key
    here = (bucket, source.session_id(session), kind, source.label_id(agent), source.price_class_id(class_id))
    return (*here, *(source.label_id(label) for label in tool))
