"""Opening the ledger for writing or reading, and the transaction around writing."""

from __future__ import annotations

from usage_dashboard.config import paths
from usage_dashboard.model.errors import LedgerError, NewerLedgerError
from usage_dashboard.runtime.os_light import file_size
from usage_dashboard.runtime.sqlite_light import sqlite
from usage_dashboard.store import schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection
    from types import TracebackType

DatabaseError = sqlite.DatabaseError

LOCKED_CODES = (5, 6)
"""SQLITE_BUSY and SQLITE_LOCKED (sqlite.org/rescode.html)."""

HOOK_WAIT_SECONDS = 1.0
COMMAND_WAIT_SECONDS = 30.0
LOG_LIMIT_BYTES = 256 * 1024


def open_writer(home: str, wait_seconds: float = HOOK_WAIT_SECONDS) -> Connection:
    """Open the ledger for writing; make the folder, the file and its tables if they are missing.

    Raises:
        NewerLedgerError: a later release with another format wrote the ledger.
        sqlite3.DatabaseError: the file is locked for longer than `wait_seconds`, full or damaged.
        OSError: the folder cannot be made.
    """
    path = paths.ledger_file(home)
    if file_size(path) < 0:
        import os  # noqa: PLC0415 - once, and a hook pays for it

        os.makedirs(home, mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    db: Connection = sqlite.connect(path, timeout=wait_seconds, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = NORMAL")
        version = schema.read_version(db)
        if version != schema.VERSION:
            _upgrade(db, version)
    except BaseException:
        db.close()
        raise
    return db


def open_reader(home: str, wait_seconds: float = COMMAND_WAIT_SECONDS) -> Connection | None:
    """Open the ledger for reading, or return None if there is no ledger yet.

    Raises:
        LedgerError: the ledger is damaged, or of a format that this release does not know.
    """
    path = paths.ledger_file(home)
    if file_size(path) < 0:
        return None
    db: Connection | None = None
    try:
        db = sqlite.connect(path, timeout=wait_seconds, isolation_level=None)
        db.execute("PRAGMA query_only = ON")
        version = schema.read_version(db)
        _refuse_newer(version)
    except (sqlite.DatabaseError, NewerLedgerError) as error:
        if db is not None:
            db.close()
        if isinstance(error, NewerLedgerError):
            raise
        raise LedgerError(f"`{path}` cannot be read as a ledger", hint="usage-dashboard doctor") from error
    if version == 0:
        db.close()
        return None
    if version < schema.VERSION:
        # An earlier release made it: it lacks the steps that were added since.
        db.close()
        open_writer(home, wait_seconds).close()
        return open_reader(home, wait_seconds)
    return db


def close_grown(db: Connection, home: str) -> None:
    """Close `db` if the write-ahead log has grown, which empties it unless another program uses the ledger.

    A hook ends without closing, because closing takes time (a checkpoint, two syncs). But then the log is
    never emptied, and every later hook has to read all of it: after 200 hooks, 8 ms.
    """
    if file_size(paths.ledger_file(home) + "-wal") > LOG_LIMIT_BYTES:
        db.close()


def _upgrade(db: Connection, version: int) -> None:
    """Make or upgrade the tables; a ledger with later additions to the same format stays as it is."""
    _refuse_newer(version)
    if version > schema.VERSION:
        return
    if version == 0:
        db.execute("PRAGMA journal_mode = WAL")
    with transaction(db):
        schema.apply_missing_steps(db)


def _refuse_newer(version: int) -> None:
    if version // 1000 > schema.VERSION // 1000:
        raise NewerLedgerError(
            "The ledger was written by a later release of usage-dashboard",
            hint="pipx upgrade usage-dashboard",
        )


def is_locked(error: BaseException | None) -> bool:
    """Whether SQLite gave up waiting for another program that has locked the ledger."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in LOCKED_CODES


class transaction:  # noqa: N801 - reads as a statement: `with transaction(db):`
    """Commit everything inside or nothing, holding the write lock from the start."""

    __slots__ = ("_db",)

    def __init__(self, db: Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._db.execute("COMMIT")
        elif self._db.in_transaction:
            # On a full disk SQLite has already rolled back; another ROLLBACK would hide that error.
            self._db.execute("ROLLBACK")


def split_ids(ids: list[int], most: int = 500) -> Iterator[list[int]]:
    """Split `ids` into lists short enough for one statement's parameters."""
    for start in range(0, len(ids), most):
        yield ids[start : start + most]
