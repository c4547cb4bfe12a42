"""Where lines and documents leave: painted with rich on a terminal, plain text in a pipe.

Rich is imported only to paint: a script that reads a pipe or JSON does not wait for it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import terminal_size

    from usage_dashboard.cli.terminal.layout import Line

WIDTH_LEAST, WIDTH_MOST = 24, 100

STYLES = {
    "": "",
    "title": "bold",
    "figure": "bold",
    "head": "bold dim",
    "total": "bold",
    "dim": "dim",
    "bar": "#d97757",
    "warn": "yellow",
    "green": "green",
    "yellow": "yellow",
    "orange": "dark_orange",
    "red": "bold red",
}

# One character for one, so that what is aligned stays so.
_GLYPHS = "█▉▊▋▌▍▎▏…≈·\u2013≥▓░┃→"
_PLAIN = str.maketrans(_GLYPHS, "#####---~~-->#.|>")


def width() -> int:
    """Columns to fill: those of `COLUMNS` or the terminal, 80 where neither says, and at most 100."""
    return max(WIDTH_LEAST, min(WIDTH_MOST, _size().columns))


def height() -> int:
    """Lines that a page may have and still be seen whole above the prompt."""
    return max(24, _size().lines) - 1


def _size() -> terminal_size:
    from shutil import get_terminal_size  # noqa: PLC0415 - JSON does without

    return get_terminal_size((80, 24))


def show(lines: list[Line]) -> None:
    """Print a page."""
    texts = encodable(lines)
    if sys.stdout.isatty():
        _paint(texts)
    else:
        say("\n".join("".join(text for text, _ in line).rstrip() for line in texts))


def say(text: str) -> None:
    """Print a text that the output has every character of."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def encodable(lines: list[Line]) -> list[Line]:
    """`lines` in the characters that the output has."""
    if _speaks_unicode():
        return lines
    return [[(_plain(text), style) for text, style in line] for line in lines]


def show_json(document: object) -> None:
    """Print a document as JSON."""
    from usage_dashboard.cli.terminal.json_text import text  # noqa: PLC0415 - a page does without

    say(text(document, ascii_only=not _speaks_unicode()))


def _paint(lines: list[Line]) -> None:
    from rich.console import Console  # noqa: PLC0415 - see the top
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        text = Text()
        for piece, style in line:
            text.append(piece, STYLES[style])
        text.rstrip()
        console.print(text)


def _encoding() -> str:
    return sys.stdout.encoding or "ascii"


def _speaks_unicode() -> bool:
    try:
        _GLYPHS.encode(_encoding())
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _plain(text: str) -> str:
    """`text` in the characters that the output has; a name's other ones are question marks."""
    return text.translate(_PLAIN).encode(_encoding(), "replace").decode(_encoding())
