"""Rows as CSV, JSON or JSON lines, one at a time: memory does not grow with them."""

from __future__ import annotations

import json
import math
import os
import re
import shlex
from contextlib import contextmanager
from decimal import Decimal
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.runtime import atomic_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Cell = str | int | float | bytes | None
    Rows = Iterable[tuple[Cell, ...]]
    Writer = Callable[[TextIO, Sequence[str], Rows], int]

VERSION = 1

_SPECIAL = re.compile('[,"\r\n]')
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet (owasp.org/www-community/attacks/CSV_Injection)."""


def write_csv(file: TextIO, columns: Sequence[str], rows: Rows) -> int:
    """Write a line of names and one for each of `rows`; how many there were.

    What is unknown is empty. Text that a spreadsheet would compute has an apostrophe in front.
    """
    file.write(_line(columns))
    count = 0
    for row in rows:
        file.write(_line(row))
        count += 1
    return count


def write_json(file: TextIO, columns: Sequence[str], rows: Rows) -> int:
    """Write one document with all of `rows` as objects; how many there were. What is unknown is null."""
    file.write(f'{{"version": {VERSION}, "rows": [')
    count = 0
    for row in rows:
        file.write(",\n" if count else "\n")
        file.write(_object(columns, row))
        count += 1
    file.write("\n]}\n")
    return count


def write_jsonl(file: TextIO, columns: Sequence[str], rows: Rows) -> int:
    """Write an object a line for each of `rows`; how many there were. What is unknown is null."""
    count = 0
    for row in rows:
        file.write(_object(columns, row))
        file.write("\n")
        count += 1
    return count


WRITERS: dict[str, Writer] = {"csv": write_csv, "json": write_json, "jsonl": write_jsonl}
"""What writes each format, which is also the ending of its files' names."""


@contextmanager
def replacing(path: str) -> Iterator[TextIO]:
    """A file whose content becomes that of `path` in one step, for the user alone to read.

    What fails on the way leaves the old file. A symlink stays, and something else than a file (a pipe, a
    terminal) is written directly.

    Raises:
        UsageDashboardError: it cannot be written there.
    """
    target = os.path.realpath(path)
    try:
        if os.path.exists(target) and not os.path.isfile(target):
            with open(target, "w", encoding="utf-8", newline="") as file:
                yield file
            return
        with atomic_file.replacing(target) as draft:
            file = TextIOWrapper(draft, encoding="utf-8", newline="")
            try:
                yield file
            finally:
                file.detach()  # writes what it still holds, and leaves the draft open
    except OSError as error:
        why = os.strerror(error.errno or 0)
        hint = f"ls -ld {shlex.quote(os.path.dirname(target))}"
        raise UsageDashboardError(f"`{path}` cannot be written ({why})", hint=hint) from error


def _line(row: Iterable[Cell]) -> str:
    """A line of CSV (RFC 4180), which ends as lines do here; `csv` would leave a lone return bare."""
    text = ",".join(map(_cell, row))
    return (text or '""') + "\n"  # an empty line would be no row


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f")  # its own digits, never as 2.5e-08
    if isinstance(cell, bytes):
        return cell.hex()
    return _text(cell) if isinstance(cell, str) else str(cell)


def _text(text: str) -> str:
    if text.startswith(FORMULA):
        text = "'" + text
    return text if _SPECIAL.search(text) is None else '"' + text.replace('"', '""') + '"'


def _object(columns: Sequence[str], row: tuple[Cell, ...]) -> str:
    return json.dumps(dict(zip(columns, map(_plain, row), strict=True)), ensure_ascii=False)


def _plain(cell: Cell) -> object:
    if isinstance(cell, bytes):
        return cell.hex()
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
