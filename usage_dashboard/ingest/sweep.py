"""Reading every transcript on disk into the ledger: for `import`, and for commands that show usage."""

from __future__ import annotations

import os
from contextlib import closing

from usage_dashboard.config import paths
from usage_dashboard.config.settings import read_settings
from usage_dashboard.ingest.client_state import new_client_prices
from usage_dashboard.ingest.transcripts.cowork_files import list_cowork_files
from usage_dashboard.ingest.transcripts.files import closed_since_ns
from usage_dashboard.ingest.transcripts.linked_folders import list_transcripts_below
from usage_dashboard.model.events import DAY_US
from usage_dashboard.model.ids import file_id
from usage_dashboard.pricing.client_prices import listed_prices
from usage_dashboard.pricing.lookup import PriceLookup
from usage_dashboard.pricing.own_names import read_price_names
from usage_dashboard.store.connection import COMMAND_WAIT_SECONDS, open_writer
from usage_dashboard.store.indexes import build_small_indexes, pack_ledger
from usage_dashboard.store.ledger_errors import writing_ledger
from usage_dashboard.store.meta import read_price_fingerprint, read_salt, write_client_prices
from usage_dashboard.store.upkeep.retention import has_rows_before, prune_rows
from usage_dashboard.store.write.file_offsets import read_sizes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from sqlite3 import Connection

    from usage_dashboard.ingest.scanner import Scanner

    Progress = Callable[[int, int], None]
    """Called with (bytes done, bytes in all)."""
    ChangedFile = tuple[int, str, int]
    """(time of change, path, bytes)"""

MANY_BYTES = 4 * 1024 * 1024
"""From this size on, files that were never read go through the bulk import."""

BATCH_BYTES = 32 * 1024 * 1024
"""How much is read in one transaction: a hook that waits for the ledger waits less than its second."""

MOST_FOLDER_NAME = 200


def claude_folders(home: str) -> list[str]:
    """The Claude Code folders to sweep: those that `setup` recorded, and the usual ones.

    Raises:
        SettingsError: `config.json` cannot be used.
    """
    recorded = read_settings(paths.config_file(home)).roots
    return list(dict.fromkeys([*recorded, *paths.claude_config_dirs()]))


def sweep(
    home: str,
    now_us: int,
    progress: Progress | None = None,
    extra: tuple[str, ...] = (),
    wait_seconds: float = COMMAND_WAIT_SECONDS,
) -> int:
    """Read what is new in every transcript and return how many responses were new to the ledger.

    `extra` names files or folders beside the known ones; `wait_seconds` is how long to wait for another
    writer. What was read stays read when this is interrupted. Old rows are dropped and prices brought up
    to date on the way.

    Raises:
        SettingsError: `config.json` cannot be used.
        LedgerError: the ledger is locked, full or damaged.
    """
    return read_changed(home, now_us, list_transcripts(home, extra), wait_seconds, progress)


def read_changed(
    home: str,
    now_us: int,
    transcripts: Iterable[os.DirEntry[str]],
    wait_seconds: float,
    progress: Progress | None = None,
) -> int:
    """Read what is new in `transcripts` and return how many responses were new to the ledger.

    If nothing is new, nothing is written, and no more modules are loaded than it takes to see that.

    Raises:
        SettingsError: `config.json` cannot be used.
        LedgerError: the ledger is locked, full or damaged.
    """
    with writing_ledger(home), closing(open_writer(home, wait_seconds)) as db:
        build_small_indexes(db)
        upkeep = _Upkeep(home, now_us, db)
        changed = _list_changed(db, transcripts)
        if not changed and not upkeep.is_due(db):
            return 0
        from usage_dashboard.ingest.scanner import Scanner  # noqa: PLC0415 - see above: 4 of 40 ms

        scanner = Scanner(home, db=db)
        scanner.closed_ns = closed_since_ns(now_us)
        _read_all(scanner, changed, progress)
        upkeep.carry_out(scanner)
        pack_ledger(db, scanner.fresh)
        return scanner.fresh


def list_transcripts(home: str, extra: tuple[str, ...] = ()) -> Iterator[os.DirEntry[str]]:
    """Every transcript in the folders of Claude Code and Cowork, and below `extra`.

    If projects were recorded, only theirs are listed, and none of Cowork's.

    Raises:
        SettingsError: `config.json` cannot be used.
    """
    settings = read_settings(paths.config_file(home))
    projects = [_transcript_folder(project) for project in settings.projects]
    for root in claude_folders(home):
        folder = os.path.join(root, "projects")
        if not projects:
            yield from list_transcripts_below(folder)
            continue
        for project in projects:
            yield from list_transcripts_below(os.path.join(folder, project))
    for folder in () if projects else paths.cowork_folders():
        yield from list_cowork_files(folder)
    for path in extra:
        yield from _list_path(path)


