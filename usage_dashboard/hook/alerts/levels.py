"""How far allowances and budgets are used, where one of the user's levels is reached."""

from __future__ import annotations

from usage_dashboard.aggregator import total
from usage_dashboard.limits import current
from usage_dashboard.limits.budget import VARIABLES, WINDOW_OF, State, budgets, reached
from usage_dashboard.model import humanize
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.model.windows import Zone, resolve
from usage_dashboard.runtime.os_light import told
from usage_dashboard.store.read.totals import Span, read_sums

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from usage_dashboard.limits.budget import Budget
    from usage_dashboard.model.allowance import Limit

WHOLE = 100
"""A budget has one level more than an allowance: it can be exceeded, and work goes on."""

_ALLOWANCES = {
    "seven_day": "this week's allowance",
    "five_hour": "the 5-hour allowance",
    "spend_limit": "the spend limit",
}
_PERIODS = {"daily": "today's", "weekly": "this week's", "monthly": "this month's"}
_SOURCES = {
    "statusline": "the status line",
    "usage-command": "`/usage`",
    "cached": "what Claude Code had kept",
}
_RESETS = {"configured": " (as configured)", "default": " (assumed: Monday 00:00 UTC)"}


class Concern:
    """An allowance or a budget at one of its levels.

    `identity` and `since_us` tell it and its window from every other; `level` counts from 1, and
    `critical` says that the last of the user's levels is reached. `percent` is what is used of it,
    `resets_us` when it starts anew (0: unknown).
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


def of_allowances(db: Connection, folder: str, now_us: int, levels: Sequence[int]) -> list[Concern]:
    """The allowances of a Claude Code folder that have reached a level."""
    if not any(found.level(levels) for found in current.current(db, folder, now_us, paced=False)):
        return []
    known = current.current(db, folder, now_us)
    return [_allowance(found, now_us, levels) for found in known if found.level(levels)]


def of_budgets(
    db: Connection, config: dict[str, object], folder: str, now_us: int, levels: Sequence[int]
) -> list[Concern]:
    """The budgets that have reached a level, or their own percentage of warning."""
    caps = budgets(config, {name: told(name) for name in VARIABLES.values()})
    if not caps:
        return []
    zone = Zone(str(config["timezone"]))
    observed = current.reset_us(db, folder)
    found = []
    for cap in caps:
        window = resolve(WINDOW_OF[cap.period], now_us, zone, config["weekly_reset"], observed)
        sums = read_sums(db, Span(db, window.since_us, window.until_us))
        state = State(cap, window, total(bucket for bucket in sums if cap.counts(bucket)))
        steps = sorted({*levels, cap.warn_percent, WHOLE})
        level = reached(state.used, cap.limit, steps)
        if level:
            critical = level > steps.index(levels[-1])
            found.append(_budget(state, Concern(cap.identity, window.since_us, level, critical=critical)))
    return found


def _allowance(limit: Limit, now_us: int, levels: Sequence[int]) -> Concern:
    level = limit.level(levels)
    # A spend limit's length is not known: what tells its windows apart is when they end.
    since_us = limit.began_us or limit.resets_us
    found = Concern(limit.window, since_us, level, critical=level == len(levels))
    found.limit, found.percent, found.resets_us = limit, limit.used / 1000, limit.resets_us
    found.source = limit.source
    age = humanize.duration(limit.age_us(now_us) // SECOND_US)
    left = humanize.percent(max(0, 100 - int(found.percent)))
    parts = [f"{humanize.percent(found.percent)} of {_name(limit.window)} is used, {left} left"]
    parts += [f"resets {humanize.moment(limit.resets_us)}"] if limit.resets_us else []
    parts += _pace(limit)
    found.text = f"{'; '.join(parts)} (from {_SOURCES[limit.source]}, {age} ago)"
    return found


def _pace(limit: Limit) -> list[str]:
    full_us, projected = limit.full_us(), limit.projected()
    if limit.used >= 100_000 or projected is None:
        return []
    if full_us is not None:
        return [f"at this pace it is used up {humanize.moment(full_us)}"]
    return [f"at this pace {humanize.percent(projected / 1000)} by then"]


def _name(window: str) -> str:
    if window.startswith("seven_day_"):
        return f"this week's {window.removeprefix('seven_day_')} allowance"
    return _ALLOWANCES.get(window, window)


def _budget(state: State, found: Concern) -> Concern:
    cap, window = state.budget, state.window
    amount = humanize.dollars if cap.in_dollars else humanize.tokens
    unit = "" if cap.in_dollars else " tokens"
    found.percent, found.resets_us, found.source = state.percent, window.reset_at_us or 0, "estimate"
    left = f"{amount(abs(state.remaining))}{unit} {'left' if state.remaining >= 0 else 'over'}"
    least = "at least " if state.unpriced else ""
    found.text = (
        f"{least}{humanize.percent(state.percent)} of {_PERIODS[cap.period]} budget{_of(cap)} of"
        f" {amount(cap.limit)}{unit} is used, {left}; resets {humanize.moment(found.resets_us)}"
        f"{_RESETS.get(str(window.reset_source), '')} (estimate from this machine's own records)"
    )
    return found


def _of(cap: Budget) -> str:
    named = [f"project {cap.project}" if cap.project else "", cap.model]
    text = ", ".join(name for name in named if name)
    return f" for {text}" if text else ""
