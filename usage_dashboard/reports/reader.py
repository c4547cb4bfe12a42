"""The reader of a ledger: what every screen starts from, with its time, settings and zone."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cached_property

from usage_dashboard.config import paths
from usage_dashboard.config.settings import read_settings
from usage_dashboard.ingest import sweep
from usage_dashboard.ingest.transcripts import files
from usage_dashboard.limits import current
from usage_dashboard.limits.overview import LimitsOverview, read_overview
from usage_dashboard.limits.user_windows import observed_blocks, user_window
from usage_dashboard.model import windows
from usage_dashboard.model.errors import SettingsError, UsageDashboardError
from usage_dashboard.model.past_blocks import block_before
from usage_dashboard.reports import window_usage
from usage_dashboard.reports.envelope import limit_rows
from usage_dashboard.store.connection import COMMAND_WAIT_SECONDS, DatabaseError, is_locked, open_reader
from usage_dashboard.store.ledger_errors import reading_ledger, unwritable_ledger
from usage_dashboard.store.read.totals import read_busy_quarters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from sqlite3 import Connection
    from typing import Literal

    from usage_dashboard.model.windows import Window, Zone
    from usage_dashboard.reports.filters import Wanted
    from usage_dashboard.reports.window_usage import WindowUsage

CALENDARS = ("day", "week", "month")
"""Windows that are not always equally long."""


class LedgerReader:
    """Reads the ledger in a folder as of `now_us`, in `zone` or that of the settings.

    `wait_seconds` is how long to wait for another program that has locked the ledger.

    Raises:
        SettingsError: `config.json` cannot be used.
    """

    def __init__(
        self, home: str, now_us: int, zone: Zone | None = None, wait_seconds: float = COMMAND_WAIT_SECONDS
    ) -> None:
        self.home = home or paths.ledger_home()
        self.now_us = now_us
        self._wait_seconds = wait_seconds
        self.settings = read_settings(paths.config_file(self.home))
        try:
            self.zone = zone or windows.Zone(self.settings.timezone)
        except ValueError as error:
            hint = "usage-dashboard config set timezone Europe/Berlin"
            raise SettingsError("The setting `timezone` names no known time zone", hint=hint) from error

    @property
    def zone_problem(self) -> str:
        """What is wrong with the environment's `TZ`, as a sentence; empty where it is not used or right."""
        if self.zone.name or not os.environ.get("TZ"):
            return ""
        from usage_dashboard.config.time_zone import zone_problem  # noqa: PLC0415 - most machines set no TZ

        return zone_problem(os.environ)

    @cached_property
    def limits_overview(self) -> LimitsOverview:
        """The limits, and when they reset.

        Raises:
            SettingsError: the weekly reset is in a zone that this machine does not know.
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        if os.path.exists(paths.ledger_file(self.home)):
            folder = paths.chosen_claude_folder() or os.path.realpath(sweep.claude_folders(self.home)[0])
            self._store_cached_limits(folder)
        with self.open_ledger() as db, _known_reset_zone():
            return LimitsOverview() if db is None else read_overview(db, self.settings, self.now_us)

    def limit_rows(self) -> list[dict[str, object]]:
        """The limits as rows of the envelope.

        Raises:
            SettingsError: the weekly reset is in a zone that this machine does not know.
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        levels = self.settings.alerts_levels
        return limit_rows(self.limits_overview.limits, self.now_us, levels)

    def window_named(self, name: str, at_us: int | None = None) -> Window:
        """The window called `name` that contains now, or `at_us`.

        Raises:
            SettingsError: the weekly reset is in a zone that this machine does not know.
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        at_us = self.now_us if at_us is None else at_us
        busy_us: list[int] = []
        if name == "5h":
            with self.open_ledger() as db:
                busy_us = [] if db is None else read_busy_quarters(db, at_us - windows.WEEK_US)
        resets = self.limits_overview.resets
        with _known_reset_zone():
            return user_window(name, at_us, self.zone, self.settings, resets, busy_us)

    def window_before(self, window: Window) -> Window | None:
        """The window before `window`; None if that has no beginning.

        Raises:
            SettingsError: the weekly reset is in a zone that this machine does not know.
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        if window.since_us <= 0:
            return None
        if window.name == "5h":
            return self._block_before(window)
        if window.name not in CALENDARS:
            return windows.window_before(window, self.now_us)
        previous = self.window_named(window.name, window.since_us - 1)
        previous.back = window.back + 1
        return previous

    def _block_before(self, window: Window) -> Window:
        """The block with any use before `window`; where there is none, the five hours before it."""
        before_us = window.since_us if window.until_us is not None else self.now_us
        resets_us, busy_us = self._past_use
        block = block_before(before_us, resets_us, busy_us)
        if block is None or block.since_us >= window.since_us:
            return windows.window_before(window, self.now_us)
        block.back = window.back + 1
        return block

    @cached_property
    def _past_use(self) -> tuple[list[int], list[int]]:
        """The observed resets of 5-hour blocks, and the quarters of an hour with any use."""
        with self.open_ledger() as db:
            if db is None:
                return [], []
            return observed_blocks(db, self.settings.roots, self.now_us), read_busy_quarters(db, 0)

    def sweep(self, extra: tuple[str, ...] = (), progress: Callable[[int, int], None] | None = None) -> int:
        """Read what is new in the transcripts into the ledger; return how many responses were new.

        `progress` is called with the bytes read and those to read in all; `extra` names files or folders
        beside the known ones.

        Raises:
            SettingsError: `config.json` cannot be used.
            LedgerError: the ledger is locked, full or damaged, or its folder cannot be written.
        """
        if not extra and self._has_nothing_to_read():
            return 0
        try:
            return sweep.sweep(self.home, self.now_us, progress, extra, self._wait_seconds)
        except OSError as error:
            raise self._sweep_error(error) from error

    def read_usage(
        self,
        window: Window,
        wanted: Wanted | None = None,
        day_of: Callable[[int], str] | None = None,
    ) -> WindowUsage:
        """Read the usage in `window` that matches `wanted` (see `Filters`).

        `day_of` names the day of an instant, in place of the days of the zone.

        Raises:
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        with reading_ledger(self.home):
            return window_usage.read_usage(self.home, window, self.zone, wanted, day_of, self._wait_seconds)

    @contextmanager
    def open_ledger(self) -> Iterator[Connection | None]:
        """Open the ledger for reading; None if there is none yet.

        Raises:
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        with reading_ledger(self.home):
            db = open_reader(self.home, self._wait_seconds)
            try:
                yield db
            finally:
                if db is not None:
                    db.close()

    @contextmanager
    def open_views(self) -> Iterator[Connection | None]:
        """Open the ledger with its documented SQL views; None if there is none yet.

        Raises:
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        from usage_dashboard.store.read.views import open_views  # noqa: PLC0415 - most screens do without

        with reading_ledger(self.home):
            db = open_views(self.home, self.zone.day)
            try:
                yield db
            finally:
                if db is not None:
                    db.close()

    def ledger_state(self) -> Literal["missing", "empty", "used"]:
        """`missing` if nothing was set up, `empty` if nothing was recorded yet, else `used`."""
        with self.open_ledger() as db:
            if db is None:
                return "empty" if self.settings.roots else "missing"
            from usage_dashboard.store.read.session_detail import is_ledger_empty  # noqa: PLC0415 - an empty page's question

            return "empty" if is_ledger_empty(db) else "used"

    def _store_cached_limits(self, folder: str) -> None:
        """Store the percentages that Claude Code has cached, unless another program has locked the ledger."""
        with reading_ledger(self.home):
            try:
                current.record_cached(self.home, folder, self.now_us, self._wait_seconds)
            except DatabaseError as error:
                if not is_locked(error):
                    raise

    def _sweep_error(self, error: OSError) -> UsageDashboardError:
        """The error for a sweep that failed at the ledger's folder, or at something to read."""
        path = str(error.filename or self.home)
        if path.startswith(self.home):
            return unwritable_ledger(self.home)
        from shlex import quote  # noqa: PLC0415 - seldom

        return UsageDashboardError(f"`{path}` cannot be read", hint=f"ls -ld {quote(path)}")

    def _has_nothing_to_read(self) -> bool:
        """Whether there is neither a ledger nor a transcript: then a sweep should not create a ledger."""
        if os.path.exists(paths.ledger_file(self.home)):
            return False
        folders = (os.path.join(root, "projects") for root in sweep.claude_folders(self.home))
        return not any(True for folder in folders for _ in files.jsonl_files(folder))


@contextmanager
def _known_reset_zone() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        hint = "usage-dashboard config set weekly_reset 'tue 09:46 Europe/Berlin'"
        raise SettingsError("The setting `weekly_reset` names no known time zone", hint=hint) from error
