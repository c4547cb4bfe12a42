"""What a screen says if nothing is recorded in a window, or at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.reports.wording import periods

if TYPE_CHECKING:
    from usage_dashboard.model.windows import Window, Zone

NO_CALLS_HINT = "`usage-dashboard doctor` tells whether the next session will be recorded"


def describe_empty(state: str, window: Window, zone: Zone) -> tuple[str, str]:
    """Return a sentence that nothing is recorded in the window, or at all, and a hint.

    `state` is that of `LedgerReader.ledger_state`.
    """
    if state == "missing":
        return "No data recorded", "usage-dashboard setup"
    if state == "empty":
        return "No data recorded yet", NO_CALLS_HINT
    return f"No data recorded {periods.describe_window(window, zone)}", "usage-dashboard report --window all"
