"""Writing a file in one step: a reader sees the old content or the new one, never a part of it."""

from __future__ import annotations

import os
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

PRIVATE = 0o600
"""For the user alone to read."""


@contextmanager
def replacing(path: str, *, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """Open a draft beside `path` that takes its place, with `mode`, when the block ends without an error.

    A symlink is followed, so that the file it names is replaced and the link stays.

    Raises:
        OSError: the folder is missing, full or cannot be written; the old file is left as it was.
    """
    target = os.path.realpath(path)
    draft = os.path.join(os.path.dirname(target), f".usage-dashboard-{os.urandom(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode != PRIVATE:
            os.chmod(draft, mode)
        os.replace(draft, target)
    except BaseException:
        os.unlink(draft)
        raise


def write_text(path: str, text: str, *, new_mode: int = PRIVATE) -> None:
    """Give `path` the content `text` in one step. An existing file keeps its mode, a new one gets `new_mode`.

    Raises:
        OSError: the folder is missing, full or cannot be written; the old file is left as it was.
    """
    try:
        mode = os.stat(path).st_mode & 0o7777
    except FileNotFoundError:
        mode = new_mode
    with replacing(path, mode=mode) as file:
        file.write(text.encode())
