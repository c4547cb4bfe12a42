"""Standard output for data that a program reads: UTF-8 whatever the locale, and every character kept."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def utf8_stdout() -> Iterator[TextIO]:
    """Standard output as text in UTF-8, with line ends as they are written."""
    pipe = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    try:
        yield pipe
        pipe.flush()
    finally:
        pipe.detach()
