"""Removes the ledger and everything else that usage-dashboard keeps in its folder."""

from __future__ import annotations

import contextlib
import os

from usage_dashboard.config import paths
from usage_dashboard.model.errors import LedgerError


def remove_ledger(home: str) -> None:
    """Remove our files from the folder `home`, and the folder if it holds nothing else.

    Raises:
        LedgerError: a file cannot be removed.
    """
    ledger, faults = paths.ledger_file(home), paths.fault_file(home)
    logs = (f"{ledger}-wal", f"{ledger}-shm", f"{ledger}-journal", f"{faults}.1")
    for path in (ledger, *logs, faults, paths.config_file(home)):
        try:
            os.unlink(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise LedgerError(f"`{path}` cannot be removed", hint=f"rm -r {home}") from error
    with contextlib.suppress(OSError):
        os.rmdir(home)
