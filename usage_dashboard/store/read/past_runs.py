"""The usage of single runs of an agent type and of single calls of a tool."""

from __future__ import annotations

from usage_dashboard.store.sql import matches_response
from usage_dashboard.store.write.rollup import in_quarter, of_total

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection

RUNS = 12
"""How many of the last runs an estimate of the next one is based on."""

MOST_RESPONSES = 5_000
"""How far back to look, so that a large ledger takes no longer."""


class PastRun:
    """The usage of a run: tokens of every kind, and nano-USD (None if a call had no price)."""

    __slots__ = ("cost", "tokens")

    def __init__(self, values: tuple[int, int | None]) -> None:
        self.tokens, self.cost = values


def read_agent_runs(db: Connection, agent: str) -> list[PastRun]:
    """The last runs of the agent type `agent`, newest first."""
    label = "SELECT id FROM label WHERE kind = 'agent' AND name = ?1"
    totals = f"FROM rollup WHERE kind = 1 AND agent = ({label})"
    query = (
        "SELECT SUM(r.input + r.output + r.cache_creation + r.cache_read),"  # noqa: S608 - our own words
        " CASE WHEN COUNT(r.cost) = COUNT(*) THEN SUM(r.cost) END"
        f" FROM (SELECT DISTINCT bucket, session, kind, agent {totals} AND bucket >= ?2) x"
        f" CROSS JOIN response r ON r.session = x.session AND {in_quarter('r', 'x')}"
        " AND r.kind = x.kind AND r.agent = x.agent"
        " GROUP BY r.session, r.subagent ORDER BY MAX(r.at_us) DESC LIMIT ?3"
    )
    first = _first_bucket(db.execute(f"SELECT bucket, calls {totals} ORDER BY bucket DESC", (agent,)))
    return [PastRun(row) for row in db.execute(query, (agent, first, RUNS))]


def read_tool_runs(db: Connection, tool: str) -> list[PastRun]:
    """The last calls of `tool`, newest first: the output that asked for each, and what its result took."""
    query = (
        "SELECT t.output + t.input + t.cache_creation,"  # noqa: S608 - our own words
        " CASE WHEN r.cost IS NOT NULL THEN t.cost_output + t.cost_prompt END"
        f" FROM tool_rollup x CROSS JOIN response r ON {of_total('r', 'x')}"
        f" CROSS JOIN tool_call t ON {matches_response('t.response', 'r.id')}"
        " AND t.tool = x.tool AND t.server = x.server"
        " WHERE x.bucket >= ? AND x.tool = (SELECT id FROM label WHERE kind = 'tool' AND name = ?)"
        " AND x.calls > 0 ORDER BY x.bucket DESC, r.at_us DESC LIMIT ?"
    )
    first = _first_bucket(db.execute("SELECT bucket, calls FROM rollup ORDER BY bucket DESC"))
    return [PastRun(row) for row in db.execute(query, (first, tool, RUNS))]


def _first_bucket(totals: Iterable[tuple[int, int]]) -> int:
    """The quarter of an hour in which the last `MOST_RESPONSES` begin; `totals` are (quarter, calls)."""
    left = MOST_RESPONSES
    for bucket, calls in totals:
        left -= calls
        if left <= 0:
            return bucket
    return 0
