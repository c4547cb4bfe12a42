"""Many transcripts into the ledger at once, with the rows that `Scanner.file` makes of them one by one.

Their rows are stored as `FileParser` makes them, many files in one transaction: an eighth of the time that
as many small changes take, and no hook waits while files are read. A file that has to be merged with others
is read by the scanner, after them.
"""

from __future__ import annotations

import gc
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from usage_dashboard.ingest.bulk.batch import Batch
from usage_dashboard.ingest.bulk.id_map import IdMap
from usage_dashboard.ingest.bulk.workers import parse_files, processes_for
from usage_dashboard.model.ids import file_id
from usage_dashboard.model.requests import EARLY
from usage_dashboard.store.write import bulk_insert
from usage_dashboard.store.write.file_offsets import write_position

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_dashboard.ingest.bulk.parsed_file import ParsedFile
    from usage_dashboard.ingest.scanner import Scanner

CACHE_KB = 24 * 1024
"""Pages that one transaction changes stay in memory: with the usual 2 MB each is written several times."""

USUAL_CACHE_KB = 2000

MOST_RESPONSES = 32_000
"""How many are stored in one transaction: a hook waits for it less than its second."""


def import_files(
    scanner: Scanner, files: list[tuple[str, int]], done: Callable[[int], None], processes: int = 0
) -> None:
    """Import `files`, (path, bytes) of transcripts that were never read, in their order.

    `done` gets the bytes of each when it was read; rows are stored at the end, and now and then before.
    `processes` is how many read beside the one that stores, as many as are worth it if that is 0; with 1
    there is no other process.

    Raises:
        sqlite3.DatabaseError: the ledger is locked, full or damaged.
    """
    with scanner:
        pass  # readers hash with the ledger's salt, which a new one has from here on
    scanner.db.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    importer = Importer(scanner)
    collecting = gc.isenabled()
    gc.disable()  # nothing here is cyclic for long, and looking for it takes a tenth of the time
    try:
        processes = processes or processes_for(sum(size for _, size in files))
        with closing(parse_files(scanner, files, processes)) as found:
            for (maker, path, parsed), (_, size) in zip(found, files, strict=True):
                importer.add(maker, path, parsed)
                done(size)
        importer.finish()
        scanner.db.execute(f"PRAGMA cache_size = -{USUAL_CACHE_KB}")
    finally:
        if collecting:
            gc.enable()


class Importer:
    """Sheets on their way into the ledger, in the order of their files."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._names: dict[int, IdMap] = {}
        self._held: list[tuple[str, ParsedFile, IdMap]] = []
        self._responses = 0
        self._ids: set[int] = set()
        self._threads: set[tuple[str, int]] = set()
        self._late: list[str] = []
        self._late_ids: set[int] = set()
        self._version = bulk_insert.data_version(scanner.db)
        self._shared = not bulk_insert.is_empty(scanner.db)
        """Whether the ledger has rows of which nothing is known here."""

    def add(self, maker: int, path: str, parsed: ParsedFile | None) -> None:
        """Import the file at `path` as it was parsed; None if it could not be read."""
        if parsed is None or not parsed.usual:
            self._keep()
            self._read(path)
            self._shared = True  # nothing is known of what it names
            return
        if maker not in self._names:
            self._names[maker] = IdMap(self._scanner)
        self._names[maker].learn(parsed)
        self._held.append((path, parsed, self._names[maker]))
        self._responses += len(parsed.responses)
        if self._responses > MOST_RESPONSES:
            self._keep()

    def finish(self) -> None:
        """Store everything: what is held, and then what the scanner has to merge with it."""
        self._keep()
        for path in self._late:
            self._read(path)

    def _keep(self) -> None:
        """Store what is held."""
        if not self._held:
            return
        with self._scanner as scanner:
            scanner.prices.note_unusable()
            version = bulk_insert.data_version(scanner.db)
            self._shared = self._shared or version != self._version
            batch = Batch(scanner.work)
            for path, parsed, names in self._held:
                ids, threads = parsed.ids(), parsed.threads()
                if (
                    threads & self._threads
                    or ids & self._late_ids
                    or not self._take(batch, path, parsed, names, ids)
                ):
                    self._late.append(path)
                    self._late_ids |= ids
                self._ids |= ids
                self._threads |= threads
            batch.finish()
        self._held, self._responses = [], 0

    def _take(self, batch: Batch, path: str, parsed: ParsedFile, names: IdMap, ids: set[int]) -> bool:
        """Add what `parsed` has, with its `ids`, to `batch`; False if only the scanner can read it."""
        scanner = self._scanner
        known, missed = self._ids & ids, self._ids.intersection(parsed.answered)
        if self._shared:
            known |= bulk_insert.known(scanner.db, ids)
            missed |= bulk_insert.known(scanner.db, parsed.answered)
            sessions = [scanner.work.sessions.find(name) for name, _, _ in parsed.sessions]
            if scanner.knows(path) or any(
                bulk_insert.has_open_end(scanner.db, session) for session in sessions
            ):
                return False
        if not batch.may_be_answered(missed) or _asks_again(parsed, known):
            return False
        scanner.met(parsed.places)
        if not batch.add(parsed, names, known):
            return False
        write_position(scanner.db, file_id(scanner.salt, path), parsed.position)
        scanner.fresh += len(parsed.responses)
        scanner.damaged += parsed.damaged
        return True

    def _read(self, path: str) -> None:
        """Let the scanner read a file."""
        with self._scanner, suppress(OSError):  # removed while we read: what it held is known so far
            self._scanner.file(path, most_pieces=1_000_000)


def _asks_again(parsed: ParsedFile, known: set[int]) -> bool:
    """Whether a request waits here that waits elsewhere too, or may only be early by what is a copy here."""
    return any(
        request in known or (known and class_id == EARLY) for request, _, _, class_id, _ in parsed.open
    )
