"""A session that burns far more than the user's sessions do, or sends out far more subagents."""

from __future__ import annotations

from usage_dashboard.model import humanize
from usage_dashboard.store.read.baseline import now_at_work, read_baseline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

FAR = 3
"""How many times the usual is far above it."""

MANY_SUBAGENTS = 8
LEAST_TOKENS = 1_000_000
"""Less in a quarter of an hour is no runaway, however calm the sessions before were."""


def runaway(db: Connection, session: int, now_us: int) -> str:
    """What is far above the user's own measure; empty where nothing is, or too little is known."""
    usual = read_baseline(db)
    if usual is None:
        return ""
    tokens, subagents = now_at_work(db, session, now_us)
    said = []
    if tokens >= max(LEAST_TOKENS, FAR * usual.tokens):
        said.append(f"spent {humanize.tokens(tokens)} tokens")
    if subagents >= max(MANY_SUBAGENTS, FAR * usual.subagents):
        said.append(f"had {subagents} subagents at work")
    if not said:
        return ""
    return (
        f"This session {' and '.join(said)} in the last 15 minutes; at their busiest, nine of ten of your"
        f" last {usual.sessions} sessions stayed below {humanize.tokens(usual.tokens)} tokens and"
        f" {usual.subagents + 1} subagents"
    )
