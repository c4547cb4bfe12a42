"""Instants and readings as tests write them."""

from __future__ import annotations

from datetime import datetime

from usage_dashboard.model.events import Seen

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
WEEK_US = 7 * DAY_US


def at(stamp: str) -> int:
    """UTC microseconds of an ISO 8601 time with an offset."""
    return round(datetime.fromisoformat(stamp).timestamp()) * 1_000_000


def reading_of(used: float, at_us: int, resets_us: int, session: int = 1, window: str = "seven_day") -> Seen:
    """A reading of `used` percent."""
    return Seen((window, round(used * 1000), resets_us, at_us, "statusline"), at_us, session)
