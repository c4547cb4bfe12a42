"""Single fields of the client's JSON, read only if they have the expected type and range."""

from __future__ import annotations

from usage_dashboard.model.events import DAY_US, SECOND_US

MOST = 10**12
"""No response has this many tokens; a larger count is damage, not usage."""


class InvalidField(Exception):  # noqa: N818 - a verdict on a line, caught two calls up
    """A field that must be a count is not (negative, huge, a text): the line cannot be trusted."""


def read_count(holder: dict[str, object], name: str) -> int:
    """Return the count `holder[name]`; 0 if it is absent or null.

    Raises:
        InvalidField: the value is not a non-negative integer.
    """
    value = holder.get(name)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise InvalidField
    return value


def read_number(value: object, most: float) -> float | None:
    """Return `value` if it is a number from 0 to below `most`, else None: absent is unknown, not 0."""
    usable = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if usable and isinstance(value, (int, float)) and 0 <= value < most else None


def text_field(holder: dict[str, object], name: str) -> str:
    """Return the text `holder[name]`; empty if it is absent or not a text."""
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def object_field(holder: dict[str, object], name: str) -> dict[str, object]:
    """Return the object `holder[name]`; empty if it is absent or not an object."""
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def list_field(holder: dict[str, object], name: str) -> list[object]:
    """Return the list `holder[name]`; empty if it is absent or not a list."""
    value = holder.get(name)
    return value if isinstance(value, list) else []


_minutes: dict[str, int | None] = {}


def parse_instant(stamp: str) -> int | None:
    """Return UTC microseconds of an ISO 8601 time such as `2026-11-22T20:44:35.125Z`; None for anything else.

    By hand, since importing `datetime` takes a hook longer than its whole scan. The many times of one
    minute share most of the work.
    """
    rest = stamp[17:]
    if len(rest) == 7 and rest[2] == "." and rest[6] == "Z" and rest[0] < "6":
        begin, digits = stamp[:17], rest[:2] + rest[3:6]
        minute = _minutes.get(begin)
        if minute is None:
            minute = _minutes[begin] = _parsed(begin + "00Z")
        if minute is not None and digits.isascii() and digits.isdigit():
            return minute + int(digits) * 1000
    return _parsed(stamp)


def _parsed(stamp: str) -> int | None:
    date, _, rest = stamp.partition("T")
    clock, sign, zone = _split_zone(rest)
    seconds, _, fraction = clock.partition(".")
    day_parts = _fixed_numbers(date, "-", (4, 2, 2))
    clock_parts = _fixed_numbers(seconds, ":", (2, 2, 2))
    zone_parts = _fixed_numbers(zone if ":" in zone else zone[:2] + ":" + zone[2:], ":", (2, 2))
    if not (day_parts and clock_parts and zone_parts) or not _is_number(fraction or "0"):
        return None
    year, month, day = day_parts
    hour, minute, second = clock_parts
    if not (1970 <= year < 3000 and 1 <= month <= 12 and 1 <= day <= _days_in(year, month)):
        return None
    if hour > 23 or minute > 59 or second > 59 or zone_parts[0] > 23 or zone_parts[1] > 59:
        return None
    whole = hour * 3600 + minute * 60 + second - sign * (zone_parts[0] * 3600 + zone_parts[1] * 60)
    micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
    return days_since_1970(year, month, day) * DAY_US + whole * SECOND_US + micro


def days_since_1970(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a Gregorian date (Howard Hinnant's `days_from_civil`)."""
    shifted = year - (month <= 2)
    era, year_of_era = divmod(shifted, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


def _split_zone(rest: str) -> tuple[str, int, str]:
    if rest.endswith("Z"):
        return rest[:-1], 1, "00:00"
    for mark, sign in (("+", 1), ("-", -1)):
        clock, separator, zone = rest.partition(mark)
        if separator:
            return clock, sign, zone
    return rest, 1, "00:00"


def _fixed_numbers(text: str, mark: str, widths: tuple[int, ...]) -> list[int]:
    """Return the numbers of fixed widths that `mark` separates in `text`; empty if it is anything else."""
    parts = text.split(mark)
    if [len(part) for part in parts] != list(widths) or not all(_is_number(part) for part in parts):
        return []
    return [int(part) for part in parts]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _days_in(year: int, month: int) -> int:
    return days_since_1970(year + month // 12, month % 12 + 1, 1) - days_since_1970(year, month, 1)
