"""What the user reads when SQLite fails on the ledger: one sentence for reading and one for writing."""

from __future__ import annotations

from contextlib import contextmanager

from usage_dashboard.model.errors import LedgerError
from usage_dashboard.store.connection import DatabaseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_HINT = "usage-dashboard doctor"


def unreadable_ledger(home: str) -> LedgerError:
    """The error for a ledger that cannot be read."""
    return LedgerError(f"The ledger in `{home}` cannot be read", hint=_HINT)


def unwritable_ledger(home: str) -> LedgerError:
    """The error for a ledger that cannot be written."""
    return LedgerError(f"The ledger in `{home}` cannot be written", hint=_HINT)


@contextmanager
def reading_ledger(home: str) -> Iterator[None]:
    """Turn a failure of SQLite inside the block into a `LedgerError`.

    Raises:
        LedgerError: the ledger is locked or damaged.
    """
    try:
        yield
    except DatabaseError as error:
        raise unreadable_ledger(home) from error


@contextmanager
def writing_ledger(home: str) -> Iterator[None]:
    """Turn a failure of SQLite inside the block into a `LedgerError`.

    Raises:
        LedgerError: the ledger is locked, full or damaged.
    """
    try:
        yield
    except DatabaseError as error:
        raise unwritable_ledger(home) from error
