"""Format numbers and times for people, times in the user's zone. Hooks use `model.humanize`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model import humanize
from usage_dashboard.model.events import SECOND_US

if TYPE_CHECKING:
    from usage_dashboard.aggregator import Totals
    from usage_dashboard.model.windows import Window, Zone

DASH = "\u2013"
UNKNOWN = DASH

format_duration = humanize.format_duration

_PERIODS = {
    "1H": "in the last hour",
    "day": "today",
    "week": "this week",
    "month": "this month",
    "all": "in all",
    "1M": "in the last 30 days",
    "5h": "in the last 5 hours",
}


def format_tokens(amount: int) -> str:
    """Tokens as `1,234`, `12.3k` or `4.2M`."""
    return f"{amount:,}" if amount < 10_000 else humanize.format_tokens(amount)


def format_output(totals: Totals) -> str:
    """Output tokens, as `≥12.3k` if a call was cut off."""
    return ("≥" if totals.incomplete else "") + format_tokens(totals.output)


def format_dollars(nusd: int | None) -> str:
    """Nano-USD as `$12.34`, or a dash if unknown."""
    return UNKNOWN if nusd is None else humanize.format_dollars(nusd)


def format_price(nusd: int) -> str:
    """A price of one token in nano-USD as dollars per million: `$3.00`, or `$0.125` with finer ones."""
    return f"${nusd / 1000:,.2f}" if nusd % 10 == 0 else f"${nusd / 1000:g}"


def format_cost(totals: Totals) -> str:
    """The cost of `totals`, as `>$12.34` if calls without a price are left out."""
    known = totals.priced_nusd
    return (">" if known is not None and totals.unpriced else "") + format_dollars(known)


def format_share(part: float | None) -> str:
    """A part of one as `71.2%`, rounded down, so that only the whole is 100%."""
    if part is None:
        return UNKNOWN
    tenths = int(part * 1000 + 1e-9)
    if tenths in (0, 1000):
        return "<0.1%" if part > 0 and not tenths else f"{tenths // 10}%"
    return f"{tenths // 10}.{tenths % 10}%"


def format_milliseconds(amount: int) -> str:
    """A duration as `34ms`, `1.2s` or `3m`."""
    if amount < 1000:
        return f"{amount}ms"
    return f"{amount / 1000:.1f}s" if amount < 60_000 else format_duration(amount // 1000)


def format_count(amount: int, noun: str) -> str:
    """`1 call`, `3 calls`."""
    return f"{amount:,} {noun}" + ("" if amount == 1 else "s")


def format_moment(at_us: int, zone: Zone) -> str:
    """An instant as `Tue Nov 24 09:46`."""
    wall = zone.wall(at_us)
    return f"{wall:%a %b} {wall.day} {wall:%H:%M}"


def format_short_time(at_us: int, zone: Zone, now_us: int) -> str:
    """An instant for tables, as `Nov 24 09:46`, or `Nov 24  2025` in another year."""
    wall = zone.wall(at_us)
    if wall.year == zone.wall(now_us).year:
        return f"{wall:%b} {wall.day:>2} {wall:%H:%M}"
    return f"{wall:%b} {wall.day:>2}  {wall.year}"


def format_clock(at_us: int, zone: Zone) -> str:
    """The time of day of an instant as `09:46:02`."""
    return f"{zone.wall(at_us):%H:%M:%S}"


def format_date(at_us: int, zone: Zone) -> str:
    """The day of an instant as `Nov 24`."""
    wall = zone.wall(at_us)
    return f"{wall:%b} {wall.day}"


def format_time_until(at_us: int, now_us: int) -> str:
    """The time until an instant as `in 1d 13h`."""
    return f"in {format_duration(max(0, at_us - now_us) // SECOND_US)}"


def describe_period(window: Window, zone: Zone) -> str:
    """A window, the current one of its name, as `this week` or `in the last 24 hours`.

    A block of five hours is named by its edges: what came before it is not in it.
    """
    if window.name == "5h" and window.until_us is not None:
        return f"in the 5-hour block {_format_between(window.since_us, window.until_us, zone)}"
    if window.name in _PERIODS:
        return _PERIODS[window.name]
    number, unit = window.name[:-1], window.name[-1]
    if number.isdecimal():
        return f"in the last {number} " + {"H": "hours", "D": "days"}[unit]
    return _describe_edges(window, zone) or _PERIODS["all"]


def _format_between(since_us: int, until_us: int, zone: Zone) -> str:
    since, until = zone.wall(since_us), zone.wall(until_us)
    return f"{since:%H:%M} {DASH} {until:%H:%M}"


def _describe_edges(window: Window, zone: Zone) -> str:
    """A window by its edges; an end at midnight is named by the day before it."""
    since = f"since {_format_edge(window.since_us, zone)}" if window.since_us else ""
    if window.until_us is None:
        return since
    last_us = window.until_us - 1
    if zone.day(last_us) == zone.day(window.until_us):
        return f"{since} until {_format_edge(window.until_us, zone)}".strip()
    if zone.day(last_us) == zone.day(window.since_us) and zone.day(window.since_us - 1) != zone.day(last_us):
        return f"on {_format_edge(last_us, zone)}"
    return f"{since} through {_format_edge(last_us, zone)}".strip()


def _format_edge(at_us: int, zone: Zone) -> str:
    """A day, with the time unless that is its first or last minute."""
    wall = zone.wall(at_us)
    clock = f"{wall:%H:%M}"
    return f"{wall:%b} {wall.day}, {wall.year}" + ("" if clock in ("00:00", "23:59") else f" {clock}")
