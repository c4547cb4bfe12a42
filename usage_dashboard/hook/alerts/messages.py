"""The sentences of an alert: how much of a limit or a budget is used, what is left, and when it resets.

Imported only once there is something to say: an event without a word for the user needs none of it.
"""

from __future__ import annotations

from usage_dashboard.model import humanize
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.model.limit_names import RESET_PHRASES, SOURCE_PHRASES, limit_phrase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.limits.budget import Budget, BudgetState
    from usage_dashboard.model.allowance import Limit
    from usage_dashboard.store.read.baseline import Baseline

_PERIODS = {"daily": "today's", "weekly": "this week's", "monthly": "this month's"}


def limit_message(limit: Limit, now_us: int) -> str:
    """Return `82% of this week's allowance is used, 18% left; resets … (from the status line, 2m ago)`."""
    used_percent = limit.used / 1000
    age = humanize.format_duration(limit.age_us(now_us) // SECOND_US)
    left = humanize.format_percent(max(0, 100 - int(used_percent)))
    parts = [f"{humanize.format_percent(used_percent)} of {limit_phrase(limit.window)} is used, {left} left"]
    parts += [f"resets {humanize.format_moment(limit.resets_us)}"] if limit.resets_us else []
    parts += _pace_parts(limit)
    return f"{'; '.join(parts)} (from {SOURCE_PHRASES[limit.source]}, {age} ago)"


def budget_message(state: BudgetState) -> str:
    """Return `90% of this week's budget of 40.0M tokens is used, 4.0M tokens left; resets …`."""
    cap, window = state.budget, state.window
    amount = humanize.format_dollars if cap.in_dollars else humanize.format_tokens
    unit = "" if cap.in_dollars else " tokens"
    left = f"{amount(abs(state.remaining))}{unit} {'left' if state.remaining >= 0 else 'over'}"
    source = RESET_PHRASES.get(str(window.reset_source))
    used = ("at least " if state.unpriced else "") + humanize.format_percent(state.percent)
    resets = humanize.format_moment(window.reset_at_us or 0)
    return (
        f"{used} of {_PERIODS[cap.period]} budget{_narrowed_to(cap)} of"
        f" {amount(cap.limit)}{unit} is used, {left}; resets {resets}"
        f"{f' ({source})' if source else ''} (estimate from this machine's own records)"
    )


def runaway_message(tokens: int, subagents: int, usual: Baseline) -> str:
    """Say how far a session is above the user's baseline; 0 `tokens` or `subagents` are not mentioned."""
    parts = [f"spent {humanize.format_tokens(tokens)} tokens"] if tokens else []
    parts += [f"had {subagents} subagents at work"] if subagents else []
    return (
        f"This session {' and '.join(parts)} in the last 15 minutes; at their busiest, nine of ten of your"
        f" last {usual.sessions} sessions stayed below {humanize.format_tokens(usual.tokens)} tokens and"
        f" {usual.subagents + 1} subagents"
    )


def _pace_parts(limit: Limit) -> list[str]:
    full_us, projected = limit.full_us(), limit.projected()
    if limit.used >= 100_000 or projected is None:
        return []
    if full_us is not None:
        return [f"at this pace it is used up {humanize.format_moment(full_us)}"]
    return [f"at this pace {humanize.format_percent(projected / 1000)} by then"]


def _narrowed_to(cap: Budget) -> str:
    names = [f"project {cap.project}" if cap.project else "", cap.model]
    text = ", ".join(name for name in names if name)
    return f" for {text}" if text else ""
