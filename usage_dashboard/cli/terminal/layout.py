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

    Piece = tuple[str, str]
    Line = list[Piece]
    Cell = str | float | Callable[[int], Line]

GAP = "  "
BESIDE = "   "
BAR_LEAST, BAR_MOST = 8, 24
TILE_GAP_MOST = 6
NAME_LEAST, NAME_FAIR = 9, 18


class Column:
    """A column of a table. Of those that do not fit the one with the highest `rank` goes first; 0 stays.

    A title may have two lines. A column of bars takes what room is left, up to `most` columns; its cells
    are parts of one, or draw themselves in the columns that they are given.
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


class Row:
    """One line of a table: a cell for each column, and a style over those of the columns."""

    __slots__ = ("cells", "style")

    def __init__(self, cells: Sequence[Cell], style: str = "") -> None:
        self.cells = cells
        self.style = style


def cells(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # noqa: PLC0415 - only names of users need it

    return sum(0 if combining(char) else 1 + (east_asian_width(char) in "WF") for char in text)


def shortened(text: str, width: int) -> str:
    """`text` in at most `width` columns; its middle gives way, since versions stand at the end."""
    if cells(text) <= width:
        return text
    tail = _taken(text[::-1], (width - 1) // 2)[::-1]
    return _taken(text, width - 1 - cells(tail)) + "…" + tail


def spread(left: Piece, right: Piece, width: int) -> list[Line]:
    """`left` and `right` at the two ends of a line, below each other where it is too short for both."""
    room = width - cells(left[0]) - cells(right[0])
    if room < len(GAP):
        return [*wrapped(left[0], width, left[1]), [right]]
    return [[left, (" " * room, ""), right]]


def flowing(parts: Sequence[str], width: int, style: str = "") -> list[Line]:
    """`parts` with dots between them, broken into lines where a part does not fit any more."""
    lines = [""]
    for part in (shortened(text, width) for text in parts):
        longer = f"{lines[-1]} · {part}" if lines[-1] else part
        if lines[-1] and cells(longer) > width:
            lines.append(part)
        else:
            lines[-1] = longer
    return [[(line, style)] for line in lines if line]


def wrapped(text: str, width: int, style: str = "") -> list[Line]:
    """A sentence in lines of at most `width` columns."""
    lines = textwrap.wrap(text, width, break_on_hyphens=False, subsequent_indent=GAP)
    return [[(line, style)] for line in lines]


def tiles(figures: Sequence[tuple[str, str]], width: int) -> list[Line]:
    """(title, figure) pairs beside each other, each figure below its title, in as many rows as it takes."""
    sizes = [max(cells(title), cells(figure)) for title, figure in figures]
    gap, each = (width - sum(sizes)) // (len(sizes) - 1), len(figures)
    if gap < len(GAP):
        sizes, gap = [max(sizes)] * len(sizes), len(GAP)
        each = max(1, (width + gap) // (max(sizes) + gap))
    lines: list[Line] = []
    for start in range(0, len(figures), each):
        row = range(start, min(start + each, len(figures)))
        for part, style in ((0, "dim"), (1, "figure")):
            texts = [padded(figures[i][part], sizes[i] + min(gap, TILE_GAP_MOST), left=True) for i in row]
            lines.append([("".join(texts).rstrip(), style)])
    return lines


def table(columns: Sequence[Column], groups: Sequence[tuple[str, Sequence[Row]]], width: int) -> list[Line]:
    """Groups of rows in one grid; a group's title stands above its first column, which holds names."""
    rows = [row for _, group in groups for row in group]
    natural = [_natural(columns[i], [row.cells[i] for row in rows]) for i in range(len(columns))]
    natural[0] = max([natural[0], *(cells(title) for title, _ in groups)])
    widths = _fitting(columns, natural, width)
    lines: list[Line] = []
    for title, group in groups:
        lines += [[], [(title, "head")]] if lines else _heads(columns, widths, title)
        lines += [_line(columns, widths, row) for row in group]
    return lines


