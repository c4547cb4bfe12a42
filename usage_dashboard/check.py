"""What the alert hook does: say, once per level, how much of the user's weekly cap is used."""

from __future__ import annotations

import os

from usage_dashboard import paths, words
from usage_dashboard.aggregator import total
from usage_dashboard.budget import Budget, budgets, reached
from usage_dashboard.capture.payload import read_event
from usage_dashboard.config import settings
from usage_dashboard.model import key
from usage_dashboard.store.alerts import already_said, say_once
from usage_dashboard.store.connect import open_reader, open_writer
from usage_dashboard.store.read import Span, read_sums
from usage_dashboard.windows import week

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.windows import Window


def check(data: bytes, home: str, now_us: int) -> str | None:
    """The message to show before a tool call, None where there is nothing new to say.

    Raises:
        OSError, SettingsError, sqlite3.DatabaseError: what is used cannot be told; nothing was said.
    """
    path = paths.config_file(home)
    if not os.path.exists(path):
        return None
    config = settings.read(path)
    caps = [cap for cap in budgets(config) if cap.period == "weekly"]
    event = read_event(data) if caps else None
    if event is None or not event.session:
        return None
    window = week(now_us, config["weekly_reset"])
    levels = settings.numbers_of(config, "alerts.levels")
    found = [_about(cap, home, window, levels, key(event.session)) for cap in caps]
    return "\n".join(text for text in found if text) or None


def _about(cap: Budget, home: str, window: Window, levels: list[int], session: int) -> str | None:
    """The message about one cap, if it has reached a level that this session was not told of."""
    db = open_reader(home, 1.0)
    if db is None:
        return None
    sums = read_sums(db, Span(db, window.since_us, window.until_us))
    used = cap.used(total(bucket for bucket in sums if cap.counts(bucket)))
    level = reached(used, cap.limit, levels)
    place = (session, cap.identity, window.since_us)
    if level == 0 or already_said(db, place) >= level or not say_once(open_writer(home), place, level):
        return None
    return _sentence(cap, used, window)


def _sentence(cap: Budget, used: int, window: Window) -> str:
    amount = words.dollars if cap.in_dollars else words.tokens
    unit = "" if cap.in_dollars else " tokens"
    of = f" in {cap.project}" if cap.project else ""
    left = (
        f"{amount(cap.limit - used)}{unit} left"
        if used < cap.limit
        else f"{amount(used - cap.limit)}{unit} over"
    )
    resets = words.moment(window.reset_at_us or 0)
    source = {"configured": "as configured", "observed": "as observed"}.get(
        window.reset_source or "", "assumed: Monday 00:00 UTC"
    )
    return (
        f"usage-dashboard: {words.percent(used * 100 / cap.limit)} of this week's cap{of} of"
        f" {amount(cap.limit)}{unit} is used, {left}; resets {resets} ({source})."
        " Estimate from this machine's own records."
    )
