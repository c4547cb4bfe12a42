"""What a screen says where nothing is recorded: in a window, or at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.reports.wording import periods

if TYPE_CHECKING:
    from usage_dashboard.model.windows import Window, Zone

NO_CALLS_HINT = "`usage-dashboard doctor` tells whether the next session will be recorded"


def describe_empty(state: str, window: Window, zone: Zone) -> tuple[str, str]:
    """(sentence, hint): that nothing is recorded in the window, or nothing at all, and what to do.

    `state` is the ledger's, as `LedgerReader.state` tells it.
    """
    if state == "missing":
        return "No data recorded", "usage-dashboard setup"
    if state == "empty":
        return "No data recorded yet", NO_CALLS_HINT
    return f"No data recorded {periods.describe_window(window, zone)}", "usage-dashboard report --window all"
