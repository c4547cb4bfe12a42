"""Looking closer than totals of a window: one session in full, and what has no price."""

from __future__ import annotations

from usage_dashboard.store.read import BUCKETS, TOOL_BUCKETS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

    from usage_dashboard.store.read import Bucket, ToolBucket

    Mark = tuple[str, str, int, int, int | None]

_SESSIONS = (
    "SELECT s.id, s.name, p.name, c.name, s.first_us, s.last_us FROM session s"
    " JOIN label p ON p.id = s.project JOIN label c ON c.id = s.channel WHERE s.last_us > 0"
)


class Session:
    """A session of the ledger: its id there, its name, where it ran, and when (UTC microseconds)."""

    __slots__ = ("channel", "first_us", "id", "last_us", "name", "project")

    def __init__(self, values: tuple[int, str, str, str, int, int]) -> None:
        self.id, self.name, self.project, self.channel, self.first_us, self.last_us = values


def read_sessions(db: Connection) -> list[Session]:
    """Every session, the one that was seen last first."""
    return [Session(values) for values in db.execute(f"{_SESSIONS} ORDER BY s.last_us DESC, s.name")]


def find_sessions(db: Connection, prefix: str) -> list[Session]:
    """The sessions whose names begin with `prefix`, or the one that has exactly this name."""
    query = f"{_SESSIONS} AND substr(s.name, 1, ?) = ? ORDER BY s.last_us DESC, s.name"
    found = [Session(values) for values in db.execute(query, (len(prefix), prefix))]
    return [session for session in found if session.name == prefix] or found


def last_session(db: Connection) -> Session | None:
    """The session that was seen last."""
    values = db.execute(f"{_SESSIONS} ORDER BY s.last_us DESC, s.name LIMIT 1").fetchone()
    return None if values is None else Session(values)


def read_buckets(db: Connection, session: Session) -> Iterator[Bucket]:
    """All totals of a session, as `store.read.read_buckets` has those of a window."""
    yield from db.execute(f"{BUCKETS} WHERE x.session = ?", (session.id,))


def read_tool_buckets(db: Connection, session: Session) -> Iterator[ToolBucket]:
    """All shares of tools in a session, as `store.read.read_tool_buckets` has those of a window."""
    yield from db.execute(f"{TOOL_BUCKETS} WHERE x.session = ?", (session.id,))


def read_durations(db: Connection, session: Session) -> Iterator[tuple[str, int]]:
    """(tool, milliseconds) of each call of a session whose hook told how long it ran."""
    query = (
        "SELECT l.name, t.duration_ms FROM tool_call t JOIN label l ON l.id = t.tool"
        " WHERE t.session = ? AND t.response IS NOT NULL AND t.duration_ms IS NOT NULL"
    )
    yield from db.execute(query, (session.id,))


def read_marks(db: Connection, session: Session) -> list[Mark]:
    """(kind, name, calls, tokens, nano-USD) of what Claude Code itself charges a session's responses to."""
    one = (
        "SELECT '{0}', l.name, SUM(r.calls), SUM(r.input + r.output + r.cache_creation + r.cache_read),"
        " SUM(r.cost) FROM response r JOIN label l ON l.id = r.{0} WHERE r.session = :session GROUP BY l.name"
    )
    query = " UNION ALL ".join(one.format(kind) for kind in ("skill", "plugin", "mcp"))
    return db.execute(query, {"session": session.id}).fetchall()


def is_empty(db: Connection) -> bool:
    """Whether nothing was ever recorded."""
    return db.execute("SELECT 1 FROM rollup LIMIT 1").fetchone() is None


def read_unpriced(db: Connection) -> list[tuple[str, int]]:
    """(model, calls) of what was never given a price, by the model's name."""
    query = (
        "SELECT m.name, SUM(x.unpriced) FROM rollup x JOIN price_class k ON k.id = x.class"
        " JOIN label m ON m.id = k.model WHERE x.unpriced > 0 GROUP BY m.name ORDER BY m.name"
    )
    return [(str(name), int(calls)) for name, calls in db.execute(query)]
