"""Lay out a page as lines of styled texts: one layout, whether the page is painted or piped.

Rich has tables too, but a piped page must not wait for Rich, even `rich.cells` costs it tens of milliseconds
(research/EVIDENCE.md), and its tables do not drop columns by rank, shorten names or stretch bars to fit. A
painted page has the same lines, so widths are measured in one way for both.
"""

from __future__ import annotations

import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING

from usage_dashboard.model import humanize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    StyledText = tuple[str, str]
    StyledLine = list[StyledText]
    TableCell = str | float | Callable[[int], StyledLine]

GAP = "  "
BESIDE = "   "
BAR_LEAST, BAR_MOST = 8, 24
TILE_GAP_MOST = 6
NAME_LEAST, NAME_FAIR = 9, 18


class TableColumn:
    """A column of a table. If not all fit, the one with the highest `rank` is dropped first; rank 0 stays.

    A title may have two lines. A column of bars takes the room that is left, up to `most` characters; its
    cells are fractions, or functions that draw the cell in a given width.
    """

    __slots__ = ("bars", "left", "most", "rank", "style", "title")

    def __init__(
        self,
        title: str,
        rank: int = 0,
        *,
        style: str = "",
        left: bool = False,
        bars: bool = False,
        most: int = BAR_MOST,
    ) -> None:
        self.title = title
        self.rank = rank
        self.style = style
        self.left = left
        self.bars = bars
        self.most = most


class TableRow:
    """A row of a table: a cell for each column, and a style that overrides those of the columns."""

    __slots__ = ("cells", "style")

    def __init__(self, cells: Sequence[TableCell], style: str = "") -> None:
        self.cells = cells
        self.style = style


def display_width(text: str) -> int:
    """The number of terminal columns that `text` takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # noqa: PLC0415 - only names of users need it

    return sum(0 if combining(char) else 1 + (east_asian_width(char) in "WF") for char in text)


def shorten_middle(text: str, width: int) -> str:
    """Shorten `text` to `width` columns in its middle, since names end with versions."""
    if display_width(text) <= width:
        return text
    tail = _cut_to_width(text[::-1], (width - 1) // 2)[::-1]
    return _cut_to_width(text, width - 1 - display_width(tail)) + "…" + tail


def spread_line(left: StyledText, right: StyledText, width: int) -> list[StyledLine]:
    """Put `left` and `right` at the two ends of a line, or on two lines if it is too short."""
    room = width - display_width(left[0]) - display_width(right[0])
    if room < len(GAP):
        return [*wrap_text(left[0], width, left[1]), [right]]
    return [[left, (" " * room, ""), right]]


def join_parts(parts: Sequence[str], width: int, style: str = "") -> list[StyledLine]:
    """Join `parts` with dots, and break lines between parts."""
    lines = [""]
    for part in (shorten_middle(text, width) for text in parts):
        longer = f"{lines[-1]} · {part}" if lines[-1] else part
        if lines[-1] and display_width(longer) > width:
            lines.append(part)
        else:
            lines[-1] = longer
    return [[(line, style)] for line in lines if line]


def wrap_text(text: str, width: int, style: str = "") -> list[StyledLine]:
    """Wrap a sentence into lines of at most `width` columns."""
    lines = textwrap.wrap(text, width, break_on_hyphens=False, subsequent_indent=GAP)
    return [[(line, style)] for line in lines]


def lay_out_tiles(figures: Sequence[tuple[str, str]], width: int) -> list[StyledLine]:
    """Lay out (title, figure) pairs beside each other, each figure below its title."""
    sizes = [max(display_width(title), display_width(figure)) for title, figure in figures]
    gap, each = (width - sum(sizes)) // (len(sizes) - 1), len(figures)
    if gap < len(GAP):
        sizes, gap = [max(sizes)] * len(sizes), len(GAP)
        each = max(1, (width + gap) // (max(sizes) + gap))
    lines: list[StyledLine] = []
    for start in range(0, len(figures), each):
        row = range(start, min(start + each, len(figures)))
        for part, style in ((0, "dim"), (1, "figure")):
            texts = [pad_text(figures[i][part], sizes[i] + min(gap, TILE_GAP_MOST), left=True) for i in row]
            lines.append([("".join(texts).rstrip(), style)])
    return lines


def lay_out_table(
    columns: Sequence[TableColumn], groups: Sequence[tuple[str, Sequence[TableRow]]], width: int
) -> list[StyledLine]:
    """Lay out groups of rows as one table; a group's title is the head of its first column, the names."""
    rows = [row for _, group in groups for row in group]
    natural = [_natural_width(columns[i], [row.cells[i] for row in rows]) for i in range(len(columns))]
    natural[0] = max([natural[0], *(display_width(title) for title, _ in groups)])
    widths = _fit_columns(columns, natural, width)
    lines: list[StyledLine] = []
    for title, group in groups:
        lines += [[], [(title, "head")]] if lines else _head_lines(columns, widths, title)
        lines += [_row_line(columns, widths, row) for row in group]
    return lines


