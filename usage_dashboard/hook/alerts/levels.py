"""The limits and budgets that have reached one of the user's levels."""

from __future__ import annotations

from usage_dashboard.aggregator import sum_buckets
from usage_dashboard.limits import current
from usage_dashboard.limits.budget import (
    VARIABLES,
    WINDOW_OF,
    BudgetState,
    configured_budgets,
    describe_unusable,
    levels_reached,
    unusable_variable,
)
from usage_dashboard.limits.user_windows import observed_resets, user_window
from usage_dashboard.model.allowance import WHOLE as WHOLE_LIMIT
from usage_dashboard.model.windows import Zone
from usage_dashboard.runtime.os_light import getenv
from usage_dashboard.store.read.totals import Span, read_sums

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from usage_dashboard.config.settings import Settings
    from usage_dashboard.model.allowance import Limit

WHOLE = 100
"""A budget has one level more than a limit: it can be exceeded while work goes on."""


class ReachedLevel:
    """A limit or a budget at one of its levels.

    `identity` and `since_us` distinguish it and its window from every other; `level` counts the percentages
    that are reached, and `critical` says that it is above the last of the user's levels. `percent` is how
    much of it is used, `resets_us` when it resets (0: unknown).
    """

    __slots__ = (
        "critical", "identity", "level", "limit", "percent", "resets_us", "since_us", "source", "text",
    )  # fmt: skip

    def __init__(self, identity: str, since_us: int, level: int, *, critical: bool) -> None:
        self.identity = identity
        self.since_us = since_us
        self.level = level
        self.critical = critical
        self.limit: Limit | None = None
        self.percent = 0.0
        self.resets_us = 0
        self.source = self.text = ""


def limits_at_level(db: Connection, folder: int, now_us: int, levels: Sequence[int]) -> list[ReachedLevel]:
    """Return the limits of a Claude Code folder that have reached a level."""
    if not any(limit.level(levels) for limit in current.current_limits(db, folder, now_us, paced=False)):
        return []
    limits = current.current_limits(db, folder, now_us)
    return [_describe_limit(limit, now_us, levels) for limit in limits if limit.level(levels)]


def budgets_at_level(db: Connection, settings: Settings, now_us: int) -> list[ReachedLevel]:
    """Return the budgets that have reached a level or their own warning percentage."""
    caps = configured_budgets(settings, {name: getenv(name) for name in VARIABLES.values()})
    if not caps:
        return []
    zone = Zone(settings.timezone)
    resets = observed_resets(db, settings.roots, now_us)
    at_level = []
    for cap in caps:
        window = user_window(WINDOW_OF[cap.period], now_us, zone, settings, resets)
        sums = read_sums(db, Span(db, window.since_us, window.until_us))
        state = BudgetState(cap, window, sum_buckets(bucket for bucket in sums if cap.counts(bucket)))
        level = levels_reached(
            state.used, cap.limit, sorted({*settings.alerts_levels, cap.warn_percent, WHOLE})
        )
        if level:
            critical = state.level(settings.alerts_levels) == len(settings.alerts_levels)
            reached = ReachedLevel(cap.identity, window.since_us, level, critical=critical)
            at_level.append(_describe_budget(state, reached))
    return at_level


def variable_warning() -> str:
    """Warn of an environment's variable that caps nothing, since it holds no amount; empty without one."""
    variable = unusable_variable({name: getenv(name) for name in VARIABLES.values()})
    if variable is None:
        return ""
    return f"{describe_unusable(variable)}, so it caps nothing\nhint: unset {variable}"


def _describe_limit(limit: Limit, now_us: int, levels: Sequence[int]) -> ReachedLevel:
    from usage_dashboard.hook.alerts.messages import limit_message  # noqa: PLC0415 - only when there is something to say

    level = levels_reached(limit.used, WHOLE_LIMIT, levels)
    # A spend limit's length is not known: its windows are distinguished by their ends.
    since_us = limit.began_us or limit.resets_us
    reached = ReachedLevel(limit.window, since_us, level, critical=limit.level(levels) == len(levels))
    reached.limit, reached.percent, reached.resets_us = limit, limit.used / 1000, limit.resets_us
    reached.source, reached.text = limit.source, limit_message(limit, now_us)
    return reached


def _describe_budget(state: BudgetState, reached: ReachedLevel) -> ReachedLevel:
    from usage_dashboard.hook.alerts.messages import budget_message  # noqa: PLC0415 - as above

    reached.percent, reached.source = state.percent, "estimate"
    reached.resets_us = state.window.reset_at_us or 0
    reached.text = budget_message(state)
    return reached
