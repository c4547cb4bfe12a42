"""What was used in a window, read from the ledger in a folder: every screen starts from this."""

from __future__ import annotations

from contextlib import closing

from usage_dashboard.aggregator import Report, add_durations
from usage_dashboard.reports.filters import Filters
from usage_dashboard.store.connection import COMMAND_WAIT_SECONDS, open_reader
from usage_dashboard.store.ledger_errors import reading_ledger
from usage_dashboard.store.read.totals import (
    Span,
    count_unknown_background,
    read_buckets,
    read_durations,
    read_session_spans,
    read_tool_buckets,
    read_tool_sums,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

    from usage_dashboard.model.windows import Window, Zone
    from usage_dashboard.reports.filters import Wanted


class WindowUsage:
    """The report of a window. `recorded` is False if there is no ledger yet.

    `spans` maps each session to when it was first and last seen (UTC microseconds), whatever the window.
    `approximate` means that an edge of the window counts a whole quarter-hour.
    """

    def __init__(self, window: Window) -> None:
        self.window = window
        self.report = Report()
        self.spans: dict[str, tuple[int, int]] = {}
        self.recorded = self.approximate = False


def read_usage(
    home: str,
    window: Window,
    zone: Zone,
    wanted: Wanted | None = None,
    day_of: Callable[[int], str] | None = None,
    wait_seconds: float = COMMAND_WAIT_SECONDS,
) -> WindowUsage:
    """Read the usage in `window` that matches `wanted` (see `Filters`).

    `day_of` names the day of an instant, in place of the days of `zone`; `wait_seconds` is how long to wait
    for another program that has locked the ledger.

    Raises:
        LedgerError: the ledger is damaged, or of a format that this release does not know.
    """
    usage = WindowUsage(window)
    with reading_ledger(home):
        db = open_reader(home, wait_seconds)
        if db is not None:
            with closing(db):
                _fill(db, usage, Filters(wanted or {}, zone.day), day_of or zone.day)
    return usage


def _fill(db: Connection, usage: WindowUsage, filters: Filters, day_of: Callable[[int], str]) -> None:
    window = usage.window
    span = Span(db, window.since_us, window.until_us)
    buckets = read_buckets(db, span)
    tools = read_tool_buckets(db, span) if filters.is_narrow else read_tool_sums(db, span)
    usage.report = filters.build_report(buckets, tools, day_of)
    durations = filters.keep_matching(read_durations(db, window.since_us, window.until_us))
    add_durations(usage.report, ((str(call[7]), int(call[-1])) for call in durations))
    usage.report.background_unknown_sessions = count_unknown_background(db, usage.report.sessions)
    usage.spans = read_session_spans(db, list(usage.report.sessions))
    usage.recorded, usage.approximate = True, span.approximate
