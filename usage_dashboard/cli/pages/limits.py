"""Format the client's limits: a bar for each, its pace, and the source of the percentage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli.terminal import layout
from usage_dashboard.model import humanize
from usage_dashboard.model.allowance import LEVEL_NAMES, WHOLE
from usage_dashboard.model.limit_names import limit_title
from usage_dashboard.reports.wording.limits import describe_limit, sort_limits

if TYPE_CHECKING:
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.model.allowance import Limit

BESIDE_BAR = 49
"""Columns of a line beside its bar and name."""


def format_limits(reader: CommandReader, width: int) -> list[StyledLine]:
    """The known limits, each a bar with details below it; no lines if none is known."""
    return format_known_limits(reader.limits_overview.limits, reader, width)


def format_known_limits(known: list[Limit], reader: CommandReader, width: int) -> list[StyledLine]:
    """Format `known` limits, each a bar with details below it."""
    limits = sort_limits(known)
    if not limits:
        return []
    named = max(layout.display_width(limit_title(limit.window)) for limit in limits)
    levels = reader.settings.alerts_levels
    lines: list[StyledLine] = []
    for limit in limits:
        lines += _limit_lines(limit, reader, named, width, LEVEL_NAMES[limit.level(levels)])
        lines += indent_lines(
            layout.join_parts(list(describe_limit(limit, reader)), width - len(layout.GAP), "dim")
        )
    return lines


def indent_lines(lines: list[StyledLine]) -> list[StyledLine]:
    """Indent `lines`, which belong to the one above."""
    return [[(layout.GAP, ""), *line] for line in lines]


def _limit_lines(limit: Limit, reader: CommandReader, named: int, width: int, level: str) -> list[StyledLine]:
    size = max(layout.BAR_LEAST, min(layout.BAR_MOST, width - named - BESIDE_BAR))
    filled = min(size, -(-limit.used * size // WHOLE))
    line = [
        (layout.pad_text(limit_title(limit.window), named, left=True) + "  ", ""),
        (humanize.draw_gauge(filled, size, limit.passed_share(reader.now_us)), level),
        (f"  {humanize.format_limit_percent(limit.used)} used", "figure"),
        (f" ({level})", level),
    ]
    projected = limit.projected()
    ahead = "" if projected is None else f" · →{humanize.format_limit_percent(projected)} at the reset"
    if sum(layout.display_width(text) for text, _ in line) + layout.display_width(ahead) <= width:
        return [[*line, (ahead, "")]]
    return [line, *indent_lines([[(ahead.removeprefix(" · "), "")]] if ahead else [])]
