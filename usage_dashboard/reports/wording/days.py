"""The days that a window touches, by the clocks of the user's zone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from usage_dashboard.model.windows import Window, Zone


def days_of_window(window: Window, zone: Zone, now_us: int, recorded: Collection[str]) -> Iterator[date]:
    """Each day of the window up to now.

    A window that the user gave the dates of, or that has no beginning, begins with the first of the days
    on which anything was `recorded`.
    """
    last_us = min(now_us, (window.until_us or now_us + 1) - 1)
    day, last = zone.wall(window.since_us).date(), zone.wall(last_us).date()
    if recorded and (window.name == "custom" or not window.since_us):
        day = date.fromisoformat(min(recorded))
    while day <= last:
        yield day
        day += timedelta(days=1)
