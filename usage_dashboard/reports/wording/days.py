"""The days of a window, in the user's time zone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from usage_dashboard.model.windows import Window, Zone


def days_of_window(window: Window, zone: Zone, now_us: int, recorded: Collection[str]) -> Iterator[date]:
    """Yield each day of the window up to now.

    A window between dates, or without a beginning, starts on the first of the `recorded` days.
    """
    last_us = min(now_us, (window.until_us or now_us + 1) - 1)
    day, last = zone.wall(window.since_us).date(), zone.wall(last_us).date()
    if recorded and (window.name == "custom" or not window.since_us):
        day = date.fromisoformat(min(recorded))
    while day <= last:
        yield day
        day += timedelta(days=1)
