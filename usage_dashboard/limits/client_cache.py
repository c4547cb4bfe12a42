"""The percentages that Claude Code has cached for its own `/usage` screen, and nothing else of its files.

The format is not documented. It is that of 2.1.330 (`tests/client/test_usage_command.py` asks the client
itself): one row for each limit that applies, in the server's own words.
"""

from __future__ import annotations

from usage_dashboard.model.events import Reading
from usage_dashboard.model.limit_names import FIVE_HOUR, WEEKLY
from usage_dashboard.runtime.json_fields import (
    list_field,
    object_field,
    parse_instant,
    read_number,
    text_field,
)
from usage_dashboard.runtime.json_light import parse_json

_KINDS = {"session": FIVE_HOUR, "weekly_all": WEEKLY}
_NAMED = (FIVE_HOUR, WEEKLY, "seven_day_opus", "seven_day_sonnet")
_MOST_NAME = 32
_MOST_PERCENT = 10**8
_LAST_MS = 32_503_680_000_000  # the year 3000: a time beyond it is damage


def parse_cache(state: str) -> tuple[str, list[Reading]]:
    """Return (account, readings) from the text of Claude Code's `.claude.json`, as of its last fetch.

    The account is the client's own id of it, or empty; `at_us` of the readings is the time of the fetch.
    Anything unexpected gives no reading. After a login with another account the client keeps the
    percentages of the one before, which are left out.

    Raises:
        ValueError: `state` is not JSON.
    """
    fields = parse_json(state)
    if not isinstance(fields, dict):
        return "", []
    kept = object_field(fields, "cachedUsageUtilization")
    at_ms = kept.get("fetchedAtMs")
    if isinstance(at_ms, bool) or not isinstance(at_ms, int) or not 0 < at_ms < _LAST_MS:
        return "", []
    account = text_field(kept, "accountUuid")
    logged_in = text_field(object_field(fields, "oauthAccount"), "accountUuid")
    if account and logged_in and account != logged_in:
        return logged_in, []
    at_us = at_ms * 1000
    utilization = object_field(kept, "utilization")
    rows = list_field(utilization, "limits")
    by_window = {reading.window: reading for reading in rows_to_readings(rows, at_us, "cached")}
    for window in _NAMED:
        limit = object_field(utilization, window)
        resets = text_field(limit, "resets_at")
        reading = _make_reading(window, limit.get("utilization"), resets, at_us, "cached")
        if reading is not None:
            by_window.setdefault(window, reading)
    return account or logged_in, list(by_window.values())


def rows_to_readings(rows: list[object], at_us: int, source: str) -> list[Reading]:
    """Parse the server's usage rows (`limits` in the client's cache and in its answers)."""
    by_window: dict[str, Reading] = {}
    for row in rows:
        if isinstance(row, dict) and (window := _window_of_row(row)):
            reading = _make_reading(window, row.get("percent"), text_field(row, "resets_at"), at_us, source)
            if reading is not None:
                by_window.setdefault(window, reading)
    return list(by_window.values())


def model_window(name: str) -> str:
    """Return the window of a model's own weekly limit by the name that the server shows, or nothing."""
    plain = "".join(c if c.isascii() and c.isalnum() else " " for c in name.lower())
    reduced = "_".join(plain.split())[:_MOST_NAME]
    return f"{WEEKLY}_{reduced}" if reduced else ""


def _window_of_row(row: dict[str, object]) -> str:
    kind = text_field(row, "kind")
    if kind == "weekly_scoped":
        return model_window(text_field(object_field(object_field(row, "scope"), "model"), "display_name"))
    return _KINDS.get(kind, "")


def _make_reading(window: str, percent: object, resets: str, at_us: int, source: str) -> Reading | None:
    used = read_number(percent, _MOST_PERCENT)
    if used is None:
        return None
    return Reading(window, round(used * 1000), parse_instant(resets) or 0, at_us, source)
