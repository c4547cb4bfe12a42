"""Removing calls from the ledger for good: rows, totals and names. No later reading adds them again.

A forgotten response leaves its id, as one that was dropped by age does. Limits and when they were reached
belong to the account, and stay.
"""

from __future__ import annotations

from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.model.ids import id_hash
from usage_dashboard.store.meta import note_forgotten
from usage_dashboard.store.read.totals import FOREVER_US
from usage_dashboard.store.sql import split_script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection


class ForgetScope:
    """What to forget: the calls of a project, or of a session, or all, before `before_us` if that is given.

    Names are those of the ledger; empty means any. Time is rounded down to a quarter of an hour, the grain of
    totals.
    """

    __slots__ = ("before_us", "project", "session")

    def __init__(self, project: str = "", session: str = "", before_us: int | None = None) -> None:
        self.project = project
        self.session = session
        self.before_us = None if before_us is None else before_us // BUCKET_US * BUCKET_US


class Loss:
    """How much is to be forgotten: sessions that have any of it, calls, and tokens of every kind."""

    __slots__ = ("calls", "sessions", "tokens")

    def __init__(self, values: tuple[int, int, int]) -> None:
        self.sessions, self.calls, self.tokens = values


_SCOPE = (
    "SELECT s.id, s.name, s.last_us FROM session s JOIN label p ON p.id = s.project"
    " WHERE (:project = '' OR p.name = :project) AND (:session = '' OR s.name = :session)"
    " AND (s.first_us < :until OR s.last_us = 0)"
)

_ENDS = (
    "(response IS NULL OR NOT EXISTS (SELECT 1 FROM response r WHERE r.id = tool_call.response))"
    " AND (carrier IS NULL OR NOT EXISTS (SELECT 1 FROM response r WHERE r.id = tool_call.carrier))"
)
"""A tool call without the response that asked for it and the one that carried its result."""

_ROWS = f"""
INSERT INTO dropped SELECT id FROM response WHERE at_us < :until AND session IN (SELECT id FROM scope);
INSERT OR IGNORE INTO pruned (id) SELECT id FROM dropped;
DELETE FROM response WHERE id IN (SELECT id FROM dropped);
DELETE FROM tool_call
  WHERE (response IN (SELECT id FROM dropped) OR carrier IN (SELECT id FROM dropped)
    OR session IN (SELECT id FROM gone)) AND {_ENDS};
-- A fork may have carried on what its parent asked for: each keeps its own side of the call.
UPDATE tool_call SET output = 0, cost_output = 0,
  (session, subagent) = (SELECT session, subagent FROM response r WHERE r.id = carrier)
  WHERE response IN (SELECT id FROM dropped);
UPDATE tool_call SET input = 0, cache_creation = 0, cache_1h = 0, cost_prompt = 0
  WHERE carrier IN (SELECT id FROM dropped);
UPDATE tool_call SET handed = NULL WHERE handed IN (SELECT id FROM gone);
DELETE FROM rollup WHERE bucket < :until / {BUCKET_US} AND session IN (SELECT id FROM scope);
DELETE FROM tool_rollup WHERE bucket < :until / {BUCKET_US} AND session IN (SELECT id FROM scope)
"""  # noqa: S608 - our own words
_EVENTS = """
DELETE FROM process WHERE session IN (SELECT id FROM gone)
  OR session IN (SELECT id FROM scope) AND at_us < :until;
DELETE FROM compaction WHERE session IN (SELECT id FROM gone)
  OR session IN (SELECT id FROM scope) AND at_us < :until;
DELETE FROM open_request WHERE session IN (SELECT id FROM gone)
  OR session IN (SELECT id FROM scope) AND at_us < :until;
DELETE FROM cost_state WHERE session IN (SELECT id FROM gone);
DELETE FROM subagent WHERE session IN (SELECT id FROM gone);
-- A number that is free again would be the next session's.
UPDATE OR REPLACE limit_hit SET session = 0 WHERE session IN (SELECT id FROM gone);
UPDATE session SET parent = NULL WHERE parent IN (SELECT id FROM gone);
DELETE FROM session WHERE id IN (SELECT id FROM gone);
UPDATE session SET first_us = :until WHERE first_us < :until AND id IN (SELECT id FROM scope)
"""
_NAMES = """
DELETE FROM label WHERE kind IN ('project', 'channel', 'agent', 'tool', 'server', 'skill', 'plugin')
  AND id NOT IN (
    SELECT project FROM session UNION SELECT channel FROM session
    UNION SELECT agent FROM rollup UNION SELECT agent FROM response UNION SELECT agent FROM tool_rollup
    UNION SELECT tool FROM tool_rollup UNION SELECT server FROM tool_rollup
    UNION SELECT tool FROM tool_call UNION SELECT server FROM tool_call
    UNION SELECT skill FROM response WHERE skill IS NOT NULL
    UNION SELECT plugin FROM response WHERE plugin IS NOT NULL
    UNION SELECT mcp FROM response WHERE mcp IS NOT NULL)
"""


def measure_loss(db: Connection, scope: ForgetScope) -> Loss:
    """How much `scope` covers."""
    query = (
        "SELECT COUNT(DISTINCT x.session), COALESCE(SUM(x.calls), 0),"  # noqa: S608 - our own words
        " COALESCE(SUM(x.input + x.output + x.cache_creation + x.cache_read), 0) FROM rollup x"
        f" WHERE x.bucket < :until / {BUCKET_US} AND x.session IN (SELECT id FROM ({_SCOPE}))"
    )
    return Loss(db.execute(query, _parameters(scope)).fetchone())


def forget_calls(db: Connection, scope: ForgetScope) -> Loss:
    """Remove `scope` from the ledger and return what that was; the caller holds the write lock.

    Sessions that have nothing left go too, and so do names that are no longer used.
    """
    values = _parameters(scope)
    loss = measure_loss(db, scope)
    db.execute(f"CREATE TEMP TABLE scope AS {_SCOPE}", values)
    whole = "SELECT id, name FROM scope WHERE last_us < :until AND (last_us > 0 OR :everything)"
    db.execute(f"CREATE TEMP TABLE gone AS {whole}", values)
    db.execute("CREATE TEMP TABLE dropped (id INTEGER PRIMARY KEY)")
    _note_forgotten(db, values)
    for script in (_ROWS, _EVENTS, _NAMES):
        for statement in split_script(script):
            db.execute(statement, values)
    for table in ("scope", "gone", "dropped"):
        db.execute(f"DROP TABLE temp.{table}")
    return loss


def _note_forgotten(db: Connection, values: dict[str, str | int]) -> None:
    """Note the sessions that something is forgotten of: the client's own totals still count it.

    So do those of a fork, which begin with its parent's.
    """
    parts = "SELECT name, MIN(:until, last_us + 1) FROM scope WHERE last_us > 0"
    for name, until_us in db.execute(parts, values).fetchall():
        note_forgotten(db, name, until_us)
    forks = "SELECT name, first_us FROM session WHERE parent IN (SELECT id FROM gone) AND last_us > 0"
    for name, first_us in db.execute(forks).fetchall():
        note_forgotten(db, name, first_us)
    gone = [(id_hash(name),) for (name,) in db.execute("SELECT name FROM gone")]
    db.executemany("DELETE FROM alert WHERE session = ?", gone)


def _parameters(scope: ForgetScope) -> dict[str, str | int]:
    until_us = FOREVER_US if scope.before_us is None else scope.before_us
    everything = scope.before_us is None
    return {"project": scope.project, "session": scope.session, "until": until_us, "everything": everything}
