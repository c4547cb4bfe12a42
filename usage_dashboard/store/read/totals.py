"""Reading totals for a window: whole quarter-hours, and rows where an edge cuts one."""

from __future__ import annotations

from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.model.totals import ROLLUP_SUMS, TOOL_ROLLUP_SUMS
from usage_dashboard.store.meta import rows_since_us
from usage_dashboard.store.sql import matches_response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from sqlite3 import Connection

    Bucket = tuple[int, str, str, str, int, str, str, *tuple[int, ...]]
    ToolBucket = tuple[int, str, str, str, int, str, str, str, str, *tuple[int, ...]]

FOREVER_US = 2**62

_DIMENSIONS = "s.name, p.name, c.name, x.kind, a.name, m.name"
_JOINS = (
    " JOIN session s ON s.id = x.session JOIN label p ON p.id = s.project JOIN label c ON c.id = s.channel"
    " JOIN label a ON a.id = x.agent JOIN price_class k ON k.id = x.class JOIN label m ON m.id = k.model"
)
_TOOL_JOINS = _JOINS + " JOIN label t ON t.id = x.tool JOIN label v ON v.id = x.server"
_ROW_SUMS = (
    "x.calls, x.incomplete, CASE WHEN x.cost IS NULL THEN x.calls ELSE 0 END, x.input, x.output,"
    " x.cache_creation, x.cache_1h, x.cache_read, COALESCE(x.thinking, 0), x.searches, COALESCE(x.cost, 0),"
    " COALESCE(x.cost_prompt, 0), COALESCE(x.cost_read, 0), COALESCE(x.savings, 0)"
)
BUCKETS = (
    f"SELECT x.bucket, {_DIMENSIONS}, {', '.join('x.' + name for name in ROLLUP_SUMS)} FROM rollup x{_JOINS}"  # noqa: S608
)
ROWS = f"SELECT x.at_us / {BUCKET_US}, {_DIMENSIONS}, {_ROW_SUMS} FROM response x{_JOINS}"  # noqa: S608
TOOL_BUCKETS = (
    f"SELECT x.bucket, {_DIMENSIONS}, t.name, v.name, {', '.join('x.' + name for name in TOOL_ROLLUP_SUMS)}"  # noqa: S608
    f" FROM tool_rollup x{_TOOL_JOINS}"
)


def within_window(row: str, sessions: str = "") -> str:
    """The condition that a response, by its name in the query, came from :since until before :until.

    The totals say which sessions have rows; the rows of a session have an index by the quarter of an hour.
    `sessions` is another condition for those.
    """
    first, last = f":since / {BUCKET_US}", f":until / {BUCKET_US}"
    named = f"SELECT session FROM rollup WHERE bucket >= {first} AND bucket <= {last}{sessions}"  # noqa: S608 - ours
    return (
        f"{row}.session IN ({named})"
        f" AND {row}.at_us / {BUCKET_US} >= {first} AND {row}.at_us / {BUCKET_US} <= {last}"
        f" AND {row}.at_us >= :since AND {row}.at_us < :until"
    )


_EDGE = f"{ROWS} WHERE {within_window('x')}"
_TOOL_ROWS = (
    f"SELECT x.at_us / {BUCKET_US}, {_DIMENSIONS}, t.name, v.name, x.calls, x.failed, x.output, x.input,"  # noqa: S608
    " x.cache_creation, x.cache_1h, x.cost_output, x.cost_prompt FROM ("
    " SELECT r.at_us, r.session, r.kind, r.agent, r.class, i.tool, i.server, 1 AS calls,"
    "  COALESCE(i.failed, 0) AS failed, i.output, 0 AS input, 0 AS cache_creation, 0 AS cache_1h,"
    "  i.cost_output, 0 AS cost_prompt"
    f"  FROM response r JOIN tool_call i ON {matches_response('i.response', 'r.id')}"
    f"  WHERE {within_window('r')}"
    " UNION ALL SELECT r.at_us, r.session, r.kind, r.agent, r.class, i.tool, i.server, 0, 0, 0, i.input,"
    "  i.cache_creation, i.cache_1h, 0, i.cost_prompt"
    f"  FROM response r JOIN tool_call i ON {matches_response('i.carrier', 'r.id')}"
    f"  WHERE {within_window('r')}"
    f") x{_TOOL_JOINS}"
)
_DURATIONS = (
    f"SELECT x.at_us / {BUCKET_US}, {_DIMENSIONS}, t.name, v.name, x.duration_ms FROM ("  # noqa: S608
    " SELECT r.at_us, r.session, r.kind, r.agent, r.class, i.tool, i.server, i.duration_ms"
    f" FROM response r JOIN tool_call i ON {matches_response('i.response', 'r.id')}"
    # An import knows no durations: its sessions, and by the hint its calls, are skipped before the joins.
    f" WHERE {within_window('r', ' AND session IN (SELECT id FROM session WHERE lasted)')}"
    f" AND unlikely(i.duration_ms IS NOT NULL)) x{_TOOL_JOINS}"
)


