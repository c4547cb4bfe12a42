"""The recorded usage for programs and notebooks: `from usage_dashboard import Ledger`."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict
from weakref import WeakSet

from usage_dashboard.config import paths
from usage_dashboard.ingest.sweep import Follower
from usage_dashboard.model import windows
from usage_dashboard.model.errors import LedgerError, UsageDashboardError
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.reports import records, results
from usage_dashboard.reports.envelope import envelope
from usage_dashboard.reports.filters import DIMENSIONS, Filters
from usage_dashboard.reports.reader import LedgerReader
from usage_dashboard.store.connection import open_reader

if TYPE_CHECKING:
    import os
    from collections.abc import Generator, Iterator, Sequence
    from typing import Self, Unpack

    from usage_dashboard.model.windows import Window
    from usage_dashboard.reports.filters import Wanted
    from usage_dashboard.reports.results import Call, Limit, Session, Usage

OLD_SECONDS = 60
"""After this time a watched window is read again though nobody wrote: it moves on by itself."""


class Matching(TypedDict, total=False):
    """What is to be counted: one value or several of each, of which one has to match.

    A model matches by its name or its family (`opus`), a session by the beginning of its id.
    """

    project: str | Sequence[str]
    model: str | Sequence[str]
    agent: str | Sequence[str]
    channel: str | Sequence[str]
    session: str | Sequence[str]
    tool: str | Sequence[str]
    day: str | Sequence[str]


class Ledger:
    """The usage that is recorded on this machine.

    Every question first reads what is new in Claude Code's transcripts, unless `home` names the folder of
    another ledger. `zone` is what days are (`Europe/Berlin`), that of the settings where it is empty::

        from usage_dashboard import Ledger

        with Ledger() as ledger:
            week = ledger.usage("week", project="shop")
            print(week.totals.total_tokens, week.totals.cost_estimate_usd)
            for row in week.by("model"):
                print(row["model"], row["cache_hit_rate"])
            slow = [session for session in ledger.sessions("7D") if session.duration_seconds > 3600]
            longest = max((call.output_tokens for call in ledger.calls("month", model="opus")), default=0)

    In a notebook, `pandas.DataFrame(ledger.calls("month"))` is a table of single calls, with
    `week.by("day")` likewise. Windows are those of the command: `1H` to `1M`, `5h`, `day`, `week`, `month`,
    `all`; or `since` and `until`, datetimes with a zone or whole days.

    Raises:
        UsageDashboardError: from every question: a window, a time or a zone is none, `config.json` cannot be
            used (`SettingsError`), or the ledger cannot be read (`LedgerError`).
    """

    def __init__(self, home: str | os.PathLike[str] | None = None, *, zone: str = "") -> None:
        self.home = paths.ledger_home() if home is None else str(home)
        self._sweeps = home is None
        self._zone = _zone(zone) if zone else None
        self._running: WeakSet[Generator[object]] = WeakSet()

    def __enter__(self) -> Self:
        """The ledger itself."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End what `calls` and `watch` gave and was not read to its end, and what they hold open."""
        for running in list(self._running):
            running.close()

    def sweep(self) -> int:
        """Read what is new in the transcripts into the ledger; how many responses were new."""
        return self._reader().sweep()

    def usage(
        self,
        window: str | None = None,
        *,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        **matching: Unpack[Matching],
    ) -> Usage:
        """The usage of a window, of this week where none is named; of what matches.

        A day as `until` is part of it.
        """
        reader = self._swept()
        return _usage(reader, _window(reader, window or "week", since, until), _wanted(matching))

    def sessions(
        self,
        window: str | None = None,
        *,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        **matching: Unpack[Matching],
    ) -> list[Session]:
        """The sessions with any use in a window, of all time where none is named, the first first."""
        reader = self._swept()
        found = reader.read_usage(_window(reader, window or "all", since, until), _wanted(matching))
        with reader.open_ledger() as db:
            return [] if db is None else [results.session(record) for record in records.sessions(db, found)]

    def calls(
        self,
        window: str | None = None,
        *,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        **matching: Unpack[Matching],
    ) -> Iterator[Call]:
        """The single calls in a window, of all time where none is named: the oldest first, one by one.

        The ledger keeps them for 90 days (`retention_days`), totals for ever. They cannot be told apart by
        `tool`, since one call may ask for several.
        """
        if "tool" in matching:
            raise UsageDashboardError("Single calls do not match a tool", hint="Ledger().usage(tool=...)")
        reader = self._swept()
        found = _calls(reader, _window(reader, window or "all", since, until), _wanted(matching))
        self._running.add(found)
        return found

    def limits(self) -> list[Limit]:
        """How much of the client's allowances is used, as far as it was told."""
        return [results.limit(row) for row in self._swept().limit_rows()]

    def watch(
        self, interval: float = 2.0, window: str = "week", **matching: Unpack[Matching]
    ) -> Iterator[Usage]:
        """The usage of a window now, and anew whenever it changed; it is looked at every `interval` seconds.

        It goes on until the caller leaves the loop. What cannot be read at the moment is tried again at the
        next look.
        """
        reader = self._swept()
        _window(reader, window, None, None)
        found = self._watch(interval, window, _wanted(matching))
        self._running.add(found)
        return found

    def _watch(self, interval: float, window: str, wanted: Wanted) -> Generator[Usage]:
        follower = Follower(self.home) if self._sweeps else None
        changes = _Changes(self.home)
        last: Usage | None = None
        try:
            while True:
                reader = self._reader()
                with suppress(LedgerError, OSError):  # locked or full: the next look tries again
                    if follower is not None:
                        follower.follow(reader.now_us)
                if changes.any(reader.now_us):
                    found = _usage(reader, _window(reader, window, None, None), wanted)
                    if found != last:
                        last = found
                        yield found
                time.sleep(interval)
        finally:
            changes.close()

    def _reader(self) -> LedgerReader:
        return LedgerReader(self.home, time.time_ns() // 1000, self._zone)

    def _swept(self) -> LedgerReader:
        reader = self._reader()
        if self._sweeps:
            reader.sweep()
        return reader


class _Changes:
    """Whether the ledger in a folder was written since it was last asked for."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._db = open_reader(home)
        self._seen: tuple[int, int] | None = None

    def any(self, now_us: int) -> bool:
        """Whether it was, or nobody looked for so long that time alone may have changed something."""
        if self._db is None:
            self._db = open_reader(self._home)
        version = 0 if self._db is None else self._db.execute("PRAGMA data_version").fetchone()[0]
        seen = (version, now_us // (OLD_SECONDS * SECOND_US))
        changed, self._seen = seen != self._seen, seen
        return changed

    def close(self) -> None:
        """Close the ledger."""
        if self._db is not None:
            self._db.close()


def _usage(reader: LedgerReader, window: Window, wanted: Wanted) -> Usage:
    return results.Usage(envelope(reader.read_usage(window, wanted), reader.limit_rows()))


def _calls(reader: LedgerReader, window: Window, wanted: Wanted) -> Generator[Call]:
    with reader.open_ledger() as db:
        if db is not None:
            for record in records.calls(db, window, Filters(wanted, reader.zone.day)):
                yield results.call(record)


def _wanted(matching: Matching) -> Wanted:
    for name in matching:
        if name not in DIMENSIONS:
            raise TypeError(f"{name!r} is none of {', '.join(DIMENSIONS)}")
    return {
        name: [value] if isinstance(value, str) else [*value]  # type: ignore[misc]
        for name, value in matching.items()
    }


def _window(
    reader: LedgerReader, name: str, since: datetime | date | None, until: datetime | date | None
) -> Window:
    if since is None and until is None:
        if name not in windows.NAMES:
            hint = f"One of {', '.join(windows.NAMES)}"
            raise UsageDashboardError(f"No window is called `{name}`", hint=hint)
        return reader.window_named(name)
    since_us = 0 if since is None else max(0, _instant(reader, since, whole_days=0))
    until_us = None if until is None else _instant(reader, until, whole_days=1)
    return windows.Window("custom", since_us, until_us)


def _instant(reader: LedgerReader, when: datetime | date, *, whole_days: int) -> int:
    """The instant `when`; of a day its beginning, `whole_days` later."""
    if not isinstance(when, datetime):
        return reader.zone.instant(datetime.combine(when, datetime.min.time()) + timedelta(days=whole_days))
    if when.tzinfo is None:
        hint = "datetime(2026, 11, 22, 14, 30, tzinfo=UTC), or a date for a whole day"
        raise UsageDashboardError("A time has to say its zone", hint=hint)
    return int(when.timestamp() * SECOND_US)


def _zone(name: str) -> windows.Zone:
    try:
        return windows.Zone(name)
    except ValueError as error:
        message = f"`{name}` has to be a time zone such as Europe/Berlin"
        raise UsageDashboardError(message, hint='Ledger(zone="Europe/Berlin")') from error
