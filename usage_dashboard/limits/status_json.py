"""The JSON that Claude Code gives a status line, to what is kept of it (docs: statusline, 2.1.330)."""

from __future__ import annotations

from usage_dashboard.model.events import SECOND_US, Reading
from usage_dashboard.model.limit_names import LIMITS
from usage_dashboard.runtime.json_fields import inside, number, text
from usage_dashboard.runtime.json_light import decode_bytes

MOST_USED = 10**8
MOST_SECONDS = 10**11
MOST_DOLLARS = 10**7


class Status:
    """What one run of a status line was told: whose session, what it cost, how much is used.

    `cost_nusd` is the client's own estimate of the whole session, None where it has none; `answered`
    the milliseconds that the session spent in the API, which grow with every answer.
    """

    __slots__ = ("answered", "cost_nusd", "cwd", "readings", "session", "transcript")

    def __init__(self, fields: dict[str, object], now_us: int) -> None:
        self.session = text(fields, "session_id")
        self.transcript = text(fields, "transcript_path")
        self.cwd = text(fields, "cwd")
        cost = inside(fields, "cost")
        dollars = number(cost.get("total_cost_usd"), MOST_DOLLARS)
        self.cost_nusd = None if dollars is None else round(dollars * 1e9)
        self.answered = int(number(cost.get("total_api_duration_ms"), MOST_SECONDS) or 0)
        limits = inside(fields, "rate_limits")
        found = (_reading(name, inside(limits, name), now_us) for name in LIMITS)
        self.readings = [reading for reading in found if reading is not None]


def read_status(data: bytes, now_us: int) -> Status | None:
    """What a status line was told on its standard input at `now_us`; None where that is no object."""
    try:
        fields = decode_bytes(data)
    except ValueError:
        return None
    return Status(fields, now_us) if isinstance(fields, dict) else None


def _reading(window: str, limit: dict[str, object], now_us: int) -> Reading | None:
    used = number(limit.get("used_percentage"), MOST_USED)
    if used is None:
        return None
    resets = number(limit.get("resets_at"), MOST_SECONDS) or 0
    return Reading(window, round(used * 1000), int(resets) * SECOND_US, now_us, "statusline")
