"""Write rows as CSV, JSON or JSON lines, one at a time, so that memory does not grow with them."""

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
    RowWriter = Callable[[TextIO, Sequence[str], Rows], int]

VERSION = 1

_SPECIAL = re.compile('[,"\r\n]')
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins with one of these for a formula.

Source: owasp.org/www-community/attacks/CSV_Injection
"""


def write_csv(file: TextIO, columns: Sequence[str], rows: Rows) -> int:
    """Write a line of column names and one for each of `rows`; return how many rows there were.

    Unknown values are empty. Text that a spreadsheet would compute gets an apostrophe in front.
    """
    file.write(_csv_line(columns))
    count = 0
    for row in rows:
        file.write(_csv_line(row))
        count += 1
    return count


def write_json(file: TextIO, columns: Sequence[str], rows: Rows) -> int:
    """Write one document with all of `rows` as objects; return how many there were. Unknown is null."""
    file.write(f'{{"version": {VERSION}, "rows": [')
    count = 0
    for row in rows:
        file.write(",\n" if count else "\n")
        file.write(_json_object(columns, row))
        count += 1
    file.write("\n]}\n")
    return count


def write_jsonl(file: TextIO, columns: Sequence[str], rows: Rows) -> int:
    """Write a line with an object for each of `rows`; return how many there were. Unknown is null."""
    count = 0
    for row in rows:
        file.write(_json_object(columns, row))
        file.write("\n")
        count += 1
    return count


WRITERS: dict[str, RowWriter] = {"csv": write_csv, "json": write_json, "jsonl": write_jsonl}
"""The function that writes each format, by the ending of its files' names."""


@contextmanager
def replacing_file(path: str) -> Iterator[TextIO]:
    """Open a draft that replaces `path` in one step when it is complete, readable by the user alone.

    An error on the way leaves the old file. A symlink stays; what is not a file (a pipe, a terminal) is
    written directly.

    Raises:
        UsageDashboardError: `path` cannot be written.
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


def _csv_line(row: Iterable[Cell]) -> str:
    """A line of CSV (RFC 4180); Python's `csv` before 3.13 does not quote a lone carriage return."""
    text = ",".join(map(_csv_cell, row))
    return (text or '""') + "\n"  # an empty line is not read as a row


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f")  # all of its digits, never 2.5e-08
    if isinstance(cell, bytes):
        return cell.hex()
    return _csv_text(cell) if isinstance(cell, str) else str(cell)


def _csv_text(text: str) -> str:
    if text.startswith(FORMULA):
        text = "'" + text
    return text if _SPECIAL.search(text) is None else '"' + text.replace('"', '""') + '"'


def _json_object(columns: Sequence[str], row: tuple[Cell, ...]) -> str:
    return json.dumps(dict(zip(columns, map(_json_value, row), strict=True)), ensure_ascii=False)


def _json_value(cell: Cell) -> object:
    if isinstance(cell, bytes):
        return cell.hex()
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
