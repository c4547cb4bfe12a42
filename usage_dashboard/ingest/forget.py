"""Forgetting what the ledger in a folder holds of a project, a session or a time."""

from __future__ import annotations

from contextlib import closing

from usage_dashboard.store.connection import COMMAND_WAIT_SECONDS, open_writer, transaction
from usage_dashboard.store.ledger_errors import writing_ledger
from usage_dashboard.store.upkeep import forget as ledger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.store.upkeep.forget import Loss, Scope


def forget(home: str, scope: Scope) -> Loss:
    """Take `scope` out of the ledger in `home`, and out of its files; what that was.

    Raises:
        LedgerError: the ledger is locked, full or damaged; nothing was changed.
    """
    with writing_ledger(home), closing(open_writer(home, COMMAND_WAIT_SECONDS)) as db:
        # What is deleted is written over, and the log that still has it is emptied.
        db.execute("PRAGMA secure_delete = ON")
        with transaction(db):
            loss = ledger.forget(db, scope)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return loss
