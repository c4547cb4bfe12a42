"""Every transcript on disk into the ledger: what `import` does, and each command that shows usage."""

from __future__ import annotations

import os
import time

from usage_dashboard.config import paths, settings
from usage_dashboard.ingest.transcripts import files as places
from usage_dashboard.model.errors import LedgerError
from usage_dashboard.model.events import DAY_US
from usage_dashboard.model.ids import file_id
from usage_dashboard.pricing.lookup import Tariff
from usage_dashboard.store.connection import (
    COMMAND_WAIT_SECONDS,
    HOOK_WAIT_SECONDS,
    DatabaseError,
    open_writer,
)
from usage_dashboard.store.indexes import make_small, pack
from usage_dashboard.store.meta import read_price_fingerprint, read_salt
from usage_dashboard.store.upkeep.retention import is_over, prune
from usage_dashboard.store.write.file_offsets import read_sizes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from sqlite3 import Connection

    from usage_dashboard.ingest.scanner import Scanner

MANY_BYTES = 4 * 1024 * 1024
"""From so much on, files that were never read are taken in at once (`bulk`)."""

BATCH_BYTES = 32 * 1024 * 1024
"""How much is read in one transaction: a hook that waits for the ledger waits less than its second."""

MOST_SLUG = 200


def roots(home: str) -> list[str]:
    """The Claude Code folders whose transcripts are swept: those that `setup` recorded, and the usual ones.

    Raises:
        SettingsError: `config.json` cannot be used.
    """
    recorded = settings.texts_of(settings.read(paths.config_file(home)), "roots")
    return list(dict.fromkeys([*recorded, *paths.claude_config_dirs()]))


def sweep(
    home: str,
    now_us: int,
    progress: Callable[[int, int], None] | None = None,
    extra: tuple[str, ...] = (),
    wait_seconds: float = COMMAND_WAIT_SECONDS,
) -> int:
    """Read what is new in every transcript; how many responses were new to the ledger.

    `progress` is told (bytes done, bytes in all) as it goes; `extra` names files or folders beside the
    known ones; `wait_seconds` is how long it waits for another writer. What was read stays read when it
    is interrupted. Old rows are dropped and prices brought up to date on the way.

    Raises:
        SettingsError: `config.json` cannot be used.
        LedgerError: the ledger is locked, full or damaged.
    """
    return _take_in(home, now_us, _transcripts(home, extra), wait_seconds, progress)


class Follower:
    """Takes in what changed in transcripts, again and again, at a price that does not grow with them.

    A look costs time for every file. After one it rests so long that all looks together take no more than
    one part in `REST` of a processor.
    """

    REST = 200

    def __init__(self, home: str) -> None:
        self._home = home
        self._seen: dict[str, tuple[int, int]] = {}
        self._rests_until = 0.0

    def follow(self, now_us: int) -> None:
        """Bring the ledger up to the transcripts; what cannot be taken in now is tried again next time.

        Raises:
            SettingsError: `config.json` cannot be used.
            LedgerError: the ledger is locked, full or damaged.
            OSError: the ledger's folder cannot be written.
        """
        if time.monotonic() < self._rests_until:
            return
        began = time.process_time()
        changed = list(self._look())
        self._rests_until = time.monotonic() + self.REST * (time.process_time() - began)
        if changed:
            _take_in(self._home, now_us, (entry for entry, _ in changed), HOOK_WAIT_SECONDS)
        self._seen.update((entry.path, state) for entry, state in changed)

    def _look(self) -> Iterator[tuple[os.DirEntry[str], tuple[int, int]]]:
        """The transcripts that changed since they were taken in, with their size and time of change."""
        for entry in _transcripts(self._home):
            try:
                status = entry.stat()
            except OSError:
                continue
            state = (status.st_size, status.st_mtime_ns)
            if self._seen.get(entry.path) != state:
                yield entry, state


