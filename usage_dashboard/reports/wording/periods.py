"""Windows in words, past ones included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model.limit_names import RESET_LABELS, WEEKLY
from usage_dashboard.model.windows import Window
from usage_dashboard.reports.wording import numbers

if TYPE_CHECKING:
    from usage_dashboard.model.windows import Zone
    from usage_dashboard.reports.reader import LedgerReader

LAST = {"day": "yesterday", "week": "last week", "month": "last month"}
"""Names of the window before the current one."""


def describe_window(window: Window, zone: Zone) -> str:
    """A window as the end of a sentence: `this week`, `last week`, `on Nov 22, 2026`."""
    if not window.back:
        return numbers.describe_period(window, zone)
    if window.back == 1 and window.name in LAST:
        return LAST[window.name]
    return numbers.describe_period(Window("custom", window.since_us, window.until_us), zone)


def is_present(window: Window, now_us: int) -> bool:
    """Whether it is the current one of the windows that reset."""
    return bool(window.reset_source) and window.until_us is not None and window.until_us > now_us


def describe_dates(reader: LedgerReader, window: Window) -> list[str]:
    """The dates of a window, and its reset unless a limit shows it already."""
    zone, now_us = reader.zone, reader.now_us
    if window.reset_source is None or window.until_us is None:
        return []
    present = is_present(window, now_us)
    until = numbers.format_time_until(window.until_us, now_us)
    if window.reset_source == "calendar":
        first = zone.wall(window.since_us)
        parts = [f"{first:%A}, {first:%b} {first.day}" if window.name == "day" else f"{first:%B %Y}"]
        return [*parts, f"ends {until}"] if present else parts
    last_day = numbers.format_date(window.until_us, zone)
    parts = [f"{numbers.format_date(window.since_us, zone)} {numbers.DASH} {last_day}"]
    if not present or any(limit.window == WEEKLY for limit in reader.limits_overview.limits):
        return parts
    reset = f"resets {numbers.format_moment(window.until_us, zone)}, {until}"
    return [*parts, reset, RESET_LABELS[window.reset_source]]
