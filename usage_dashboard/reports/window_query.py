"""Parse which window a user asks for: by name, or by dates and times. Shared by commands, library and page.

Every `ValueError` here is a sentence for the user that quotes the wrong value.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from usage_dashboard.model.events import SECOND_US
from usage_dashboard.model.windows import NAMES, Window, Zone, match_window_name

ZONE_EXAMPLE = "Europe/Berlin"
DATE_EXAMPLE = "2026-11-22"


def parse_window_name(text: str) -> str:
    """Return the window's name as `NAMES` spells it; upper and lower case are the same.

    Raises:
        ValueError: no window has that name.
    """
    name = match_window_name(text)
    if name is None:
        raise ValueError(f"`{text}` has to be one of {', '.join(NAMES)}")
    return name


def parse_zone(name: str) -> Zone:
    """Return the time zone of that name.

    Raises:
        ValueError: this machine knows no zone of that name.
    """
    try:
        return Zone(name)
    except ValueError as error:
        raise ValueError(f"`{name}` has to be a time zone such as {ZONE_EXAMPLE}") from error


def parse_instant(text: str, zone: Zone, *, ends: bool = False) -> int:
    """Return the UTC microseconds of an ISO date or time, by the clocks of `zone` if it names none.

    A date is the start of its day, or the end of it for an instant that `ends` a window.

    Raises:
        ValueError: the text is neither a date nor a time.
    """
    try:
        wall = datetime.fromisoformat(text)
        if wall.tzinfo is not None:
            return int(wall.timestamp()) * SECOND_US
        return zone.instant(wall + timedelta(days=int(ends and len(text) <= len(DATE_EXAMPLE))))
    except (ValueError, OverflowError, OSError) as error:
        wanted = f"a date such as {DATE_EXAMPLE}, or one with a time such as {DATE_EXAMPLE}T14:30"
        raise ValueError(f"`{text}` has to be {wanted}") from error


def parse_day(text: str, zone: Zone) -> int:
    """Return when a day begins by the clocks of `zone`, in UTC microseconds.

    Raises:
        ValueError: the text is not a date.
    """
    try:
        return zone.instant(datetime.strptime(text, "%Y-%m-%d"))  # noqa: DTZ007 - a day of `zone`
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"`{text}` has to be a date such as {DATE_EXAMPLE}") from error


def to_instant(when: datetime | date, zone: Zone, *, ends: bool = False) -> int:
    """Return the UTC microseconds of a date (as in `parse_instant`) or of a time with a zone.

    Raises:
        ValueError: the time has no zone.
    """
    if not isinstance(when, datetime):
        return zone.instant(datetime.combine(when, datetime.min.time()) + timedelta(days=int(ends)))
    if when.tzinfo is None:
        raise ValueError(f"`{when.isoformat()}` needs a time zone")
    return int(when.timestamp() * SECOND_US)


def custom_window(since_us: int | None, until_us: int | None) -> Window:
    """Return the window between two instants, each of which may be open.

    Raises:
        ValueError: it would end before it begins.
    """
    window = Window("custom", max(0, since_us or 0), until_us)
    if until_us is not None and until_us <= window.since_us:
        raise ValueError("a window has to end later than it begins")
    return window