def _take_in(
    home: str,
    now_us: int,
    found: Iterator[os.DirEntry[str]],
    wait_seconds: float,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Read what is new in the files `found`; how many responses were new to the ledger.

    Where nothing is, nothing is written, and no more is loaded than it takes to see that.
    """
    db: Connection | None = None
    try:
        db = open_writer(home, wait_seconds)
        make_small(db)
        house = _House(home, now_us)
        files = _changed(db, found)
        if not files and house.is_kept(db):
            return 0
        from usage_dashboard.ingest.scanner import Scanner  # noqa: PLC0415 - see above: 4 of 40 ms

        scanner = Scanner(home, db=db)
        _read_all(scanner, files, progress)
        house.keep(scanner)
        pack(db, scanner.fresh)
    except DatabaseError as error:
        raise LedgerError(
            f"The ledger in `{home}` cannot be written", hint="usage-dashboard doctor"
        ) from error
    finally:
        if db is not None:
            db.close()
    return scanner.fresh


def _transcripts(home: str, extra: tuple[str, ...] = ()) -> Iterator[os.DirEntry[str]]:
    """Every transcript below the roots, of the recorded projects only where there are any."""
    config = settings.read(paths.config_file(home))
    wanted = [_slug(project) for project in settings.texts_of(config, "projects")]
    for root in roots(home):
        folder = os.path.join(root, "projects")
        if not wanted:
            yield from places.jsonl_files(folder)
            continue
        for slug in wanted:
            yield from places.jsonl_files(os.path.join(folder, slug))
    for path in extra:
        yield from _named(path)


def _named(path: str) -> Iterator[os.DirEntry[str]]:
    """The transcripts that a path names: the file itself, or those below the folder."""
    path = os.path.abspath(path)
    if os.path.isdir(path):
        yield from places.jsonl_files(path)
        return
    folder, name = os.path.split(path)
    with os.scandir(folder) as listing:
        yield from [entry for entry in listing if entry.name == name]


def _slug(project: str) -> str:
    """The folder of a project's transcripts: its path with everything but letters and digits as `-`."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in project)[:MOST_SLUG]


def _changed(db: Connection, files: Iterator[os.DirEntry[str]]) -> list[tuple[int, str, int]]:
    """(time of change, path, bytes) of the files that are not read to their end, the oldest first.

    In the order of time a response copied by a fork meets the session that was billed for it first.
    """
    salt = read_salt(db)
    known = {place: (size, changed_ns) for place, size, changed_ns in read_sizes(db)}
    found = {}
    for entry in files:
        try:
            status = entry.stat()
        except OSError:
            continue
        if known.get(file_id(salt, entry.path)) != (status.st_size, status.st_mtime_ns):
            found[entry.path] = (status.st_mtime_ns, entry.path, status.st_size)
    return sorted(found.values())


def _read_all(
    scanner: Scanner, files: list[tuple[int, str, int]], progress: Callable[[int, int], None] | None
) -> None:
    """Read the files, (time of change, path, bytes) of each: at once if there is much that never was read."""
    total, done = sum(size for _, _, size in files), 0

    def tell(size: int) -> None:
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
            from usage_dashboard.ingest.bulk.importer import take  # noqa: PLC0415 - pays off at this size only

            take(scanner, new, tell)
            queue = [file for file, is_known in zip(queue, known, strict=True) if is_known]
    _read_each(scanner, queue, tell)


def _read_each(scanner: Scanner, queue: list[tuple[str, int]], tell: Callable[[int], None]) -> None:
    queue.reverse()
    while queue:
        with scanner:
            taken = 0
            while queue and taken < BATCH_BYTES:
                path, size = queue.pop()
                taken += size
                try:
                    scanner.file(path, most_pieces=1_000_000)
                except OSError:  # removed while we read: what it held is known as far as it was read
                    continue
        tell(taken)


class _House:
    """What a sweep keeps in order: requests without an answer, stored costs, and rows past their time."""

    def __init__(self, home: str, now_us: int) -> None:
        config = settings.read(paths.config_file(home))
        self._tariff = Tariff(lambda: config["prices"])
        self._now_us = now_us
        self._before_us = now_us - settings.number_of(config, "retention_days") * DAY_US

    def is_kept(self, db: Connection) -> bool:
        """Whether there is nothing to do."""
        return (
            read_price_fingerprint(db) == self._tariff.table.fingerprint
            and not is_over(db, self._before_us)
            and db.execute("SELECT 1 FROM open_request LIMIT 1").fetchone() is None
        )

    def keep(self, scanner: Scanner) -> None:
        """Drop rows past their time, and bring stored costs to the prices in force."""
        from usage_dashboard.store.upkeep.reprice import reprice  # noqa: PLC0415 - most sweeps find nothing to do

        with scanner:
            scanner.give_up(self._now_us)
            reprice(scanner.db, self._tariff.table.fingerprint, self._tariff.cost)
            prune(scanner.db, self._before_us)