def _list_path(path: str) -> Iterator[os.DirEntry[str]]:
    """The transcripts that a path names: the file itself, or those below the folder."""
    path = os.path.abspath(path)
    if os.path.isdir(path):
        yield from list_transcripts_below(path, every_link=True)
        return
    folder, name = os.path.split(path)
    with os.scandir(folder) as listing:
        yield from [entry for entry in listing if entry.name == name]


def _transcript_folder(project: str) -> str:
    """The folder name of a project's transcripts: its path, with `-` for all but letters and digits."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in project)[:MOST_FOLDER_NAME]


def _list_changed(db: Connection, transcripts: Iterable[os.DirEntry[str]]) -> list[ChangedFile]:
    """The files that were not read to their end, oldest first; a file that is reached by two ways only once.

    In the order of time a response copied by a fork meets the session that was billed for it first.
    """
    salt, met = read_salt(db), set[tuple[int, int]]()
    known = {file: (size, changed_ns) for file, size, changed_ns in read_sizes(db)}
    changed = {}
    for entry in transcripts:
        try:
            status = entry.stat()
        except OSError:
            continue
        identity = (status.st_dev, status.st_ino)
        if identity in met:
            continue
        if status.st_ino:  # 0 on Windows, where a listing does not say it
            met.add(identity)
        if known.get(file_id(salt, entry.path)) != (status.st_size, status.st_mtime_ns):
            changed[entry.path] = (status.st_mtime_ns, entry.path, status.st_size)
    return sorted(changed.values())


def _read_all(scanner: Scanner, files: list[ChangedFile], progress: Progress | None) -> None:
    """Read `files`: by the bulk import if much of it was never read."""
    total, done = sum(size for _, _, size in files), 0

    def report(size: int) -> None:
        nonlocal done
        before, done = done, done + size
        if progress is not None and (before // BATCH_BYTES != done // BATCH_BYTES or done == total):
            progress(done, total)

    queue = [(path, size) for _, path, size in files]
    if total >= MANY_BYTES:
        with scanner:
            known = [scanner.knows(path) for path, _ in queue]
        new = [file for file, is_known in zip(queue, known, strict=True) if not is_known]
        if sum(size for _, size in new) >= MANY_BYTES:
            from usage_dashboard.ingest.bulk.importer import import_files  # noqa: PLC0415 - pays off at this size only

            import_files(scanner, new, report)
            queue = [file for file, is_known in zip(queue, known, strict=True) if is_known]
    _read_each(scanner, queue, report)


def _read_each(scanner: Scanner, queue: list[tuple[str, int]], report: Callable[[int], None]) -> None:
    queue.reverse()
    while queue:
        with scanner:
            batch_bytes = 0
            while queue and batch_bytes < BATCH_BYTES:
                path, size = queue.pop()
                batch_bytes += size
                try:
                    scanner.file(path, most_pieces=1_000_000)
                except OSError:  # removed in the meantime: what was read of it stays known
                    continue
        report(batch_bytes)


class _Upkeep:
    """What a sweep keeps in order: requests without an answer, stored costs, and rows past their time."""

    def __init__(self, home: str, now_us: int, db: Connection) -> None:
        settings = read_settings(paths.config_file(home))
        self._folders = claude_folders(home)
        self._tariff = PriceLookup(
            lambda: settings.prices,
            names=lambda: read_price_names(settings, db),
            listed=lambda: listed_prices(db),
        )
        self._now_us = now_us
        self._before_us = now_us - settings.retention_days * DAY_US

    def is_due(self, db: Connection) -> bool:
        """Whether there is anything to do."""
        return (
            new_client_prices(db, self._folders) is not None
            or read_price_fingerprint(db) != self._tariff.table.fingerprint
            or has_rows_before(db, self._before_us)
            or db.execute("SELECT 1 FROM open_request LIMIT 1").fetchone() is not None
        )

    def carry_out(self, scanner: Scanner) -> None:
        """Count lost requests, bring stored costs to the prices in force, and drop rows past their time."""
        from usage_dashboard.store.upkeep.reprice import reprice  # noqa: PLC0415 - most sweeps find nothing to do

        with scanner:
            scanner.give_up(self._now_us)
            found = new_client_prices(scanner.db, self._folders)
            if found is not None:
                write_client_prices(scanner.db, found)
            reprice(scanner.db, self._tariff.table.fingerprint, self._tariff.cost)
            prune_rows(scanner.db, self._before_us)
