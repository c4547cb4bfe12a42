"""Print pages and JSON: styled by Rich on a terminal, plain text in a pipe.

Rich is imported only for a terminal, so that scripts do not wait for it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import terminal_size

    from usage_dashboard.cli.terminal.layout import StyledLine

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


def page_width() -> int:
    """The width of a page: that of `COLUMNS` or the terminal, else 80, and at most 100."""
    return max(WIDTH_LEAST, min(WIDTH_MOST, _terminal_size().columns))


def page_height() -> int:
    """The number of lines of a page that fits on the screen above the prompt."""
    return max(24, _terminal_size().lines) - 1


def _terminal_size() -> terminal_size:
    from shutil import get_terminal_size  # noqa: PLC0415 - JSON does without

    return get_terminal_size((80, 24))


def print_page(lines: list[StyledLine]) -> None:
    """Print a page."""
    texts = make_encodable(lines)
    if sys.stdout.isatty():
        _print_styled(texts)
    else:
        print_text("\n".join("".join(text for text, _ in line).rstrip() for line in texts))


def print_text(text: str) -> None:
    """Print a text, all of whose characters the output can encode."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def make_encodable(lines: list[StyledLine]) -> list[StyledLine]:
    """Replace characters that the output cannot encode."""
    if _encodes_glyphs():
        return lines
    return [[(_to_plain(text), style) for text, style in line] for line in lines]


def print_json(document: object) -> None:
    """Print a document as JSON."""
    from usage_dashboard.cli.terminal.json_text import to_json_text  # noqa: PLC0415 - a page does without

    print_text(to_json_text(document, ascii_only=not _encodes_glyphs()))


def _print_styled(lines: list[StyledLine]) -> None:
    from rich.console import Console  # noqa: PLC0415 - see the top
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        text = Text()
        for piece, style in line:
            text.append(piece, STYLES[style])
        text.rstrip()
        console.print(text)


def _output_encoding() -> str:
    return sys.stdout.encoding or "ascii"


def _encodes_glyphs() -> bool:
    try:
        _GLYPHS.encode(_output_encoding())
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _to_plain(text: str) -> str:
    """Replace drawing characters by ASCII ones, and all others that cannot be encoded by question marks."""
    return text.translate(_PLAIN).encode(_output_encoding(), "replace").decode(_output_encoding())
