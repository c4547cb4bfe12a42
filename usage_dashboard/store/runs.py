"""What single runs of an agent type and single calls of a tool took."""

from __future__ import annotations

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
        "SELECT SUM(tokens), CASE WHEN COUNT(cost) = COUNT(*) THEN SUM(cost) END FROM ("
        " SELECT session, subagent, at_us, cost, input + output + cache_creation + cache_read AS tokens"
        "  FROM response WHERE kind = 1 AND agent = (SELECT id FROM label WHERE kind = 'agent' AND name = ?)"
        "  ORDER BY at_us DESC LIMIT ?)"
        " GROUP BY session, subagent ORDER BY MAX(at_us) DESC LIMIT ?"
    )
    return [Run(row) for row in db.execute(query, (agent, MOST_RESPONSES, RUNS))]


def tool_runs(db: Connection, tool: str) -> list[Run]:
    """The shares of the last calls of `tool`, the newest first: what wrote each, and what its result took."""
    query = (
        "SELECT t.output + t.input + t.cache_creation,"
        " CASE WHEN r.cost IS NOT NULL THEN t.cost_output + t.cost_prompt END FROM"
        " (SELECT id, cost, at_us FROM response ORDER BY at_us DESC LIMIT ?) r"
        " JOIN tool_call t ON t.response = r.id"
        " WHERE t.tool = (SELECT id FROM label WHERE kind = 'tool' AND name = ?)"
        " ORDER BY r.at_us DESC LIMIT ?"
    )
    return [Run(row) for row in db.execute(query, (MOST_RESPONSES, tool, RUNS))]
