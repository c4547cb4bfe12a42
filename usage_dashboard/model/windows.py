"""Windows of time: which period a report covers, and when it resets.

Instants are UTC microseconds; a zone only decides about days, months and a configured reset.
`now_us` is always a parameter.
"""

from __future__ import annotations

from time import localtime, strftime

from usage_dashboard.model.events import DAY_US, SECOND_US

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import TypedDict

    class WeeklyReset(TypedDict):
        """When the week resets: a weekday's name, the clock's time, and the zone of that clock."""

        weekday: str
        hour: int
        minute: int
        zone: str


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOUR_US = 3600 * SECOND_US
WEEK_US = 7 * DAY_US
ROLLING = {
    "1H": HOUR_US, "3H": 3 * HOUR_US, "6H": 6 * HOUR_US, "12H": 12 * HOUR_US, "24H": DAY_US,
    "3D": 3 * DAY_US, "7D": 7 * DAY_US, "1M": 30 * DAY_US,
}  # fmt: skip
NAMES = (*ROLLING, "5h", "day", "week", "month", "all")
MONDAY_US = 4 * DAY_US  # 1970-01-05 was the first Monday


class Window:
    """From `since_us` up to but not including `until_us`; None is an open end.

    `reset_at_us` is when the window resets, None if it does not; `reset_source` how that is known:
    `observed`, `configured`, `default`, `calendar` or `first-use`. `back` is how many windows before the
    present one it is.
    """

    __slots__ = ("back", "name", "reset_at_us", "reset_source", "since_us", "until_us")

    def __init__(self, name: str, since_us: int, until_us: int | None = None) -> None:
        self.name = name
        self.since_us = since_us
        self.until_us = until_us
        self.reset_at_us: int | None = None
        self.reset_source: str | None = None
        self.back = 0


