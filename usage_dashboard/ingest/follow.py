"""Following transcripts while a screen or a program watches them."""

from __future__ import annotations

import time

from usage_dashboard.ingest.sweep import list_transcripts, read_changed
from usage_dashboard.ingest.transcripts.files import closed_since_ns
from usage_dashboard.store.connection import HOOK_WAIT_SECONDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    FileState = tuple[int, int, bool]
    """(bytes, time of change in nanoseconds, whether that is so long ago that nothing follows)"""


class Follower:
    """Reads what changed in transcripts, again and again, at a price that does not grow with their size.

    A look costs time for every file. After one it rests so long that all looks together take no more than
    one part in `REST` of a processor.
    """

    REST = 200

    def __init__(self, home: str) -> None:
        self._home = home
        self._seen: dict[str, FileState] = {}
        self._rests_until = 0.0

    def follow(self, now_us: int) -> None:
        """Bring the ledger up to the transcripts; what cannot be read now is tried again next time.

        Raises:
            SettingsError: `config.json` cannot be used.
            LedgerError: the ledger is locked, full or damaged.
            OSError: the ledger's folder cannot be written.
        """
        if time.monotonic() < self._rests_until:
            return
        began = time.process_time()
        changed = list(self._list_changed(closed_since_ns(now_us)))
        self._rests_until = time.monotonic() + self.REST * (time.process_time() - began)
        if changed:
            read_changed(self._home, now_us, [entry for entry, _ in changed], HOOK_WAIT_SECONDS)
        self._seen.update((entry.path, state) for entry, state in changed)

    def _list_changed(self, closed_ns: int) -> Iterator[tuple[os.DirEntry[str], FileState]]:
        """The transcripts that changed since they were last read, with their present state."""
        for entry in list_transcripts(self._home):
            try:
                status = entry.stat()
            except OSError:
                continue
            state = (status.st_size, status.st_mtime_ns, status.st_mtime_ns < closed_ns)
            if self._seen.get(entry.path) != state:
                yield entry, state
