"""Bar charts of a period: a bar for each slice of time, stacked by kind of token, and a legend.

Each kind has its own character, so that charts can be read without colors.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.model.attribution import shares
from usage_dashboard.reports.wording import numbers, ranking
from usage_dashboard.reports.wording.days import days_of_window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.model.windows import Window, Zone

    Slice = tuple[str, list[str]]

KINDS = (
    ("input", "┃", "figure", "input"),
    ("output", "█", "bar", "output"),
    ("cache write", "▍", "", "cache_creation"),
    ("cache read", "░", "dim", "cache_read"),
)
"""Of each kind of token its name, its character in a bar, that one's style, and its field of the totals."""

WIDEST = 48

COLUMNS = (
    TableColumn("", left=True),
    TableColumn("", bars=True, most=WIDEST),
    TableColumn("Tokens", style="figure"),
    TableColumn("≈ Cost", 1),
)

HOURS = 3
"""How many hours a bar of a day's chart covers."""

DAYS_BY_NAME = 31
"""Up to this many days, weekday and day of the month name a day."""


def format_legend(totals: Totals, width: int) -> list[StyledLine]:
    """The legend: each kind's character, name and tokens."""
    amounts = [numbers.format_tokens(totals.input), numbers.format_output(totals)]
    amounts += [numbers.format_tokens(totals.cache_creation), numbers.format_tokens(totals.cache_read)]
    items: list[StyledLine] = [
        [(glyph, style), (f" {name} ", ""), (amount, "figure")]
        for (name, glyph, style, _), amount in zip(KINDS, amounts, strict=True)
    ]
    return layout.pack_items(items, width)


def format_bars(
    title: str, slices: Sequence[Slice], totals_by_key: Mapping[str, Totals], width: int
) -> list[StyledLine]:
    """A table with a bar for each slice: a name, and keys of `totals_by_key` to add up."""
    sums = [[totals_by_key[key] for key in keys if key in totals_by_key] for _, keys in slices]
    totals = [ranking.sum_totals(some) if some else None for some in sums]
    most = max((one.total_tokens for one in totals if one is not None), default=0)
    rows = [_bar_row(name, one, most) for (name, _), one in zip(slices, totals, strict=True)]
    return layout.lay_out_table(COLUMNS, [(title, rows)], width)


def hour_namer(zone: Zone) -> Callable[[int], str]:
    """Return a function that names the slice of a few hours of an instant, such as `09`."""
    return lambda at_us: f"{zone.wall(at_us).hour // HOURS * HOURS:02}"


def split_hours(window: Window, zone: Zone, now_us: int) -> tuple[str, list[Slice]]:
    """The slices of a day up to now, with the names of `hour_namer` as keys."""
    end_us = window.until_us or now_us + 1
    last = zone.wall(min(now_us, end_us - 1)).hour
    starts = range(0, last + 1, HOURS)
    return "By hour", [(f"{h:02}{numbers.DASH}{h + HOURS:02}", [f"{h:02}"]) for h in starts]


def split_days(
    window: Window, zone: Zone, now_us: int, recorded: Mapping[str, Totals], most: int
) -> tuple[str, list[Slice]]:
    """The days of a window up to now, or its weeks, months or years if there are more than `most`."""
    days = list(days_of_window(window, zone, now_us, recorded))
    cuts = [(title, _group_days(days, first_of), names_of) for title, first_of, names_of in UNITS]
    title, pieces, names_of = next((cut for cut in cuts if len(cut[1]) <= most), cuts[-1])
    keys = [[day.isoformat() for day in piece] for piece in pieces]
    return title, list(zip(names_of(pieces), keys, strict=True))


def _group_days(days: list[date], first_of: Callable[[date], date]) -> list[list[date]]:
    """Group `days` by the day that `first_of` returns for each."""
    pieces: dict[date, list[date]] = {}
    for day in days:
        pieces.setdefault(first_of(day), []).append(day)
    return list(pieces.values())


def _day_names(pieces: list[list[date]]) -> list[str]:
    name = "%a" if len(pieces) <= DAYS_BY_NAME else "%b"
    return [f"{day:{name}} {day.day:>2}" for (day,) in pieces]


def _week_names(pieces: list[list[date]]) -> list[str]:
    return [_week_name(some[0], some[-1]) for some in pieces]


def _week_name(first: date, last: date) -> str:
    """Name a week by its first and last day, with the month once if it is the same."""
    end = f"{last.day}" if first.month == last.month else f"{last:%b} {last.day}"
    return f"{first:%b} {first.day}" + (f" {numbers.DASH} {end}" if last > first else "")


UNITS: tuple[tuple[str, Callable[[date], date], Callable[[list[list[date]]], list[str]]], ...] = (
    ("By day", lambda day: day, _day_names),
    ("By week", lambda day: day - timedelta(days=day.weekday()), _week_names),
    ("By month", lambda day: day.replace(day=1), lambda pieces: [f"{some[0]:%b %Y}" for some in pieces]),
    ("By year", lambda day: day.replace(month=1, day=1), lambda pieces: [f"{some[0]:%Y}" for some in pieces]),
)
"""How a period can be cut: the title, the first day of the piece that a day is in, the pieces' names."""


def _bar_row(name: str, totals: Totals | None, most: int) -> TableRow:
    if totals is None or not totals.total_tokens:
        return TableRow([f"  {name}", "", numbers.UNKNOWN, ""], "dim")
    drawn = partial(_draw_bar, totals, most)
    return TableRow(
        [f"  {name}", drawn, numbers.format_tokens(totals.total_tokens), numbers.format_cost(totals)]
    )


def _draw_bar(totals: Totals, most: int, width: int) -> StyledLine:
    """Draw the bar of `totals`; `most` tokens fill the whole `width`."""
    amounts = [int(getattr(totals, field)) for *_, field in KINDS]
    size = max(1, round(totals.total_tokens * width / most))
    parts = share_cells(amounts, size)
    return [(glyph * part, style) for (_, glyph, style, _), part in zip(KINDS, parts, strict=True)]


def share_cells(amounts: Sequence[int], size: int) -> list[int]:
    """Split `size` cells in proportion to `amounts`; a kind with any tokens gets a cell if there is room."""
    parts = shares(size, amounts)
    for i, amount in enumerate(amounts):
        largest = max(range(len(parts)), key=parts.__getitem__)
        if amount and not parts[i] and parts[largest] > 1:
            parts[largest] -= 1
            parts[i] = 1
    return parts
