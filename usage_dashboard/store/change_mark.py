"""Whether a ledger has changed: a mark that differs once anything was written, read without opening it."""

from __future__ import annotations

import os

from usage_dashboard.config import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    ChangeMark = tuple[tuple[int, int, int], ...]


def read_mark(home: str) -> ChangeMark:
    """A value that stays the same while nothing is written to the ledger or the settings in `home`."""
    ledger = paths.ledger_file(home)
    marks = []
    for path in (ledger, f"{ledger}-wal", paths.config_file(home)):
        try:
            status = os.stat(path)
        except OSError:
            continue
        # Opening a ledger makes an empty log beside it, and closing it takes that away again.
        if status.st_size:
            marks.append((status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(marks)
