"""The data of `live`: a window's usage with budgets and last calls, read again after changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.aggregator import sum_buckets
from usage_dashboard.cli.pages import budget_state, calls
from usage_dashboard.cli.reader import CommandReader
from usage_dashboard.ingest.follow import Follower
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.reports.envelope import build_envelope, iso_time, to_dollars
from usage_dashboard.store.change_mark import read_mark
from usage_dashboard.store.read import session_detail

if TYPE_CHECKING:
    from usage_dashboard.aggregator import Totals
    from usage_dashboard.limits.budget import BudgetState
    from usage_dashboard.model.windows import Window
    from usage_dashboard.store.read.session_detail import StoredCall

BURN_MINUTES = 10
BURN_US = BURN_MINUTES * 60 * SECOND_US
CALLS_MOST = 5

OLD_US = 60 * SECOND_US
"""After this time all is read again: rolling windows and the ages of percentages move on by themselves."""


class BurnRate:
    """The usage per time in the last ten minutes, of which `totals` is the sum."""

    __slots__ = ("totals",)

    def __init__(self, totals: Totals) -> None:
        self.totals = totals

    @property
    def tokens_per_minute(self) -> int:
        """Tokens of all kinds."""
        return self.totals.total_tokens // BURN_MINUTES

    @property
    def nusd_per_hour(self) -> int | None:
        """Nano-USD; None if no call has a price."""
        known = self.totals.priced_nusd
        return None if known is None else known * 60 // BURN_MINUTES

    def to_json(self) -> dict[str, object]:
        """The rates as plain values."""
        return {
            "minutes": BURN_MINUTES,
            "tokens_per_minute": self.tokens_per_minute,
            "cost_estimate_usd_per_hour": to_dollars(self.nusd_per_hour),
        }


class LiveSnapshot:
    """The ledger as read at `reader.now_us` and shown at `now_us`."""

    def __init__(self, reader: CommandReader, window: Window) -> None:
        self.reader = reader
        self.now_us = reader.now_us
        self.lags = False
        self.usage = reader.read_usage(window)
        caps = budget_state.budgets_in_force(reader)
        spent = budget_state.read_current_periods(reader, caps)
        self.states: list[BudgetState] = [spent[budget.period].state(budget) for budget in caps]
        self.calls: list[calls.CallWithTools] = []
        self._recent: list[StoredCall] = []
        self._active: tuple[int, int] | None = None
        with reader.open_ledger() as db:
            if db is not None:
                between = (window.since_us, window.until_us)
                self.calls = calls.attach_tools(db, session_detail.read_last_calls(db, *between, CALLS_MOST))
                self._recent = session_detail.read_last_calls(db, reader.now_us - BURN_US)
                self._active = session_detail.read_active_span(db, *between)

    @property
    def seconds(self) -> int | None:
        """Seconds from the first to the last call of the window; None if none is kept."""
        return None if self._active is None else (self._active[1] - self._active[0]) // SECOND_US

    @property
    def burn(self) -> BurnRate:
        """The usage per time as of now."""
        return BurnRate(
            sum_buckets(call.bucket for call in self._recent if call.at_us > self.now_us - BURN_US)
        )

    def to_json(self) -> dict[str, object]:
        """The report's JSON with the parts that only this screen has."""
        return {
            **build_envelope(self.usage, self.reader.limit_rows()),
            "at": iso_time(self.now_us),
            "duration_seconds": self.seconds,
            "burn": self.burn.to_json(),
            "budgets": budget_state.budgets_to_json(self.states, self.now_us),
            "last_calls": calls.calls_to_json(self.calls),
            "lags": self.lags,
        }


class LiveMonitor:
    """Keeps `snapshot` up to date: reads new transcript lines if it `follows` them, and a changed ledger."""

    def __init__(self, reader: CommandReader, window: Window, *, follows: bool) -> None:
        self._window = window
        self._moves = window.name != "custom" and (window.until_us is None or window.until_us > reader.now_us)
        self._follower = Follower(reader.home) if follows else None
        self._mark = read_mark(reader.home)
        self.snapshot = LiveSnapshot(reader, window)

    def refresh(self) -> None:
        """Bring the snapshot up to now.

        Raises:
            SettingsError: `config.json` cannot be used.
            LedgerError: the ledger is damaged, or of a format that this release does not know.
        """
        last = self.snapshot.reader
        reader = CommandReader(last.home, last.zone)
        lags = self._follow(reader)
        mark, until_us = read_mark(reader.home), last.now_us + OLD_US
        if self._moves:
            until_us = min(until_us, self._window.until_us or until_us)
        if mark != self._mark or not last.now_us <= reader.now_us < until_us:
            if self._moves:
                self._window = reader.window_named(self._window.name)
            self._mark, self.snapshot = mark, LiveSnapshot(reader, self._window)
        self.snapshot.now_us, self.snapshot.lags = reader.now_us, lags

    def _follow(self, reader: CommandReader) -> bool:
        """Read new transcript lines; return True if the ledger cannot be written now."""
        try:
            if self._follower is not None:
                self._follower.follow(reader.now_us)
        except (UsageDashboardError, OSError):
            return True  # locked or full: what is known is shown on, and the next look tries again
        return False
