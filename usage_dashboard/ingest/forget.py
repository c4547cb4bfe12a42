"""Forgetting what the ledger in a folder holds of a project, a session or a time."""

from __future__ import annotations

from usage_dashboard.model.errors import LedgerError
from usage_dashboard.store.connection import COMMAND_WAIT_SECONDS, DatabaseError, open_writer, transaction
from usage_dashboard.store.upkeep import forget as ledger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.store.upkeep.forget import Loss, Scope


def forget(home: str, scope: Scope) -> Loss:
    """Take `scope` out of the ledger in `home`, and out of its files; what that was.

    Raises:
        LedgerError: the ledger is locked, full or damaged; nothing was changed.
    """
    try:
        db = open_writer(home, COMMAND_WAIT_SECONDS)
    except DatabaseError as error:
        raise _unwritable(home) from error
    try:
        # What is deleted is written over, and the log that still has it is emptied.
        db.execute("PRAGMA secure_delete = ON")
        with transaction(db):
            loss = ledger.forget(db, scope)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except DatabaseError as error:
        raise _unwritable(home) from error
    finally:
        db.close()
    return loss


def _unwritable(home: str) -> LedgerError:
    return LedgerError(f"The ledger in `{home}` cannot be written", hint="usage-dashboard doctor")
