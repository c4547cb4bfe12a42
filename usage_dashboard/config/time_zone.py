"""The environment's `TZ`: the C library reads a name that it does not know as UTC, without a word."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = r"(?:<[A-Za-z0-9+-]{3,}>|[A-Za-z]{3,})"
_TIME = r"[+-]?\d{1,3}(?::\d{1,2}){0,2}"
_POSIX = re.compile(rf"{_NAME}{_TIME}(?:{_NAME}(?:{_TIME})?(?:,[JM0-9.]+(?:/{_TIME})?){{0,2}})?")
"""`CET-1CEST,M3.5.0,M10.5.0/3`: a zone by its rules (POSIX.1-2024, 8.3, `TZ`)."""


def zone_problem(environ: Mapping[str, str]) -> str:
    """What is wrong with `TZ` as a sentence; empty where it is right, not set, or cannot be judged.

    Nothing can be judged where this machine has no database of zones.
    """
    value = environ.get("TZ", "")
    name = value.removeprefix(":")
    if not name or _POSIX.fullmatch(name):
        return ""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - seldom: most machines set no TZ

    if name.startswith("/"):
        from os.path import isfile  # noqa: PLC0415 - as above

        return "" if isfile(name) else _describe_problem(value)
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
