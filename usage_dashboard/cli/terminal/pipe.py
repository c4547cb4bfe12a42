"""Standard output for data: UTF-8 in every locale, so that no character is lost."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def utf8_stdout() -> Iterator[TextIO]:
    """Open standard output as UTF-8, without translating line ends."""
    pipe = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    try:
        yield pipe
        pipe.flush()
    finally:
        pipe.detach()
