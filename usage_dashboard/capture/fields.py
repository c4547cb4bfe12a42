"""Single fields of the client's JSON, taken only when they are what they claim to be."""

from __future__ import annotations

from usage_dashboard.model import DAY_US, SECOND_US

MOST = 10**12
"""No response has this many tokens; a count beyond it is damage, not usage."""


class Absurd(Exception):  # noqa: N818 - a verdict on a line, caught two calls up
    """A field that has to be a count is none (negative, huge, a text): the line cannot be trusted."""


def count(holder: dict[str, object], name: str) -> int:
    """The count `holder[name]`, 0 where it is absent or null.

    Raises:
        Absurd: it is there and is no count.
    """
    value = holder.get(name)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise Absurd
    return value


def text(holder: dict[str, object], name: str) -> str:
    """The text `holder[name]`, empty where it is absent or no text."""
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def inside(holder: dict[str, object], name: str) -> dict[str, object]:
    """The object `holder[name]`, empty where it is absent or no object."""
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def items(holder: dict[str, object], name: str) -> list[object]:
    """The list `holder[name]`, empty where it is absent or no list."""
    value = holder.get(name)
    return value if isinstance(value, list) else []


def instant(stamp: str) -> int | None:
    """UTC microseconds of an ISO 8601 time such as `2026-11-22T20:44:35.125Z`, None for anything else.

    By hand, since importing `datetime` takes a hook longer than its whole scan.
    """
    date, _, rest = stamp.partition("T")
    clock, sign, zone = _zone_split(rest)
    seconds, _, fraction = clock.partition(".")
    try:
        year, month, day = (int(part) for part in date.split("-"))
        hour, minute, second = (int(part) for part in seconds.split(":"))
        micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
        ahead = _offset_seconds(zone)
    except ValueError:
        return None
    if not (1970 <= year < 3000 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60):
        return None
    whole = hour * 3600 + minute * 60 + second - sign * ahead
    return days_since_1970(year, month, day) * DAY_US + whole * SECOND_US + micro


def days_since_1970(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar (Howard Hinnant's `days_from_civil`)."""
    shifted = year - (month <= 2)
    era, year_of_era = divmod(shifted, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


def _zone_split(rest: str) -> tuple[str, int, str]:
    if rest.endswith("Z"):
        return rest[:-1], 1, "00:00"
    for mark, sign in (("+", 1), ("-", -1)):
        clock, found, zone = rest.partition(mark)
        if found:
            return clock, sign, zone
    return rest, 1, "00:00"


def _offset_seconds(zone: str) -> int:
    hours, _, minutes = zone.partition(":")
    return int(hours) * 3600 + int(minutes or "0") * 60


def json_size(value: object) -> int:
    """How many bytes `value` takes as compact JSON, near enough to share tokens by.

    Escapes are counted as the characters they stand for: hook and import decode with different
    parsers and have to agree, and a share needs no more.
    """
    if isinstance(value, str):
        return len(value) + 2 if value.isascii() else len(value.encode("utf-8", "surrogatepass")) + 2
    if isinstance(value, dict):
        return 2 + sum(json_size(name) + json_size(inner) + 2 for name, inner in value.items())
    if isinstance(value, list):
        return 2 + sum(json_size(inner) + 1 for inner in value)
    return 4 if value is None or isinstance(value, bool) else len(repr(value))
