"""Totals of another ledger whose rows are gone there, into those of this one.

Which responses such a total counted cannot be told any more. So a quarter of an hour of a session is taken
whole from the ledger that has more of it: where one had read all that the other had, as whenever a
transcript was copied or the two were merged before, that is exact; otherwise it is less than the truth,
never more. Merging again finds as much on both sides, and changes nothing.
"""

from __future__ import annotations

from itertools import groupby

from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.store.meta import forgotten_until_us, note_rows_since, rows_since_us
from usage_dashboard.store.write.rollup import KEY, SUMS, TOOL_KEY, TOOL_SUMS, Change

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from sqlite3 import Connection

    from usage_dashboard.store.merge.source import Other

    Totals = list[tuple[int, ...]]

_TOKENS = tuple(SUMS.index(name) + len(KEY) for name in ("input", "output", "cache_creation", "cache_read"))
_CALLS = SUMS.index("calls") + len(KEY)


def adopt_totals(db: Connection, other: Other) -> None:
    """Take in the totals of `other` that are more than this ledger's; the caller holds the write lock."""
    query = f"SELECT {', '.join(KEY + SUMS)} FROM rollup WHERE bucket < ? ORDER BY bucket, session"  # noqa: S608 - ours
    found = other.db.execute(query, (rows_since_us(other.db) // BUCKET_US,))
    for (bucket, session), group in groupby(found, lambda total: total[:2]):
        _adopt(db, other, (bucket, session), list(group))


def adopt_pruned(db: Connection, other: Other) -> None:
    """Take in which responses have no row in `other` any more: a copy of one is not to be counted again."""
    keys = ((row[0], row[0]) for row in other.db.execute("SELECT id FROM pruned"))
    insert = (
        "INSERT OR IGNORE INTO pruned (id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM response WHERE id = ?)"
    )
    db.executemany(insert, keys)


def _adopt(db: Connection, other: Other, place: tuple[int, int], theirs: Totals) -> None:
    bucket, session = place[0], other.session(place[1])
    ours = _read(db, (bucket, session))
    if _size(ours) >= _size(theirs) or _is_forgotten(db, bucket, session):
        return
    change = Change()
    for total in ours:
        change.total(total[: len(KEY)], total[len(KEY) :], -1)
    for total in theirs:
        change.total(_translated(other, total[: len(KEY)]), total[len(KEY) :])
    for share in _read_tools(db, (bucket, session)):
        change.tool_total(share[: len(TOOL_KEY)], share[len(TOOL_KEY) :], -1)
    for share in _read_tools(other.db, place):
        change.tool_total(_translated(other, share[: len(TOOL_KEY)]), share[len(TOOL_KEY) :])
    change.write(db)
    note_rows_since(db, (bucket + 1) * BUCKET_US)


def _is_forgotten(db: Connection, bucket: int, session: int) -> bool:
    name = db.execute("SELECT name FROM session WHERE id = ?", (session,)).fetchone()[0]
    return bucket * BUCKET_US < forgotten_until_us(db, name)


def _read(db: Connection, place: tuple[int, int]) -> Totals:
    query = f"SELECT {', '.join(KEY + SUMS)} FROM rollup WHERE bucket = ? AND session = ?"  # noqa: S608 - ours
    return db.execute(query, place).fetchall()


def _read_tools(db: Connection, place: tuple[int, int]) -> Iterator[tuple[int, ...]]:
    query = f"SELECT {', '.join(TOOL_KEY + TOOL_SUMS)} FROM tool_rollup WHERE bucket = ? AND session = ?"  # noqa: S608 - ours
    return iter(db.execute(query, place).fetchall())


def _size(totals: Iterable[tuple[int, ...]]) -> tuple[int, int]:
    """How much some totals count: calls first, then tokens, of which one of two sightings may have more."""
    found = list(totals)
    return sum(t[_CALLS] for t in found), sum(t[place] for t in found for place in _TOKENS)


def _translated(other: Other, place: tuple[int, ...]) -> tuple[int, ...]:
    """The key of a total, or of a tool's share of one, in this ledger's numbers."""
    bucket, session, kind, agent, class_id, *tool = place
    here = (bucket, other.session(session), kind, other.label(agent), other.price_class(class_id))
    return (*here, *(other.label(label) for label in tool))
