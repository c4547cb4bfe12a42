"""More detail than the totals of a window: sessions and their calls, subagents and compactions."""

from __future__ import annotations

from usage_dashboard.model.events import BUCKET_US, SUBAGENT
from usage_dashboard.model.rows import UNNAMED_AGENT
from usage_dashboard.store.connection import split_ids
from usage_dashboard.store.meta import rows_since_us
from usage_dashboard.store.read.totals import BUCKETS, FOREVER_US, ROWS, TOOL_BUCKETS
from usage_dashboard.store.sql import matches_any_response, matches_response
from usage_dashboard.store.write.rollup import of_total

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from sqlite3 import Connection

    from usage_dashboard.store.read.totals import Bucket, ToolBucket

    ExtensionUsage = tuple[str, str, int, int, int | None]

_SESSIONS = (
    "SELECT s.id, s.name, p.name, c.name, s.first_us, s.last_us FROM session s"
    " JOIN label p ON p.id = s.project JOIN label c ON c.id = s.channel WHERE s.last_us > 0"
)
_CALLS = ROWS.replace("SELECT ", "SELECT x.id, x.at_us, ", 1)
_BY_TIME = f"FROM rollup o CROSS JOIN response x ON {of_total('x', 'o')}"
_IN_TIME = (
    f"o.bucket >= :since / {BUCKET_US} AND o.bucket <= :until / {BUCKET_US}"
    " AND x.at_us >= :since AND x.at_us < :until AND x.calls > 0"
)
_CALLS_BY_TIME = f"{_CALLS.replace('FROM response x', _BY_TIME)} WHERE {_IN_TIME}"


class StoredSession:
    """A session of the ledger: its id there, its name, where it ran, and when (UTC microseconds)."""

    __slots__ = ("channel", "first_us", "id", "last_us", "name", "project")

    def __init__(self, values: tuple[int, str, str, str, int, int]) -> None:
        self.id, self.name, self.project, self.channel, self.first_us, self.last_us = values


class StoredCall:
    """A billed response: when it came (UTC microseconds), and its counts as a bucket of one call."""

    __slots__ = ("at_us", "bucket", "id")

    def __init__(self, values: tuple[int, int, *Bucket]) -> None:
        self.id, self.at_us = values[:2]
        self.bucket: Bucket = values[2:]


class StoredSubagent:
    """A subagent of a session: its id, its type, when it ran (UTC microseconds), and what started it.

    `parent` is the id of the subagent that started it, 0 for the main thread, None if it is not known.
    """

    __slots__ = ("agent", "first_us", "id", "last_us", "parent")

    def __init__(self, values: tuple[int, str, int, int, int | None]) -> None:
        self.id, self.agent, self.first_us, self.last_us, self.parent = values


class StoredCompaction:
    """When a conversation was compacted (UTC microseconds); what the client did not report is None.

    `before` and `after` are the tokens of its context; `automatic` is False if the user asked for it.
    """

    __slots__ = ("after", "at_us", "automatic", "before", "subagent")

    def __init__(self, values: tuple[int, int, int | None, int | None, int | None]) -> None:
        self.at_us, self.subagent, automatic, self.before, self.after = values
        self.automatic = None if automatic is None else bool(automatic)


def list_sessions(db: Connection) -> list[StoredSession]:
    """Every session, most recently seen first."""
    return [StoredSession(values) for values in db.execute(f"{_SESSIONS} ORDER BY s.last_us DESC, s.name")]


def find_sessions(db: Connection, prefix: str) -> list[StoredSession]:
    """The sessions with names that begin with `prefix`, or the one that has exactly this name."""
    query = f"{_SESSIONS} AND substr(s.name, 1, ?) = ? ORDER BY s.last_us DESC, s.name"
    matches = [StoredSession(values) for values in db.execute(query, (len(prefix), prefix))]
    return [session for session in matches if session.name == prefix] or matches


def last_session(db: Connection) -> StoredSession | None:
    """The session that was seen last, if there is any."""
    values = db.execute(f"{_SESSIONS} ORDER BY s.last_us DESC, s.name LIMIT 1").fetchone()
    return None if values is None else StoredSession(values)


def read_session_buckets(db: Connection, session: StoredSession) -> Iterator[Bucket]:
    """All totals of a session, as `totals.read_buckets` has those of a window."""
    yield from db.execute(f"{BUCKETS} WHERE x.session = ?", (session.id,))


def read_session_tool_buckets(db: Connection, session: StoredSession) -> Iterator[ToolBucket]:
    """All shares of tools in a session, as `totals.read_tool_buckets` has those of a window."""
    yield from db.execute(f"{TOOL_BUCKETS} WHERE x.session = ?", (session.id,))


def read_session_durations(db: Connection, session: StoredSession) -> Iterator[tuple[str, int]]:
    """(tool, milliseconds) of each tool call of a session with a known duration."""
    query = (
        "SELECT l.name, t.duration_ms FROM response r"  # noqa: S608 - our own words
        f" JOIN tool_call t ON {matches_response('t.response', 'r.id')}"
        " JOIN label l ON l.id = t.tool WHERE r.session = ? AND t.duration_ms IS NOT NULL"
    )
    yield from db.execute(query, (session.id,))


def read_extension_usage(db: Connection, session: StoredSession) -> list[ExtensionUsage]:
    """(kind, name, calls, tokens, nano-USD) of the skills, plugins and MCP servers of a session.

    They are those that Claude Code itself charges its responses to.
    """
    one = (
        "SELECT '{0}', l.name, SUM(r.calls), SUM(r.input + r.output + r.cache_creation + r.cache_read),"
        " SUM(r.cost) FROM response r JOIN label l ON l.id = r.{0} WHERE r.session = :session GROUP BY l.name"
    )
    query = " UNION ALL ".join(one.format(kind) for kind in ("skill", "plugin", "mcp"))
    return db.execute(query, {"session": session.id}).fetchall()