def beside(left: Sequence[Line], right: Sequence[Line], width: int) -> list[Line]:
    """Lines beside each other: those on the right begin after `width` columns and a wide gap."""
    nothing: Line = []
    rows = zip_longest(left, right, fillvalue=nothing)
    return [[*filled(one, width), (BESIDE, ""), *other] if other else list(one) for one, other in rows]


def packed(items: Sequence[Line], width: int) -> list[Line]:
    """Items beside each other with a wide gap, in as many lines as it takes."""
    lines: list[Line] = []
    for item in items:
        if lines and _length(lines[-1]) + len(BESIDE) + _length(item) <= width:
            lines[-1] += [(BESIDE, ""), *item]
        else:
            lines.append(list(item))
    return lines


def filled(line: Sequence[Piece], width: int) -> Line:
    """`line` with spaces after it, up to `width` columns."""
    return [*line, (" " * (width - _length(line)), "")]


def padded(text: str, width: int, *, left: bool) -> str:
    """`text` with spaces on its right (`left`) or on its left."""
    room = " " * (width - cells(text))
    return text + room if left else room + text


def _length(line: Sequence[Piece]) -> int:
    return sum(cells(text) for text, _ in line)


def _taken(text: str, width: int) -> str:
    """As much of the beginning of `text` as takes at most `width` columns."""
    while cells(text) > width:
        text = text[:-1]
    return text


def _natural(column: Column, found: Sequence[Cell]) -> int:
    if column.bars:
        return BAR_LEAST
    texts = [*column.title.split("\n"), *(cell for cell in found if isinstance(cell, str))]
    return max(cells(text) for text in texts)


def _fitting(columns: Sequence[Column], natural: Sequence[int], width: int) -> dict[int, int]:
    """The columns that fit into `width` and how wide each is.

    Names give way first, down to a length at which they can still be told apart, then whole columns,
    then names again. What is left over goes to the bars.
    """
    kept = list(range(len(columns)))
    while True:
        widths = _narrowed(columns, {i: natural[i] for i in kept}, width, NAME_FAIR)
        if _room(widths, width) >= 0 or not any(columns[i].rank for i in kept):
            break
        kept.remove(max(kept, key=lambda i: columns[i].rank))
    widths = _narrowed(columns, widths, width, NAME_LEAST)
    for i in kept:
        if columns[i].bars:
            widths[i] = min(columns[i].most, widths[i] + max(0, _room(widths, width)))
    return widths


def _narrowed(columns: Sequence[Column], widths: dict[int, int], width: int, least: int) -> dict[int, int]:
    """`widths` with the widest names made narrower until all fits, though none below `least`."""
    names = [i for i in widths if columns[i].left]
    while _room(widths, width) < 0 and widths[max(names, key=widths.__getitem__)] > least:
        widths[max(names, key=widths.__getitem__)] -= 1
    return widths


def _room(widths: dict[int, int], width: int) -> int:
    return width - sum(widths.values()) - len(GAP) * (len(widths) - 1)


def _heads(columns: Sequence[Column], widths: dict[int, int], first: str) -> list[Line]:
    titles = {i: columns[i].title.split("\n") if i else [first] for i in widths}
    height = max(len(lines) for lines in titles.values())
    heads: list[Line] = []
    for level in range(height):
        texts = {i: ([""] * (height - len(lines)) + lines)[level] for i, lines in titles.items()}
        if any(texts.values()):
            heads.append(_line(columns, widths, Row([texts.get(i, "") for i in range(len(columns))], "head")))
    return heads


def _line(columns: Sequence[Column], widths: dict[int, int], row: Row) -> Line:
    line: Line = []
    for i, width in widths.items():
        cell, column = row.cells[i], columns[i]
        style = row.style or column.style
        if callable(cell):
            line += filled(cell(width), width)
        else:
            text = shortened(cell, width) if isinstance(cell, str) else humanize.bar(cell, width)
            line.append((padded(text, width, left=column.left or column.bars), style))
        line.append((GAP, ""))
    return line[:-1]
