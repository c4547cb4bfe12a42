"""Official percentages as they arrive over some weeks, for the pages that show them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.support.hook_scene import stamp
from tests.support.times import DAY_US, HOUR_US, WEEK_US, at
from tests.support.transcripts import response, usage, write
from usage_dashboard.limits.current import record_readings
from usage_dashboard.model.events import Reading

NOW = at("2026-11-25T10:14:00+00:00")
RESET = at("2026-11-27T09:46:00+00:00")
BEFORE = RESET - WEEK_US - 2 * HOUR_US
"""The reset of the week before, which was two hours earlier."""


def record_percentage(
    ledger: Path, used: float, at_us: int = NOW, resets_us: int = RESET, window: str = "seven_day", **by: Any
) -> None:
    """Record a percentage read in the usual folder of Claude Code, or in `folder`."""
    folder = os.path.realpath(by.get("folder", ledger.parent / ".claude"))
    reading = Reading(window, round(used * 1000), resets_us, at_us, by.get("source", "statusline"))
    record_readings(str(ledger), folder, [reading], at_us)


def write_usage(project: Path, tokens: int, at_us: int) -> None:
    """Write a session that used output tokens of Opus 5.5; 50,000 of them cost a dollar."""
    name = f"s{at_us}"
    write(project, response(name, spent=usage(0, tokens), at=stamp(at_us), sessionId=name), name)


def record_weeks(ledger: Path, project: Path) -> None:
    """Record a whole week, an early reset after it, and the week in progress."""
    for day, used in ((6, 10), (5, 40), (4, 62), (3, 0), (2, 25)):
        record_percentage(ledger, used, BEFORE - day * DAY_US, BEFORE)
    write_usage(project, 50_000, BEFORE - 2 * DAY_US - HOUR_US)
    record_percentage(ledger, 4, RESET - 6 * DAY_US)
    write_usage(project, 300_000, NOW - 2 * DAY_US)
    write_usage(project, 300_000, NOW - HOUR_US)
    record_percentage(ledger, 64, NOW - 4 * 60_000_000)
    record_percentage(ledger, 37.5, NOW - 4 * 60_000_000, NOW + HOUR_US, "five_hour")
