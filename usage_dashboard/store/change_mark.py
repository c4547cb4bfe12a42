"""Which state the ledger is in: a mark that differs once anything was written, without opening it."""

from __future__ import annotations

import os

from usage_dashboard.config import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    Mark = tuple[tuple[int, int, int], ...]


def mark(home: str) -> Mark:
    """The same value as long as nothing was written to the ledger in the folder `home`; empty without one."""
    path = paths.ledger_file(home)
    found = []
    for part in (path, path + "-wal"):
        try:
            status = os.stat(part)
        except FileNotFoundError:
            continue
        # Whoever opens the ledger makes an empty log beside it, and takes it away again.
        if status.st_size:
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found)
