"""The JSON that Claude Code gives a status line: what is used of it (docs: statusline, 2.1.330)."""

from __future__ import annotations

from usage_dashboard.model.events import SECOND_US, Reading
from usage_dashboard.model.limit_names import LIMITS
from usage_dashboard.runtime.json_fields import object_field, read_number, text_field
from usage_dashboard.runtime.json_light import parse_json_bytes

MOST_USED = 10**8
MOST_SECONDS = 10**11
MOST_DOLLARS = 10**7


class StatusInput:
    """The input of one run of a status line: the session, its cost, and how much of the limits is used.

    `cost_nusd` is the client's own estimate for the whole session, or None; `answered` is the
    milliseconds that the session has spent in the API, which grow with every answer. A session without
    an answer of its own (after `/clear`) repeats what another one was told: it has no readings.
    """

    __slots__ = ("answered", "cost_nusd", "cwd", "readings", "session", "transcript")

    def __init__(self, fields: dict[str, object], now_us: int) -> None:
        self.session = text_field(fields, "session_id")
        self.transcript = text_field(fields, "transcript_path")
        self.cwd = text_field(fields, "cwd")
        cost = object_field(fields, "cost")
        dollars = read_number(cost.get("total_cost_usd"), MOST_DOLLARS)
        self.cost_nusd = None if dollars is None else round(dollars * 1e9)
        answered = read_number(cost.get("total_api_duration_ms"), MOST_SECONDS)
        self.answered = int(answered or 0)
        limits = {} if answered == 0 else object_field(fields, "rate_limits")
        readings = (_parse_reading(name, object_field(limits, name), now_us) for name in LIMITS)
        self.readings = [reading for reading in readings if reading is not None]


def read_status(data: bytes, now_us: int) -> StatusInput | None:
    """Parse the standard input of a status line at `now_us`; None if it is not a JSON object."""
    try:
        fields = parse_json_bytes(data)
    except ValueError:
        return None
    return StatusInput(fields, now_us) if isinstance(fields, dict) else None


def _parse_reading(window: str, limit: dict[str, object], now_us: int) -> Reading | None:
    used = read_number(limit.get("used_percentage"), MOST_USED)
    if used is None:
        return None
    resets = read_number(limit.get("resets_at"), MOST_SECONDS) or 0
    return Reading(window, round(used * 1000), int(resets) * SECOND_US, now_us, "statusline")
