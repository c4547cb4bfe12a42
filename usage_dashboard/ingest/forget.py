"""Forgetting what the ledger in a folder has of a project, a session or a time."""

from __future__ import annotations

from contextlib import closing

from usage_dashboard.store.connection import COMMAND_WAIT_SECONDS, open_reader, open_writer, transaction
from usage_dashboard.store.ledger_errors import reading_ledger, writing_ledger
from usage_dashboard.store.upkeep.forget import forget_calls
from usage_dashboard.store.upkeep.relabel import count_kept_names, relabel
from usage_dashboard.store.write.labels import Labels

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


def forget_names(home: str, privacy: str) -> int:
    """Hash or drop the names in the ledger in `home` as the setting `privacy` says; return how many.

    Raises:
        LedgerError: the ledger is locked, full or damaged; nothing was changed.
    """
    with writing_ledger(home), closing(open_writer(home, COMMAND_WAIT_SECONDS)) as db:
        db.execute("PRAGMA secure_delete = ON")
        with transaction(db):
            changed = relabel(db, Labels(db, lambda: privacy))
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return changed


def count_names(home: str, privacy: str) -> int:
    """How many names of the ledger in `home` the setting `privacy` would change; 0 without a ledger.

    Raises:
        LedgerError: the ledger is damaged, or of a format that this release does not know.
    """
    with reading_ledger(home):
        db = open_reader(home, COMMAND_WAIT_SECONDS)
        if db is None:
            return 0
        with closing(db):
            return count_kept_names(db, Labels(db, lambda: privacy))
