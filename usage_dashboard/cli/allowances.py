"""How the client's allowances stand: a bar for each, its pace, and where the percentage is from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard import words
from usage_dashboard.allowance import LEVEL_NAMES, WHOLE
from usage_dashboard.cli import page, render
from usage_dashboard.config import settings
from usage_dashboard.model import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_dashboard.allowance import Limit
    from usage_dashboard.cli.page import Line
    from usage_dashboard.cli.view import View

NAMES = {"five_hour": "5 hours", "seven_day": "Week", "spend_limit": "Spend limit"}
SOURCES = {
    "statusline": "from the status line",
    "usage-command": "from `/usage`",
    "cached": "as Claude Code kept it",
    "estimate": "estimate against your own cap, this machine only",
}
BESIDE_BAR = 49
"""Columns that a line has beside its bar."""

ABOUT_ON_PACE = 0.05


def allowances(view: View, width: int) -> list[Line]:
    """The allowances that anything is known of; nothing if none is."""
    found = sorted(view.standing.limits, key=lambda limit: _rank(limit.window))
    if not found:
        return []
    named = max(page.cells(name(limit.window)) for limit in found)
    levels = settings.numbers_of(view.config, "alerts.levels")
    lines: list[Line] = []
    for limit in found:
        lines += _bar(limit, view, named, width, LEVEL_NAMES[limit.level(levels)])
        lines += indented(page.flowing(list(_about(limit, view)), width - len(page.GAP), "dim"))
    return lines


def indented(lines: list[Line]) -> list[Line]:
    """`lines` set in, as belonging to the one above."""
    return [[(page.GAP, ""), *line] for line in lines]


def name(window: str) -> str:
    """The client's `window` in words; a model's own week by the model's name."""
    if window.startswith("seven_day_"):
        return f"Week, {window.removeprefix('seven_day_')}"
    return NAMES.get(window, window)


def percent(thousandths: int) -> str:
    """Thousandths of a percent as `42%`, rounded down."""
    return words.percent(thousandths / 1000)


def _rank(window: str) -> tuple[int, str]:
    """The week first, then what belongs to it."""
    return (0 if window.startswith("seven_day") else 1, window)


def _bar(limit: Limit, view: View, named: int, width: int, level: str) -> list[Line]:
    size = max(page.BAR_LEAST, min(page.BAR_MOST, width - named - BESIDE_BAR))
    filled = min(size, -(-limit.used * size // WHOLE))
    cells = ["▓"] * filled + ["░"] * (size - filled)
    passed = limit.passed(view.now_us)
    if passed is not None:
        cells[min(size - 1, int(passed * size))] = "┃"
    line = [
        (page.padded(name(limit.window), named, left=True) + "  ", ""),
        ("".join(cells), level),
        (f"  {percent(limit.used)} used", "figure"),
        (f" ({level})", level),
    ]
    projected = limit.projected()
    ahead = "" if projected is None else f" · →{percent(projected)} at the reset"
    if sum(page.cells(text) for text, _ in line) + page.cells(ahead) <= width:
        return [[*line, (ahead, "")]]
    return [line, *indented([[(ahead.removeprefix(" · "), "")]] if ahead else [])]


def _about(limit: Limit, view: View) -> Iterator[str]:
    full_us, around, pace = limit.full_us(), limit.projected_range(), limit.pace()
    if limit.resets_us:
        when = render.moment(limit.resets_us, view.zone)
        yield f"resets {when}, {render.until(limit.resets_us, view.now_us)}"
    if full_us is not None and limit.used < WHOLE:
        yield f"used up {render.moment(full_us, view.zone)} at this pace"
    elif pace is not None:
        yield "on pace" if abs(pace - 1) < ABOUT_ON_PACE else f"{pace:.0%} of an even pace"
    if around is not None:
        yield f"{percent(around[0])}{render.DASH}{percent(around[1])} as in your past weeks"
    age = render.duration(limit.age_us(view.now_us) // SECOND_US)
    yield SOURCES[limit.source] + ("" if limit.source == "estimate" else f", {age} ago")
