"""Merging another machine's ledger into the one in a folder: each call once, however often it is merged.

The other file is copied first and left as it is; the copy is upgraded to this release's format and to this
ledger's prices. Official percentages and read positions stay with the machine that has them.
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
from usage_dashboard.pricing.lookup import PriceLookup
from usage_dashboard.store import schema
from usage_dashboard.store.connection import COMMAND_WAIT_SECONDS, DatabaseError, open_writer, transaction
from usage_dashboard.store.indexes import build_small_indexes
from usage_dashboard.store.ledger_errors import writing_ledger
from usage_dashboard.store.merge import calls, sessions, totals
from usage_dashboard.store.merge.source import SourceLedger
from usage_dashboard.store.meta import rows_since_us
from usage_dashboard.store.upkeep.reprice import reprice
from usage_dashboard.store.upkeep.retention import prune_rows
from usage_dashboard.store.write import background
from usage_dashboard.store.write.labels import Labels
from usage_dashboard.store.write.price_cache import ensure_price_table
from usage_dashboard.store.write.sessions import Sessions, late_rows
from usage_dashboard.store.write.unit_of_work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

    from usage_dashboard.model.events import CostState
    from usage_dashboard.model.rows import ResponseRow

ROWS_AT_ONCE = 2000
"""How many rows one transaction changes, give or take a session: a hook waits a second for the ledger."""


class MergeResult:
    """How many sessions, calls and tokens of every kind a merge added."""

    __slots__ = ("calls", "sessions", "tokens")

    def __init__(self, before: tuple[int, int, int], after: tuple[int, int, int]) -> None:
        self.sessions, self.calls, self.tokens = (b - a for a, b in zip(before, after, strict=True))


def merge_ledger(home: str, path: str) -> MergeResult:
    """Merge the ledger at `path` (the file, or the folder that it is in) into the one in `home`.

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
    tariff = PriceLookup(lambda: settings.prices)
    with (
        _copy_of(file) as copy,
        closing(_open_upgraded(copy, file, tariff)) as theirs,
        writing_ledger(home),
        closing(open_writer(home, COMMAND_WAIT_SECONDS)) as db,
    ):
        labels = Labels(db, lambda: settings.privacy_labels)
        return _merge_all(theirs, _unit_of_work(db, labels, theirs, tariff), tariff)


@contextmanager
def _copy_of(file: str) -> Iterator[str]:
    """Copy the ledger `file` into a temporary folder, which is gone after the block."""
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


def _open_upgraded(folder: str, file: str, tariff: PriceLookup) -> Connection:
    """Open the copy in `folder`, with the tables of this release and the prices of `tariff`.

    Raises:
        LedgerError: it is not a ledger, damaged, or of a format that this release does not know.
    """
    try:
        with closing(sqlite3.connect(paths.ledger_file(folder))) as db:
            if not schema.read_version(db):
                raise LedgerError(f"`{file}` is not a ledger of usage-dashboard", hint=f"file {file}")
        with closing(open_writer(folder)) as db:
            build_small_indexes(db)
            with transaction(db):
                prune_rows(db, rows_since_us(db))
                reprice(db, tariff.table.fingerprint, tariff.cost)
        return open_writer(folder)
    except DatabaseError as error:
        raise LedgerError(f"`{file}` cannot be read as a ledger", hint=f"file {file}") from error


def _unit_of_work(db: Connection, labels: Labels, theirs: Connection, tariff: PriceLookup) -> Work:
    """A unit of work on the ledger `db`; sessions that are new there get their project from `theirs`."""
    return Work(db, labels, Sessions(db, labels, lambda name: _project_and_channel(theirs, name)), tariff)


def _merge_all(theirs: Connection, work: Work, tariff: PriceLookup) -> MergeResult:
    db, source = work.db, SourceLedger(theirs, work)
    with transaction(db):
        before = _count_usage(db)
        ensure_price_table(db, lambda: tariff.table.fingerprint)
        reprice(db, tariff.table.fingerprint, tariff.cost)
        session_ids = sessions.list_sessions(source, work)
        for session in session_ids:
            sessions.merge_session(work, source, session)
        work.sessions.write()
        totals.merge_pruned(db, source)
        totals.merge_totals(db, source)
    for batch in _batch_sessions(theirs, session_ids):
        with transaction(db):
            _merge_batch(work, source, batch)
    with transaction(db):
        calls.merge_unlinked_results(work, source)
        return MergeResult(before, _count_usage(db))


def _merge_batch(work: Work, source: SourceLedger, session_ids: list[int]) -> None:
    """Merge the calls of some sessions, and derive those that no transcript shows."""
    changed: list[ResponseRow] = []
    states: list[CostState] = []
    for session in session_ids:
        changed += calls.merge_calls(work, source, session)
        states += sessions.read_cost_states(source, session)
    background.settle(work, states, late_rows(work.db, changed))


def _batch_sessions(db: Connection, sessions: list[int]) -> Iterator[list[int]]:
    """`sessions` in lists that come to `ROWS_AT_ONCE` rows or a session more."""
    sizes = dict(db.execute("SELECT session, COUNT(*) FROM response GROUP BY session").fetchall())
    batch: list[int] = []
    size = 0
    for session in sessions:
        batch.append(session)
        size += 1 + sizes.get(session, 0)
        if size >= ROWS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _project_and_channel(db: Connection, name: str) -> tuple[str, str]:
    """(project, channel) of a session of a ledger."""
    query = (
        "SELECT p.name, c.name FROM session s JOIN label p ON p.id = s.project"
        " JOIN label c ON c.id = s.channel WHERE s.name = ?"
    )
    project, channel = db.execute(query, (name,)).fetchone()
    return project, channel


def _count_usage(db: Connection) -> tuple[int, int, int]:
    """Sessions, calls and tokens of a ledger."""
    query = (
        "SELECT COUNT(DISTINCT session), COALESCE(SUM(calls), 0),"
        " COALESCE(SUM(input + output + cache_creation + cache_read), 0) FROM rollup"
    )
    sessions, calls, tokens = db.execute(query).fetchone()
    return sessions, calls, tokens
