"""A session that burns far more than the user's sessions do, or sends out far more subagents."""

from __future__ import annotations

from usage_dashboard.store.read.baseline import read_baseline, read_current_load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

FAR = 3
"""How many times the usual is far above it."""

MANY_SUBAGENTS = 8
LEAST_TOKENS = 1_000_000
"""Less in a quarter of an hour is no runaway, however calm the sessions before were."""


def runaway_warning(db: Connection, session: int, now_us: int) -> str:
    """What is far above the user's own measure; empty where nothing is, or too little is known."""
    usual = read_baseline(db)
    if usual is None:
        return ""
    tokens, subagents = read_current_load(db, session, now_us)
    tokens = tokens if tokens >= max(LEAST_TOKENS, FAR * usual.tokens) else 0
    subagents = subagents if subagents >= max(MANY_SUBAGENTS, FAR * usual.subagents) else 0
    if not tokens and not subagents:
        return ""
    from usage_dashboard.hook.alerts.messages import runaway_message  # noqa: PLC0415 - only when there is something to say

    return runaway_message(tokens, subagents, usual)
