"""The text of the status line: limits as bars, and what the session cost."""

from __future__ import annotations

from usage_dashboard.model import humanize
from usage_dashboard.model.allowance import LEVEL_NAMES, WEEK_US, WHOLE
from usage_dashboard.model.events import DAY_US, SECOND_US
from usage_dashboard.model.limit_names import FIVE_HOUR, SHORT_NAMES, SPEND_LIMIT, WEEKLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.model.allowance import Limit

BAR = 8
STALE_US = 15 * 60 * SECOND_US
"""A percentage of this age or older is shown with its age."""

GAP = " │ "
COLORS = {"green": "32", "yellow": "33", "orange": "38;5;208", "red": "1;31"}
ORDER = (WEEKLY, FIVE_HOUR, SPEND_LIMIT)


class LineStyle:
    """How the line looks: at most `width` columns, colored or not, with colors from `levels` (percent) on."""

    __slots__ = ("colored", "levels", "width")

    def __init__(self, width: int, levels: Sequence[int], *, colored: bool) -> None:
        self.width = width
        self.levels = levels
        self.colored = colored


def format_line(
    limits: Sequence[Limit], now_us: int, cost_nusd: int | None, hidden: float | None, look: LineStyle
) -> str:
    """Return as much of the line as fits: limits first, then the session's cost and its background share.

    `hidden` is the share of the cost that no transcript shows, None where it is unknown.
    """
    shown = sorted((limit for limit in limits if limit.window in ORDER), key=lambda f: ORDER.index(f.window))
    parts = [(_format_limit(limit, now_us), LEVEL_NAMES[limit.level(look.levels)]) for limit in shown]
    if cost_nusd is not None:
        parts.append((f"{humanize.format_dollars(cost_nusd)} est.", ""))
    if hidden is not None:
        parts.append((f"background {humanize.format_percent(hidden * 100)} est.", ""))
    text, used = "", 0
    for part, level in parts:
        gap = GAP if text else ""
        used += len(gap) + len(part)
        if text and used > look.width:
            break
        painted = f"\x1b[{COLORS[level]}m{part}\x1b[0m" if level and look.colored else part
        text += gap + painted
    return text


def limit_bar(limit: Limit, now_us: int) -> str:
    """Draw how much is used, with a mark at the time that has passed of the window: `▓▓▓┃░░░░`."""
    return humanize.draw_gauge(min(BAR, limit.used * BAR // WHOLE), BAR, limit.passed_share(now_us))


def _format_limit(limit: Limit, now_us: int) -> str:
    """Return `week ▓▓▓▓┃░░░ 63% →97% Tue 09:46`."""
    parts = [SHORT_NAMES[limit.window], limit_bar(limit, now_us), humanize.format_limit_percent(limit.used)]
    projected = limit.projected()
    if projected is not None:
        parts.append(f"→{humanize.format_limit_percent(projected)}")
    if limit.resets_us:
        parts.append(_format_reset(limit.resets_us, now_us))
    if limit.age_us(now_us) >= STALE_US:
        parts.append(f"({humanize.format_duration(limit.age_us(now_us) // SECOND_US)} old)")
    return " ".join(parts)


def _format_reset(at_us: int, now_us: int) -> str:
    """Return the time left until a reset if it is less than a day, else the date and time."""
    left_us = max(0, at_us - now_us)
    if left_us < DAY_US:
        return humanize.format_duration(left_us // SECOND_US)
    return humanize.format_weekday(at_us) if left_us < WEEK_US else humanize.format_moment(at_us)
