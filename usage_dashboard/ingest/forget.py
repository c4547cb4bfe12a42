"""Forgetting what the ledger in a folder has of a project, a session or a time."""

from __future__ import annotations

from contextlib import closing

from usage_dashboard.store.connection import COMMAND_WAIT_SECONDS, open_writer, transaction
from usage_dashboard.store.ledger_errors import writing_ledger
from usage_dashboard.store.upkeep.forget import forget_calls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.store.upkeep.forget import ForgetScope, Loss


def forget_usage(home: str, scope: ForgetScope) -> Loss:
    """Remove `scope` from the ledger in `home` and from its files, and return what that was.

    Raises:
        LedgerError: the ledger is locked, full or damaged; nothing was changed.
    """
    with writing_ledger(home), closing(open_writer(home, COMMAND_WAIT_SECONDS)) as db:
        # Deleted rows are overwritten, and the log that still has them is emptied.
        db.execute("PRAGMA secure_delete = ON")
        with transaction(db):
            loss = forget_calls(db, scope)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return loss