def read_session_calls(
    db: Connection, session: StoredSession, most: int, *, costliest: bool
) -> list[StoredCall]:
    """At most `most` calls of a session that have rows, the costliest or the last ones first."""
    tokens = "x.input + x.output + x.cache_creation + x.cache_read"
    order = f"COALESCE(x.cost, -1) DESC, {tokens} DESC, " if costliest else ""
    where = f"WHERE x.session = ? AND x.calls > 0 ORDER BY {order}x.at_us DESC, x.id LIMIT ?"
    return [StoredCall(values) for values in db.execute(f"{_CALLS} {where}", (session.id, most))]


def read_last_calls(
    db: Connection, since_us: int, until_us: int | None = None, most: int = -1
) -> list[StoredCall]:
    """The calls in a span of time, the last one first; at most `most` of them, all if that is negative."""
    query = f"{_CALLS_BY_TIME} ORDER BY o.bucket DESC, x.at_us DESC, x.id LIMIT :most"
    values = {"since": since_us, "until": FOREVER_US if until_us is None else until_us, "most": most}
    return [StoredCall(row) for row in db.execute(query, values)]


def count_tools(db: Connection, calls: Iterable[StoredCall]) -> dict[int, list[tuple[str, int]]]:
    """(tool, how often) of the tools that each of `calls`, by id, asked for; the most frequent first."""
    tools: dict[int, list[tuple[str, int]]] = {}
    for ids in split_ids([call.id for call in calls]):
        query = (
            "SELECT t.response, l.name, COUNT(*) FROM tool_call t JOIN label l ON l.id = t.tool"  # noqa: S608
            f" WHERE {matches_any_response('t.response', len(ids))} GROUP BY t.response, l.name"
            " ORDER BY COUNT(*) DESC, l.name"
        )
        for response, name, times in db.execute(query, ids):
            tools.setdefault(response, []).append((name, times))
    return tools


def read_active_span(db: Connection, since_us: int, until_us: int | None) -> tuple[int, int] | None:
    """When the first and the last call in a span of time came; None if no call in it has a row."""
    query = f"SELECT x.at_us {_BY_TIME} WHERE {_IN_TIME} ORDER BY o.bucket {{0}}, x.at_us {{0}} LIMIT 1"
    until = FOREVER_US if until_us is None else until_us
    values = {"since": max(since_us, rows_since_us(db)), "until": until}
    first, last = (db.execute(query.format(way), values).fetchone() for way in ("ASC", "DESC"))
    return (first[0], last[0]) if first and last else None


def read_subagents(db: Connection, session: StoredSession) -> list[StoredSubagent]:
    """The subagents of a session that have rows, in the order in which they began."""
    query = (
        "SELECT r.subagent, MAX(NULLIF(a.name, :unnamed)), MIN(r.at_us), MAX(r.at_us),"
        " COALESCE(g.parent, w.subagent, t.subagent) FROM response r JOIN label a ON a.id = r.agent"
        " LEFT JOIN subagent g ON g.session = r.session AND g.id = r.subagent"
        " LEFT JOIN tool_call t ON t.id = g.tool LEFT JOIN response w ON w.id = t.response"
        " WHERE r.session = :session AND r.kind = :kind GROUP BY r.subagent ORDER BY 3, r.subagent"
    )
    values = {"unnamed": UNNAMED_AGENT, "session": session.id, "kind": SUBAGENT}
    return [
        StoredSubagent((key, agent or UNNAMED_AGENT, first_us, last_us, parent))
        for key, agent, first_us, last_us, parent in db.execute(query, values)
    ]


def read_subagent_buckets(
    db: Connection, session: StoredSession, subagent: StoredSubagent
) -> Iterator[Bucket]:
    """Each response of a subagent as a bucket."""
    where = f"WHERE x.session = ? AND x.at_us / {BUCKET_US} BETWEEN ? AND ? AND x.subagent = ? AND x.kind = ?"
    quarters = (subagent.first_us // BUCKET_US, subagent.last_us // BUCKET_US)
    yield from db.execute(f"{ROWS} {where}", (session.id, *quarters, subagent.id, SUBAGENT))


def read_compactions(db: Connection, session: StoredSession) -> list[StoredCompaction]:
    """The compactions of a session, oldest first, without those that it copied from another session.

    A fork shows its parent's compactions too, and begins later than its parent.
    """
    query = (
        "SELECT c.at_us, c.subagent, c.automatic, c.before, c.after FROM compaction c WHERE c.session = ?"
        " AND NOT EXISTS (SELECT 1 FROM compaction o JOIN session s ON s.id = o.session"
        " WHERE o.id = c.id AND (s.first_us, s.id) < (?, ?)) ORDER BY c.at_us, c.id"
    )
    rows = db.execute(query, (session.id, session.first_us, session.id))
    return [StoredCompaction(values) for values in rows]


def is_ledger_empty(db: Connection) -> bool:
    """Whether nothing was ever recorded."""
    return db.execute("SELECT 1 FROM rollup LIMIT 1").fetchone() is None


def read_unpriced_models(db: Connection) -> list[tuple[str, int]]:
    """(model, calls) of the calls without a price, by the model's name."""
    query = (
        "SELECT m.name, SUM(x.unpriced) FROM rollup x JOIN price_class k ON k.id = x.class"
        " JOIN label m ON m.id = k.model WHERE x.unpriced > 0 GROUP BY m.name ORDER BY m.name"
    )
    return [(str(name), int(calls)) for name, calls in db.execute(query)]
