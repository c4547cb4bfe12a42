"""The recorded usage for programs and notebooks: `from usage_dashboard import Ledger`."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict
from weakref import WeakSet

from usage_dashboard.config import paths
from usage_dashboard.ingest.follow import Follower
from usage_dashboard.model.errors import LedgerError, UsageDashboardError
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.reports import export_rows, results
from usage_dashboard.reports.envelope import build_envelope
from usage_dashboard.reports.filters import DIMENSIONS, Filters
from usage_dashboard.reports.reader import LedgerReader
from usage_dashboard.reports.window_query import custom_window, parse_window_name, parse_zone, to_instant
from usage_dashboard.store.change_mark import read_mark

if TYPE_CHECKING:
    import os
    from collections.abc import Generator, Iterator, Sequence
    from datetime import date, datetime
    from typing import Self, Unpack

    from usage_dashboard.model.windows import Window, Zone
    from usage_dashboard.reports.filters import Wanted
    from usage_dashboard.reports.results import CallRow, LimitRow, SessionRow, Usage
    from usage_dashboard.store.change_mark import ChangeMark

OLD_SECONDS = 60
"""After this time a watched window is read again although nothing was written, since it moves with time."""


class Matching(TypedDict, total=False):
    """What to count: one or several values of a dimension, of which one has to match.

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

    Every query first reads what is new in Claude Code's transcripts, unless `home` names the folder of
    another ledger. `zone` is the time zone of days (`Europe/Berlin`), by default that of the settings::

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
        UsageDashboardError: by every query: the window, time or zone is not valid, `config.json` cannot be
            used (`SettingsError`), or the ledger cannot be read (`LedgerError`).
    """

    def __init__(self, home: str | os.PathLike[str] | None = None, *, zone: str = "") -> None:
        self.home = paths.ledger_home() if home is None else str(home)
        self._sweeps = home is None
        self._zone = _parse_zone(zone) if zone else None
        self._open_iterators: WeakSet[Generator[object]] = WeakSet()

    def __enter__(self) -> Self:
        """The ledger itself."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the iterators of `calls` and `watch` that are not exhausted, and close what they hold open."""
        for iterator in list(self._open_iterators):
            iterator.close()

    def sweep(self) -> int:
        """Read what is new in the transcripts into the ledger; return how many responses were new."""
        return self._new_reader().sweep()

    def usage(
        self,
        window: str | None = None,
        *,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        **matching: Unpack[Matching],
    ) -> Usage:
        """The usage of a window that matches, by default of this week.

        A day given as `until` is included.
        """
        reader = self._swept_reader()
        return _read_usage(reader, _pick_window(reader, window or "week", since, until), _to_wanted(matching))

    def sessions(
        self,
        window: str | None = None,
        *,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        **matching: Unpack[Matching],
    ) -> list[SessionRow]:
        """The sessions with any use in a window, by default of all time, in the order they began."""
        reader = self._swept_reader()
        usage = reader.read_usage(_pick_window(reader, window or "all", since, until), _to_wanted(matching))
        with reader.open_ledger() as db:
            if db is None:
                return []
            return [results.to_session_row(record) for record in export_rows.session_rows(db, usage)]

    def calls(
        self,
        window: str | None = None,
        *,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        **matching: Unpack[Matching],
    ) -> Iterator[CallRow]:
        """The single calls in a window, by default of all time: oldest first, one by one.

        The ledger keeps them for 90 days (`retention_days`), totals for ever. They cannot be filtered by
        `tool`, since one call may use several.
        """
        if "tool" in matching:
            raise UsageDashboardError("Single calls do not match a tool", hint="Ledger().usage(tool=...)")
        reader = self._swept_reader()
        calls = _iterate_calls(
            reader, _pick_window(reader, window or "all", since, until), _to_wanted(matching)
        )
        self._open_iterators.add(calls)
        return calls

    def limits(self) -> list[LimitRow]:
        """How much of each limit is used, as far as it was reported."""
        return [results.to_limit_row(row) for row in self._swept_reader().limit_rows()]

    def watch(
        self, interval: float = 2.0, window: str = "week", **matching: Unpack[Matching]
    ) -> Iterator[Usage]:
        """Yield the usage of a window now and after each change, checked every `interval` seconds.

        It goes on until the caller leaves the loop. What cannot be read at the moment is tried again at the
        next check.
        """
        reader = self._swept_reader()
        _pick_window(reader, window, None, None)
        watching = self._watch_usage(interval, window, _to_wanted(matching))
        self._open_iterators.add(watching)
        return watching

    def _watch_usage(self, interval: float, window: str, wanted: Wanted) -> Generator[Usage]:
        follower = Follower(self.home) if self._sweeps else None
        changes = _Changes(self.home)
        last: Usage | None = None
        while True:
            reader = self._new_reader()
            with suppress(LedgerError, OSError):  # locked or full: tried again at the next check
                if follower is not None:
                    follower.follow(reader.now_us)
            if changes.since_last_check(reader.now_us):
                usage = _read_usage(reader, _pick_window(reader, window, None, None), wanted)
                if usage != last:
                    last = usage
                    yield usage
            time.sleep(interval)

    def _new_reader(self) -> LedgerReader:
        return LedgerReader(self.home, time.time_ns() // 1000, self._zone)

    def _swept_reader(self) -> LedgerReader:
        reader = self._new_reader()
        if self._sweeps:
            reader.sweep()
        return reader


class _Changes:
    """Detects whether the ledger or the settings in a folder were written since the last check."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._last_state: tuple[ChangeMark, int] | None = None

    def since_last_check(self, now_us: int) -> bool:
        """Whether they were, or the last check is so old that time alone may have changed the usage."""
        state = (read_mark(self._home), now_us // (OLD_SECONDS * SECOND_US))
        changed, self._last_state = state != self._last_state, state
        return changed


def _read_usage(reader: LedgerReader, window: Window, wanted: Wanted) -> Usage:
    return results.Usage(build_envelope(reader.read_usage(window, wanted), reader.limit_rows()))


def _iterate_calls(reader: LedgerReader, window: Window, wanted: Wanted) -> Generator[CallRow]:
    with reader.open_ledger() as db:
        if db is not None:
            for record in export_rows.call_rows(db, window, Filters(wanted, reader.zone.day)):
                yield results.to_call_row(record)


def _to_wanted(matching: Matching) -> Wanted:
    for name in matching:
        if name not in DIMENSIONS:
            raise TypeError(f"{name!r} is none of {', '.join(DIMENSIONS)}")
    return {
        name: [value] if isinstance(value, str) else [*value]  # type: ignore[misc]
        for name, value in matching.items()
    }


def _pick_window(
    reader: LedgerReader, name: str, since: datetime | date | None, until: datetime | date | None
) -> Window:
    try:
        if since is not None or until is not None:
            since_us = None if since is None else to_instant(since, reader.zone)
            until_us = None if until is None else to_instant(until, reader.zone, ends=True)
            return custom_window(since_us, until_us)
        name = parse_window_name(name)
    except ValueError as error:
        hint = 'Ledger().usage("week"), since=date(2026, 11, 22), or a datetime with tzinfo=UTC'
        raise UsageDashboardError(str(error), hint=hint) from error
    return reader.window_named(name)


def _parse_zone(name: str) -> Zone:
    try:
        return parse_zone(name)
    except ValueError as error:
        raise UsageDashboardError(str(error), hint='Ledger(zone="Europe/Berlin")') from error