def place_beside(left: Sequence[StyledLine], right: Sequence[StyledLine], width: int) -> list[StyledLine]:
    """Put lines beside each other; those on the right begin after `width` columns and a wide gap."""
    nothing: StyledLine = []
    rows = zip_longest(left, right, fillvalue=nothing)
    return [[*fill_line(one, width), (BESIDE, ""), *other] if other else list(one) for one, other in rows]


def pack_items(items: Sequence[StyledLine], width: int) -> list[StyledLine]:
    """Put items beside each other with a wide gap, on as many lines as needed."""
    lines: list[StyledLine] = []
    for item in items:
        if lines and _line_width(lines[-1]) + len(BESIDE) + _line_width(item) <= width:
            lines[-1] += [(BESIDE, ""), *item]
        else:
            lines.append(list(item))
    return lines


def fill_line(line: Sequence[StyledText], width: int) -> StyledLine:
    """Fill `line` with spaces up to `width` columns."""
    return [*line, (" " * (width - _line_width(line)), "")]


def pad_text(text: str, width: int, *, left: bool) -> str:
    """Pad `text` to `width` columns, aligned to the left or to the right."""
    room = " " * (width - display_width(text))
    return text + room if left else room + text


def _line_width(line: Sequence[StyledText]) -> int:
    return sum(display_width(text) for text, _ in line)


def _cut_to_width(text: str, width: int) -> str:
    """The longest beginning of `text` that fits into `width` columns."""
    while display_width(text) > width:
        text = text[:-1]
    return text


def _natural_width(column: TableColumn, cells: Sequence[TableCell]) -> int:
    if column.bars:
        return BAR_LEAST
    texts = [*column.title.split("\n"), *(cell for cell in cells if isinstance(cell, str))]
    return max(display_width(text) for text in texts)


def _fit_columns(columns: Sequence[TableColumn], natural: Sequence[int], width: int) -> dict[int, int]:
    """Choose the columns that fit into `width`, and the width of each.

    First names are shortened as far as they stay distinct, then columns are dropped, then names shortened
    further. The room that is left goes to bars.
    """
    kept = list(range(len(columns)))
    while True:
        widths = _narrow_names(columns, {i: natural[i] for i in kept}, width, NAME_FAIR)
        if _room_left(widths, width) >= 0 or not any(columns[i].rank for i in kept):
            break
        kept.remove(max(kept, key=lambda i: columns[i].rank))
    widths = _narrow_names(columns, widths, width, NAME_LEAST)
    for i in kept:
        if columns[i].bars:
            widths[i] = min(columns[i].most, widths[i] + max(0, _room_left(widths, width)))
    return widths


def _narrow_names(
    columns: Sequence[TableColumn], widths: dict[int, int], width: int, least: int
) -> dict[int, int]:
    """Narrow the widest names until all columns fit, but none below `least`."""
    names = [i for i in widths if columns[i].left]
    while _room_left(widths, width) < 0 and widths[max(names, key=widths.__getitem__)] > least:
        widths[max(names, key=widths.__getitem__)] -= 1
    return widths


def _room_left(widths: dict[int, int], width: int) -> int:
    return width - sum(widths.values()) - len(GAP) * (len(widths) - 1)


def _head_lines(columns: Sequence[TableColumn], widths: dict[int, int], first: str) -> list[StyledLine]:
    titles = {i: columns[i].title.split("\n") if i else [first] for i in widths}
    height = max(len(lines) for lines in titles.values())
    heads: list[StyledLine] = []
    for level in range(height):
        texts = {i: ([""] * (height - len(lines)) + lines)[level] for i, lines in titles.items()}
        if any(texts.values()):
            heads.append(
                _row_line(columns, widths, TableRow([texts.get(i, "") for i in range(len(columns))], "head"))
            )
    return heads


def _row_line(columns: Sequence[TableColumn], widths: dict[int, int], row: TableRow) -> StyledLine:
    line: StyledLine = []
    for i, width in widths.items():
        cell, column = row.cells[i], columns[i]
        style = row.style or column.style
        if callable(cell):
            line += fill_line(cell(width), width)
        else:
            text = shorten_middle(cell, width) if isinstance(cell, str) else humanize.draw_bar(cell, width)
            line.append((pad_text(text, width, left=column.left or column.bars), style))
        line.append((GAP, ""))
    return line[:-1]