class Span:
    """A window as the ledger can answer it: whole quarter-hours, and edges to read from rows.

    `approximate` is set if an edge cuts a quarter-hour that has no rows any more: all of it is counted.
    """

    __slots__ = ("approximate", "edges", "first", "last")

    def __init__(self, db: Connection, since_us: int, until_us: int | None) -> None:
        until = FOREVER_US if until_us is None else until_us
        since = max(0, since_us)
        self.first, self.last = -(-since // BUCKET_US), until // BUCKET_US
        self.edges: list[tuple[int, int]] = []
        self.approximate = False
        kept = rows_since_us(db) // BUCKET_US
        begins, ends = since % BUCKET_US, 0 if until_us is None else until % BUCKET_US
        if begins and since < until:
            if self.first - 1 < kept:
                self.first, self.approximate = self.first - 1, True
            else:
                self.edges.append((since, min(until, self.first * BUCKET_US)))
        if ends and since < until and self.last >= self.first:
            if self.last < kept:
                self.last, self.approximate = self.last + 1, True
            else:
                self.edges.append((self.last * BUCKET_US, until))


def read_buckets(db: Connection, span: Span) -> Iterator[Bucket]:
    """The totals in `span`: (bucket, session, project, channel, kind, agent, model, *rollup.SUMS)."""
    yield from db.execute(f"{BUCKETS} WHERE x.bucket >= ? AND x.bucket < ?", (span.first, span.last))
    for since, until in span.edges:
        yield from db.execute(_EDGE, {"since": since, "until": until})


def read_sums(db: Connection, span: Span) -> Iterator[Bucket]:
    """As `read_buckets`, but one for each project, kind, agent and model, however long the span.

    Bucket and session are those of any one that was added up: use neither.
    """
    sums = ", ".join(f"SUM(x.{name})" for name in ROLLUP_SUMS)
    query = f"SELECT x.bucket, {_DIMENSIONS}, {sums} FROM rollup x{_JOINS}"  # noqa: S608 - our own names
    where = " WHERE x.bucket >= ? AND x.bucket < ? GROUP BY s.project, x.kind, x.agent, k.model"
    yield from db.execute(query + where, (span.first, span.last))
    for since, until in span.edges:
        yield from db.execute(_EDGE, {"since": since, "until": until})


def read_tool_buckets(db: Connection, span: Span) -> Iterator[ToolBucket]:
    """The shares of tools in `span`: as `read_buckets`, with tool and server before *rollup.TOOL_SUMS."""
    yield from db.execute(f"{TOOL_BUCKETS} WHERE x.bucket >= ? AND x.bucket < ?", (span.first, span.last))
    for since, until in span.edges:
        yield from db.execute(_TOOL_ROWS, {"since": since, "until": until})


def read_tool_sums(db: Connection, span: Span) -> Iterator[ToolBucket]:
    """As `read_tool_buckets`, but one for each session, class of prices and tool, however long the span.

    Bucket, kind and agent are those of any one that was added up: use none of them. A week with 12,000
    responses has 4,400 of those buckets; their names and sums alone take 20 ms.
    """
    sums = ", ".join(f"SUM({name}) AS {name}" for name in TOOL_ROLLUP_SUMS)
    query = (
        f"SELECT x.bucket, {_DIMENSIONS}, t.name, v.name,"  # noqa: S608 - our own names
        f" {', '.join('x.' + name for name in TOOL_ROLLUP_SUMS)} FROM ("
        f" SELECT bucket, session, kind, agent, class, tool, server, {sums} FROM tool_rollup"
        f" WHERE bucket >= ? AND bucket < ? GROUP BY session, class, tool, server) x{_TOOL_JOINS}"
    )
    yield from db.execute(query, (span.first, span.last))
    for since, until in span.edges:
        yield from db.execute(_TOOL_ROWS, {"since": since, "until": until})


def read_busy_quarters(db: Connection, since_us: int) -> list[int]:
    """The starts of the quarters of an hour since `since_us` that have any usage, oldest first."""
    query = "SELECT DISTINCT bucket FROM rollup WHERE bucket >= ? ORDER BY bucket"
    return [row[0] * BUCKET_US for row in db.execute(query, (since_us // BUCKET_US,))]


def read_cost_shares(
    db: Connection, began_us: int, length_us: int, elapsed_us: int, windows: int
) -> list[float]:
    """The share of its cost that each of the `windows` before `began_us` had `elapsed_us` after its start.

    Each is `length_us` long. By quarters of an hour; windows without any cost are left out.
    """
    query = (
        "SELECT SUM(CASE WHEN past % :length < :elapsed THEN cost ELSE 0 END), SUM(cost) FROM"
        " (SELECT bucket * :grain - :start AS past, cost FROM rollup"
        " WHERE bucket >= :first AND bucket < :last)"
        " GROUP BY past / :length"
    )
    start_us = began_us - windows * length_us
    values = {"length": length_us, "elapsed": elapsed_us, "grain": BUCKET_US, "start": start_us}
    values |= {"first": -(-start_us // BUCKET_US), "last": began_us // BUCKET_US}
    return [part / whole for part, whole in db.execute(query, values) if whole]


def read_session_spans(db: Connection, names: list[str]) -> dict[str, tuple[int, int]]:
    """When each of the sessions `names` was first and last seen, UTC microseconds."""
    spans = {}
    for name in names:
        row = db.execute("SELECT first_us, last_us FROM session WHERE name = ?", (name,)).fetchone()
        if row is not None:
            spans[name] = (row[0], row[1])
    return spans


def read_durations(db: Connection, since_us: int, until_us: int | None) -> Iterator[ToolBucket]:
    """As `read_tool_buckets`, with the milliseconds of each call that has a known duration."""
    until = FOREVER_US if until_us is None else until_us
    yield from db.execute(_DURATIONS, {"since": since_us, "until": until})


def count_unknown_background(db: Connection, names: Iterable[str]) -> int:
    """How many of the sessions `names` did something of which the client wrote no totals, or not yet."""
    query = (
        "SELECT 1 FROM session WHERE name = ?"
        " AND (known_us IS NULL OR known_us < last_us OR lost_us IS NOT NULL)"
    )
    return sum(db.execute(query, (name,)).fetchone() is not None for name in names)
