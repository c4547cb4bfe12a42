"""What single runs of an agent type and single calls of a tool took."""

from __future__ import annotations

from usage_dashboard.store.rollup import of_total
from usage_dashboard.store.schema import tied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

RUNS = 12
"""How many of the last runs tell what the next one will take."""

MOST_RESPONSES = 5_000
"""How far back is looked, so that a large ledger takes no longer."""


class Run:
    """What a run took: tokens of every kind, and nano-USD (None where a call had no price)."""

    __slots__ = ("cost", "tokens")

    def __init__(self, values: tuple[int, int | None]) -> None:
        self.tokens, self.cost = values


def agent_runs(db: Connection, agent: str) -> list[Run]:
    """The last runs of the agent type `agent`, the newest first."""
    query = (
        "SELECT SUM(tokens), CASE WHEN COUNT(cost) = COUNT(*) THEN SUM(cost) END FROM ("  # noqa: S608 - ours
        " SELECT r.session, r.subagent, r.at_us, r.cost,"
        "  r.input + r.output + r.cache_creation + r.cache_read AS tokens"
        f"  FROM rollup x CROSS JOIN response r ON {of_total('r', 'x')}"
        "  WHERE x.kind = 1 AND x.agent = (SELECT id FROM label WHERE kind = 'agent' AND name = ?)"
        "  ORDER BY x.bucket DESC, r.at_us DESC LIMIT ?)"
        " GROUP BY session, subagent ORDER BY MAX(at_us) DESC LIMIT ?"
    )
    return [Run(row) for row in db.execute(query, (agent, MOST_RESPONSES, RUNS))]


def tool_runs(db: Connection, tool: str) -> list[Run]:
    """The shares of the last calls of `tool`, the newest first: what wrote each, and what its result took."""
    query = (
        "SELECT t.output + t.input + t.cache_creation,"  # noqa: S608 - our own words
        " CASE WHEN r.cost IS NOT NULL THEN t.cost_output + t.cost_prompt END"
        f" FROM tool_rollup x CROSS JOIN response r ON {of_total('r', 'x')}"
        f" CROSS JOIN tool_call t ON {tied('t.response', 'r.id')} AND t.tool = x.tool AND t.server = x.server"
        " WHERE x.bucket >= ? AND x.tool = (SELECT id FROM label WHERE kind = 'tool' AND name = ?)"
        " AND x.calls > 0 ORDER BY x.bucket DESC, r.at_us DESC LIMIT ?"
    )
    return [Run(row) for row in db.execute(query, (_first_looked_at(db), tool, RUNS))]


def _first_looked_at(db: Connection) -> int:
    """The quarter of an hour that the last `MOST_RESPONSES` begin in."""
    left = MOST_RESPONSES
    for bucket, calls in db.execute("SELECT bucket, calls FROM rollup ORDER BY bucket DESC"):
        left -= calls
        if left <= 0:
            return int(bucket)
    return 0
