"""The ledger for everyone who looks through this process: swept seldom, read once for each of its states.

The page and the routes share one of these; its methods may be called from any thread.
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
from usage_dashboard.store.change_mark import mark
from usage_dashboard.store.read import session_detail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from usage_dashboard.reports.window_usage import WindowUsage
    from usage_dashboard.store.read.session_detail import Mark, Session

    Wanted = Mapping[str, tuple[str, ...]]

SWEEP_SECONDS = 3.0
"""How long what a sweep found is new enough for whoever asks next."""

WAIT_SECONDS = 2.0
"""How long a reader of the page waits for another program that has the ledger."""

KEPT_READINGS = 32
RECENT_DAYS = 30


def _now_us() -> int:
    return time.time_ns() // 1000


class Ledger:
    """The ledger in the folder `home`; `clock` gives UTC microseconds."""

    def __init__(self, home: str, clock: Callable[[], int] = _now_us) -> None:
        self._home = home
        self._clock = clock
        self._sweeping = threading.Lock()
        self._reading = threading.Lock()
        self._swept_at: float | None = None
        self._fault: UsageDashboardError | None = None
        self._kept: OrderedDict[tuple[object, ...], WindowUsage] = OrderedDict()

    def reader(self) -> LedgerReader:
        """The ledger as it is now.

        Raises:
            SettingsError: `config.json` cannot be used.
        """
        return LedgerReader(self._home, self._clock(), wait_seconds=WAIT_SECONDS)

    def take_new(self, reader: LedgerReader) -> None:
        """Take what is new in the transcripts, unless that was done a moment ago.

        Raises:
            UsageDashboardError: the ledger or a transcript's folder could not be used, now or a moment ago.
        """
        with self._sweeping:
            if self._swept_at is None or time.monotonic() - self._swept_at >= SWEEP_SECONDS:
                try:
                    reader.sweep()
                    self._fault = None
                except UsageDashboardError as error:
                    self._fault = error
                self._swept_at = time.monotonic()
            if self._fault is not None:
                raise self._fault

    def usage(self, reader: LedgerReader, window: Window, wanted: Wanted | None = None) -> WindowUsage:
        """The usage in `window`, of what is `wanted`; whoever asks must not change it.

        Raises:
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        wanted = wanted or {}
        edges = (window.name, window.since_us, window.until_us, window.reset_source)
        with self._reading:
            # The mark is taken first: what is written while we read makes the next reader read again.
            asked = (mark(self._home), reader.zone.name, edges, tuple(sorted(wanted.items())))
            found = self._kept.get(asked)
            if found is None:
                found = self._kept[asked] = reader.read_usage(window, wanted)
                while len(self._kept) > KEPT_READINGS:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(asked)
        return found

    def recent(self, reader: LedgerReader, wanted: Wanted) -> WindowUsage:
        """The usage of the last days up to now, by whole days of the user's zone."""
        midnight = reader.window_named("day").since_us
        since_us = reader.zone.instant(
            reader.zone.wall(midnight - (RECENT_DAYS - 1) * DAY_US).replace(hour=0)
        )
        return self.usage(reader, Window("recent", since_us), wanted)

    def document(self, name: str) -> dict[str, object]:
        """The envelope of the window called `name`, with what is new.

        Raises:
            UsageDashboardError: the settings or the ledger cannot be used.
        """
        reader = self.reader()
        self.take_new(reader)
        return build_envelope(self.usage(reader, reader.window_named(name)), reader.limit_rows())

    def sessions(self, reader: LedgerReader, usage: WindowUsage) -> list[Session]:
        """The sessions of `usage`, the one that was active last first.

        Raises:
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        with reader.open_ledger() as db:
            known = session_detail.read_sessions(db) if db is not None else []
        return [session for session in known if session.name in usage.report.sessions]

    def session(self, reader: LedgerReader, found: Session) -> tuple[WindowUsage, list[Mark]]:
        """Everything of one session, and what Claude Code itself charges its responses to.

        Raises:
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        with reader.open_ledger() as db:
            assert db is not None  # noqa: S101 - a session was found in it
            return read_session_usage(
                reader, db, found, session_detail.read_buckets(db, found)
            ), session_detail.read_marks(db, found)


@lru_cache
def shared(home: str) -> Ledger:
    """The one of this process for the folder `home`."""
    return Ledger(home)
