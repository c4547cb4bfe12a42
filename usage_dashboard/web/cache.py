"""What this process knows of the ledger: swept seldom, read once for each of its states.

The page and the routes share one cache; its methods may be called from any thread.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING

from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.model.events import DAY_US
from usage_dashboard.model.windows import Window
from usage_dashboard.reports.envelope import build_envelope
from usage_dashboard.reports.reader import LedgerReader
from usage_dashboard.reports.session_usage import read_session_usage
from usage_dashboard.store.change_mark import read_mark
from usage_dashboard.store.read import session_detail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from usage_dashboard.reports.window_usage import WindowUsage
    from usage_dashboard.store.read.session_detail import ExtensionUsage, StoredSession

    Wanted = Mapping[str, tuple[str, ...]]

SWEEP_SECONDS = 3.0
"""How long the result of a sweep is recent enough for the next request."""

WAIT_SECONDS = 2.0
"""How long a request waits for another program that has locked the ledger."""

KEPT_REPORTS = 32
RECENT_DAYS = 30


def _now_us() -> int:
    return time.time_ns() // 1000


class LedgerCache:
    """Caches reports of the ledger in the folder `home`; `clock` returns UTC microseconds."""

    def __init__(self, home: str, clock: Callable[[], int] = _now_us) -> None:
        self._home = home
        self._clock = clock
        self._sweep_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._swept_at: float | None = None
        self._sweep_error: UsageDashboardError | None = None
        self._reports: OrderedDict[tuple[object, ...], WindowUsage] = OrderedDict()

    def new_reader(self) -> LedgerReader:
        """Make a reader of the ledger as it is now.

        Raises:
            SettingsError: `config.json` cannot be used.
        """
        return LedgerReader(self._home, self._clock(), wait_seconds=WAIT_SECONDS)

    def sweep(self, reader: LedgerReader) -> None:
        """Read what is new in the transcripts, unless that was done a moment ago.

        Raises:
            UsageDashboardError: the ledger or a folder of transcripts could not be used, now or a moment ago.
        """
        with self._sweep_lock:
            if self._swept_at is None or time.monotonic() - self._swept_at >= SWEEP_SECONDS:
                try:
                    reader.sweep()
                    self._sweep_error = None
                except UsageDashboardError as error:
                    self._sweep_error = error
                self._swept_at = time.monotonic()
            if self._sweep_error is not None:
                raise self._sweep_error

    def usage(self, reader: LedgerReader, window: Window, wanted: Wanted | None = None) -> WindowUsage:
        """The usage in `window` that matches `wanted`. The result is shared: do not modify it.

        Raises:
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        wanted = wanted or {}
        edges = (window.name, window.since_us, window.until_us, window.reset_source)
        with self._read_lock:
            # The mark is taken first: what is written during the read makes the next request read again.
            key = (read_mark(self._home), reader.zone.name, edges, tuple(sorted(wanted.items())))
            usage = self._reports.get(key)
            if usage is None:
                usage = self._reports[key] = reader.read_usage(window, wanted)
                while len(self._reports) > KEPT_REPORTS:
                    self._reports.popitem(last=False)
            self._reports.move_to_end(key)
        return usage

    def recent_usage(self, reader: LedgerReader, wanted: Wanted) -> WindowUsage:
        """The usage of the last days up to now, by whole days of the user's zone."""
        midnight = reader.window_named("day").since_us
        since_us = reader.zone.instant(
            reader.zone.wall(midnight - (RECENT_DAYS - 1) * DAY_US).replace(hour=0)
        )
        return self.usage(reader, Window("recent", since_us), wanted)

    def window_document(self, name: str) -> dict[str, object]:
        """The envelope of the window called `name`, after a sweep.

        Raises:
            UsageDashboardError: the settings or the ledger cannot be used.
        """
        reader = self.new_reader()
        self.sweep(reader)
        return build_envelope(self.usage(reader, reader.window_named(name)), reader.limit_rows())

    def sessions(self, reader: LedgerReader, usage: WindowUsage) -> list[StoredSession]:
        """The sessions of `usage`, most recently active first.

        Raises:
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        with reader.open_ledger() as db:
            known = session_detail.list_sessions(db) if db is not None else []
        return [session for session in known if session.name in usage.report.sessions]

    def session_usage(
        self, reader: LedgerReader, session: StoredSession
    ) -> tuple[WindowUsage, list[ExtensionUsage]]:
        """All usage of one session, and what Claude Code itself charges its responses to.

        Raises:
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        with reader.open_ledger() as db:
            assert db is not None  # noqa: S101 - it holds the session
            buckets = session_detail.read_session_buckets(db, session)
            return read_session_usage(reader, db, session, buckets), session_detail.read_extension_usage(
                db, session
            )


@lru_cache
def shared_cache(home: str) -> LedgerCache:
    """The cache of this process for the ledger in the folder `home`."""
    return LedgerCache(home)
