"""A session that uses far more tokens or subagents than the user's sessions usually do."""

from __future__ import annotations

from usage_dashboard.store.read.baseline import read_baseline, read_current_load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

FAR = 3
"""How many times the usual counts as far above it."""

MANY_SUBAGENTS = 8
LEAST_TOKENS = 1_000_000
"""Fewer tokens in a quarter of an hour are not a runaway, however quiet earlier sessions were."""


def runaway_warning(db: Connection, session: int, now_us: int) -> str:
    """Warn of what is far above the user's baseline; empty if nothing is, or too little is known."""
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
