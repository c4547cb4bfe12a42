"""Another machine's ledger into the one in a folder: each call once, however often it is merged.

The other file is copied first and left as it is; the copy is brought to this release's format and to this
ledger's prices. Official percentages stay with the machine that read them, and transcripts' positions too.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import quote

from usage_dashboard.config import paths
from usage_dashboard.config.settings import read_settings
from usage_dashboard.model.errors import LedgerError, UsageDashboardError
from usage_dashboard.pricing.lookup import Tariff
from usage_dashboard.store import schema
from usage_dashboard.store.connection import COMMAND_WAIT_SECONDS, DatabaseError, open_writer, transaction
from usage_dashboard.store.indexes import build_small_indexes
from usage_dashboard.store.ledger_errors import writing_ledger
from usage_dashboard.store.merge import calls, totals
from usage_dashboard.store.merge import sessions as adopt_sessions
from usage_dashboard.store.merge.source import Other
from usage_dashboard.store.meta import rows_since_us
from usage_dashboard.store.upkeep.reprice import reprice
from usage_dashboard.store.upkeep.retention import prune
from usage_dashboard.store.write import background
from usage_dashboard.store.write.labels import Labels
from usage_dashboard.store.write.price_cache import ensure_price_table
from usage_dashboard.store.write.sessions import Sessions, late_rows
from usage_dashboard.store.write.unit_of_work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

    from usage_dashboard.model.events import CostState
    from usage_dashboard.store.write.rows import ResponseRow

AT_ONCE = 2000
"""How many rows one transaction changes, or a session more: a hook waits a second for the ledger."""


class Merged:
    """What a merge brought: sessions that were new, and calls and tokens of every kind that were."""

    __slots__ = ("calls", "sessions", "tokens")

    def __init__(self, before: tuple[int, int, int], after: tuple[int, int, int]) -> None:
        self.sessions, self.calls, self.tokens = (b - a for a, b in zip(before, after, strict=True))


def merge(home: str, path: str) -> Merged:
    """Take the ledger at `path` (the file, or the folder that it is in) into the one in `home`.

    What was merged stays merged when it is interrupted, and merging again does the rest.

    Raises:
        UsageDashboardError: there is no file at `path`, or it is the ledger in `home`.
        LedgerError: one of the two cannot be read or written, or is of a format that this release does
            not know.
        SettingsError: `config.json` cannot be used.
    """
    file = paths.ledger_file(path) if os.path.isdir(path) else path
    ours = paths.ledger_file(home)
    if not os.path.isfile(file):
        hint = "usage-dashboard merge other-machine/.claude-usage/usage.db"
        raise UsageDashboardError(f"There is no ledger at `{file}`", hint=hint)
    if os.path.exists(ours) and os.path.samefile(file, ours):
        raise UsageDashboardError(f"`{file}` is this ledger itself", hint="usage-dashboard merge --help")
    settings = read_settings(paths.config_file(home))
    tariff = Tariff(lambda: settings.prices)
    with (
        _copied(file) as copy,
        closing(_brought_up(copy, file, tariff)) as theirs,
        writing_ledger(home),
        closing(open_writer(home, COMMAND_WAIT_SECONDS)) as db,
    ):
        labels = Labels(db, lambda: settings.privacy_labels)
        return _merge(theirs, _work(db, labels, theirs, tariff), tariff)


@contextmanager
def _copied(file: str) -> Iterator[str]:
    """A folder with a copy of the ledger `file`, for as long as it is used."""
    with TemporaryDirectory(prefix="usage-dashboard-") as folder:
        target = paths.ledger_file(folder)
        try:
            if os.path.exists(f"{file}-shm"):
                _copy_live(file, target)
            else:
                for ending in ("", "-wal"):
                    if os.path.exists(file + ending):
                        shutil.copyfile(file + ending, target + ending)
        except (OSError, DatabaseError) as error:
            raise LedgerError(f"`{file}` cannot be read", hint=f"ls -l {file}") from error
        yield folder


def _copy_live(file: str, target: str) -> None:
    """Copy a ledger that is in use, as of one moment."""
    place = f"file:{quote(os.path.abspath(file))}?mode=ro"
    with (
        closing(sqlite3.connect(place, uri=True, timeout=COMMAND_WAIT_SECONDS)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)


def _brought_up(folder: str, file: str, tariff: Tariff) -> Connection:
    """The open copy in `folder`, with the tables of this release and the prices of `tariff`.

    Raises:
        LedgerError: it is no ledger, damaged, or of a format that this release does not know.
    """
    try:
        with closing(sqlite3.connect(paths.ledger_file(folder))) as db:
            if not schema.read_version(db):
                raise LedgerError(f"`{file}` is no ledger of usage-dashboard", hint=f"file {file}")
        with closing(open_writer(folder)) as db:
            build_small_indexes(db)
            with transaction(db):
                prune(db, rows_since_us(db))
                reprice(db, tariff.table.fingerprint, tariff.cost)
        return open_writer(folder)
    except DatabaseError as error:
        raise LedgerError(f"`{file}` cannot be read as a ledger", hint=f"file {file}") from error


def _work(db: Connection, labels: Labels, theirs: Connection, tariff: Tariff) -> Work:
    """What writes into the ledger `db`; a session that is new there is placed as in `theirs`."""
    return Work(db, labels, Sessions(db, labels, lambda name: _place(theirs, name)), tariff)


def _merge(theirs: Connection, work: Work, tariff: Tariff) -> Merged:
    db, other = work.db, Other(theirs, work)
    with transaction(db):
        before = _count(db)
        ensure_price_table(db, lambda: tariff.table.fingerprint)
        reprice(db, tariff.table.fingerprint, tariff.cost)
        numbers = adopt_sessions.sessions(other, work)
        for session in numbers:
            adopt_sessions.adopt_session(work, other, session)
        work.sessions.write()
        totals.adopt_pruned(db, other)
        totals.adopt_totals(db, other)
    for some in _batches(theirs, numbers):
        with transaction(db):
            _adopt(work, other, some)
    with transaction(db):
        calls.adopt_unlinked(work, other)
        return Merged(before, _count(db))


def _adopt(work: Work, other: Other, sessions: list[int]) -> None:
    """Take in the calls of some sessions, and derive what they do not show."""
    changed: list[ResponseRow] = []
    states: list[CostState] = []
    for session in sessions:
        changed += calls.adopt(work, other, session)
        states += adopt_sessions.read_states(other, session)
    background.settle(work, states, late_rows(work.db, changed))


def _batches(db: Connection, sessions: list[int]) -> Iterator[list[int]]:
    """`sessions` in lists that come to `AT_ONCE` rows or a session more."""
    sizes = dict(db.execute("SELECT session, COUNT(*) FROM response GROUP BY session").fetchall())
    batch: list[int] = []
    size = 0
    for session in sessions:
        batch.append(session)
        size += 1 + sizes.get(session, 0)
        if size >= AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _place(db: Connection, name: str) -> tuple[str, str]:
    """(project, channel) of a session of a ledger."""
    query = (
        "SELECT p.name, c.name FROM session s JOIN label p ON p.id = s.project"
        " JOIN label c ON c.id = s.channel WHERE s.name = ?"
    )
    found: tuple[str, str] = db.execute(query, (name,)).fetchone()
    return found


def _count(db: Connection) -> tuple[int, int, int]:
    """Sessions, calls and tokens of a ledger."""
    query = (
        "SELECT COUNT(DISTINCT session), COALESCE(SUM(calls), 0),"
        " COALESCE(SUM(input + output + cache_creation + cache_read), 0) FROM rollup"
    )
    found: tuple[int, int, int] = db.execute(query).fetchone()
    return found
