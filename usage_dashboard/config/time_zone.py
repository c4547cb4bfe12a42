"""The environment's `TZ`: the C library reads a name that it does not know as UTC, without a word."""

from __future__ import annotations

import os.path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_ZONES = "/usr/share/zoneinfo"
"""Where the C library of most systems has its zones."""

_NAME = r"(?:<[A-Za-z0-9+-]{3,}>|[A-Za-z]{3,})"
_TIME = r"[+-]?\d{1,3}(?::\d{1,2}){0,2}"
_POSIX = rf"{_NAME}{_TIME}(?:{_NAME}(?:{_TIME})?(?:,[JM0-9.]+(?:/{_TIME})?){{0,2}})?"
"""`CET-1CEST,M3.5.0,M10.5.0/3`: a zone by its rules (POSIX.1-2024, 8.3, `TZ`)."""


def zone_problem(environ: Mapping[str, str]) -> str:
    """What is wrong with `TZ` as a sentence; empty where it is right, not set, or cannot be judged.

    Nothing can be judged where this machine has no database of zones.
    """
    value = environ.get("TZ", "")
    name = value.removeprefix(":")
    if name in ("", "UTC") or os.path.isfile(os.path.join(_ZONES, name)):
        return ""
    import re  # noqa: PLC0415 - seldom: nearly every value is the name of a file
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - as above

    if re.fullmatch(_POSIX, name):
        return ""
    if name.startswith("/"):
        return _describe_problem(value)
    if _is_zone(ZoneInfo, name) or not _is_zone(ZoneInfo, "Europe/Berlin"):
        return ""
    return _describe_problem(value)


def _is_zone(zone_info: type, name: str) -> bool:
    try:
        zone_info(name)
    except (LookupError, ValueError, OSError):
        return False
    return True


def _describe_problem(value: str) -> str:
    shown = "".join(char for char in value[:64] if char.isprintable())
    return f"`TZ` names no known time zone (`{shown}`), so days and times are those of UTC"
