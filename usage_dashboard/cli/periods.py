"""Windows in words, those before the present one too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli import render
from usage_dashboard.windows import Window

if TYPE_CHECKING:
    from usage_dashboard.windows import Zone

LAST = {"day": "yesterday", "week": "last week", "month": "last month"}
"""What the window before the present one is called."""


def period(window: Window, zone: Zone) -> str:
    """A window as the end of a sentence: `this week`, `last week`, `on Nov 22, 2026`."""
    if not window.back:
        return render.period(window, zone)
    if window.back == 1 and window.name in LAST:
        return LAST[window.name]
    return render.period(Window("custom", window.since_us, window.until_us), zone)
