"""Numbers and times as text, for the messages of hooks and the pages of commands."""

from __future__ import annotations

import time

SCALES = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))
NANO = 10**9
_EIGHTHS = " ▏▎▍▌▋▊▉"


def format_tokens(count: int) -> str:
    """Format a count in at most five characters or so: `950`, `12.3k`, `4.2M`, `1.1B`."""
    for scale, letter in SCALES:
        # What would round up to a thousand of one letter is one of the next.
        if abs(count) >= scale - scale // 20_000:
            return f"{count / scale:.1f}{letter}"
    return str(count)


def format_dollars(nusd: int) -> str:
    """Format nano-USD as `$1,234.56`; an amount below a cent keeps two significant digits."""
    if 0 < abs(nusd) < NANO // 100:
        return f"${nusd / NANO:.2g}" if abs(nusd) >= NANO // 10_000 else "<$0.0001"
    return f"${nusd / NANO:,.2f}"


def format_percent(part: float) -> str:
    """Format a percentage without decimals, rounded down: `99%`."""
    return f"{int(part)}%"


def format_limit_percent(thousandths: int) -> str:
    """Format thousandths of a percent, in which limits count, as `format_percent` does."""
    return format_percent(thousandths / 1000)


def draw_bar(part: float, width: int) -> str:
    """Draw `part` of one as a bar in eighths of a column; more than nothing is never drawn as nothing."""
    eighths = min(width * 8, max(int(part > 0), round(part * width * 8)))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def draw_gauge(filled: int, size: int, mark: float | None) -> str:
    """Draw `filled` of `size` cells, and a sign at the part `mark` of them unless None: `▓▓▓┃░░░░`."""
    cells = ["▓"] * filled + ["░"] * (size - filled)
    if mark is not None:
        cells[min(size - 1, int(mark * size))] = "┃"
    return "".join(cells)


def format_duration(seconds: int) -> str:
    """Format a duration by its two largest units: `1d 13h`, `3h 12m`, `12m`, `45s`."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days}d {hours % 24}h"
    if hours:
        return f"{hours}h {minutes % 60}m"
    return f"{minutes}m" if minutes else f"{seconds}s"


def format_moment(at_us: int) -> str:
    """Format an instant in this machine's time zone: `Tue Nov 24 09:46`."""
    return time.strftime("%a %b %d %H:%M", time.localtime(at_us // 1_000_000))


def format_weekday(at_us: int) -> str:
    """Format an instant within a week in this machine's time zone: `Tue 09:46`."""
    return time.strftime("%a %H:%M", time.localtime(at_us // 1_000_000))


def iso_utc(at_us: int) -> str:
    """Format an instant in UTC for programs: `2026-11-22T20:44:35Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_us // 1_000_000))