class Zone:
    """A time zone by name, or this machine's if the name is empty.

    Raises:
        ValueError: there is no zone of that name.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._info = None
        if name:
            from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - a hook rarely needs it

            try:
                self._info = ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                raise ValueError(f"no time zone is named {name!r}") from error

    def wall(self, at_us: int) -> datetime:
        """Return the date and time that clocks of the zone show at an instant, as a naive datetime."""
        from datetime import datetime  # noqa: PLC0415 - as above

        seconds, micro = divmod(at_us, SECOND_US)
        if self._info is None:
            return datetime.fromtimestamp(seconds).replace(microsecond=micro)  # noqa: DTZ006 - this machine's
        return datetime.fromtimestamp(seconds, self._info).replace(microsecond=micro, tzinfo=None)

    def instant(self, wall: datetime) -> int:
        """Return the first instant at which clocks of the zone show `wall`."""
        return int(wall.replace(tzinfo=self._info, fold=0).timestamp()) * SECOND_US

    def day(self, at_us: int) -> str:
        """Return the date at an instant, as `2026-11-22`."""
        if self._info is None:
            # As below, without `datetime`: 1.3 of the 40 ms of a report, which needs it for nothing else.
            return strftime("%Y-%m-%d", localtime(at_us // SECOND_US))
        return self.wall(at_us).date().isoformat()


def match_window_name(text: str) -> str | None:
    """Return the one of `NAMES` that equals `text` whatever the case; None if there is none."""
    return next((name for name in NAMES if name.lower() == text.lower()), None)


def resolve_window(
    name: str,
    now_us: int,
    zone: Zone,
    weekly_reset: WeeklyReset | None = None,
    observed_reset_us: int | None = None,
) -> Window:
    """Return the window called `name` (see `NAMES`) that `now_us` is in.

    Raises:
        ValueError: there is no window of that name.
    """
    if name in ROLLING:
        return Window(name, now_us - ROLLING[name])
    if name == "5h":
        return block_window(now_us)
    if name == "all":
        return Window(name, 0)
    if name == "day":
        return _calendar_window(name, now_us, zone, months=0)
    if name == "month":
        return _calendar_window(name, now_us, zone, months=1)
    if name == "week":
        return week_window(now_us, weekly_reset, observed_reset_us)
    raise ValueError("one of " + ", ".join(NAMES))


def window_before(window: Window, now_us: int) -> Window:
    """Return a window as long as `window`, right before it; one without an end ends now."""
    until_us = now_us if window.until_us is None else window.until_us
    previous = Window(window.name, max(0, 2 * window.since_us - until_us), window.since_us)
    previous.back = window.back + 1
    return previous


def same_part_of(past: Window, window: Window, now_us: int) -> Window:
    """Return `past` up to where `window` is by now; all of it if `window` is over."""
    part = Window(past.name, past.since_us, past.until_us)
    if window.until_us is not None and past.until_us is not None and now_us < window.until_us:
        part.until_us = min(past.until_us, past.since_us + now_us - window.since_us)
    part.back = past.back
    return part


def week_window(
    now_us: int, weekly_reset: WeeklyReset | None = None, observed_reset_us: int | None = None
) -> Window:
    """Return the week at `now_us`: by the observed reset, the configured one, or Monday 00:00 UTC.

    An observed reset repeats every seven days, since an account's reset has a fixed hour
    (support article 11049741).
    """
    if observed_reset_us is not None:
        until, source = _next_reset(now_us, observed_reset_us), "observed"
        since = until - WEEK_US
    elif weekly_reset is not None:
        since, until, source = *_configured_resets(now_us, weekly_reset), "configured"
    else:
        until, source = _next_reset(now_us, MONDAY_US), "default"
        since = until - WEEK_US
    return _make_window("week", since, until, source)


def block_window(now_us: int, observed_reset_us: int | None = None, busy_us: Iterable[int] = ()) -> Window:
    """Return the 5-hour block at `now_us`: by the observed reset, else by the usage on this machine.

    A block begins with the first usage after the end of the previous one. `busy_us` are the quarter-hours
    with any usage, in order of time; if no block is running, it is the last five hours. Future times are
    of a clock that was set back since, and are ignored.
    """
    length_us = 5 * HOUR_US
    if observed_reset_us is not None and observed_reset_us - length_us <= now_us < observed_reset_us:
        return _make_window("5h", observed_reset_us - length_us, observed_reset_us, "observed")
    until_us = observed_reset_us if observed_reset_us is not None and observed_reset_us <= now_us else 0
    for at_us in busy_us:
        if until_us <= at_us <= now_us:
            until_us = at_us + length_us
    if until_us - length_us <= now_us < until_us:
        return _make_window("5h", until_us - length_us, until_us, "first-use")
    return Window("5h", now_us - length_us)


def _make_window(name: str, since_us: int, until_us: int, source: str) -> Window:
    window = Window(name, since_us, until_us)
    window.reset_at_us, window.reset_source = until_us, source
    return window


def _next_reset(now_us: int, anchor_us: int) -> int:
    """Return the first instant after `now_us` that is whole weeks from `anchor_us`."""
    return now_us + WEEK_US - (now_us - anchor_us) % WEEK_US


def _configured_resets(now_us: int, reset: WeeklyReset) -> tuple[int, int]:
    """Return the last and the next configured reset by the clocks of its zone (a week may have 167 hours)."""
    from datetime import timedelta  # noqa: PLC0415 - a hook rarely needs it

    zone = Zone(reset["zone"])
    wall = zone.wall(now_us)
    ahead = (WEEKDAYS.index(reset["weekday"]) - wall.weekday()) % 7
    clock = wall.replace(hour=reset["hour"], minute=reset["minute"], second=0, microsecond=0)
    mark = clock + timedelta(days=ahead)
    if zone.instant(mark) <= now_us:
        mark += timedelta(days=7)
    return zone.instant(mark - timedelta(days=7)), zone.instant(mark)


def _calendar_window(name: str, now_us: int, zone: Zone, months: int) -> Window:
    """Return the day (`months` 0) or month (1) of the zone's calendar that `now_us` is in."""
    from datetime import timedelta  # noqa: PLC0415 - a hook rarely needs it

    start = zone.wall(now_us).replace(hour=0, minute=0, second=0, microsecond=0)
    if months:
        start = start.replace(day=1)
        end = (start + timedelta(days=32)).replace(day=1)
    else:
        end = start + timedelta(days=1)
    return _make_window(name, zone.instant(start), zone.instant(end), "calendar")
