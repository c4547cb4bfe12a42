"""One session in full, whatever the window of the screen it is opened from, and how sessions are named."""

from __future__ import annotations

from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from usage_dashboard.aggregator import report, take_durations
from usage_dashboard.model.windows import Window
from usage_dashboard.reports.report import WindowUsage
from usage_dashboard.store.read import session_detail
from usage_dashboard.store.read.totals import count_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection

    from usage_dashboard.reports.reader import LedgerReader
    from usage_dashboard.store.read.session_detail import Session
    from usage_dashboard.store.read.totals import Bucket

PREFIX_LEAST = 8


def of_session(
    reader: LedgerReader, db: Connection, found: Session, buckets: Iterable[Bucket]
) -> WindowUsage:
    """Everything of the session, as a report of the time since it began; `buckets` are its own."""
    usage = WindowUsage(Window("session", found.first_us))
    usage.report = report(buckets, session_detail.read_tool_buckets(db, found), reader.zone.day)
    take_durations(usage.report, session_detail.read_durations(db, found))
    usage.report.background_unknown_sessions = count_unknown(db, [found.name])
    usage.spans = {found.name: (found.first_us, found.last_us)}
    usage.recorded = True
    return usage


def prefix_length(reader: LedgerReader) -> int:
    """How much of a session's id tells every session of the ledger from every other."""
    with reader.open_ledger() as db:
        names = sorted(session.name for session in session_detail.read_sessions(db)) if db is not None else []
    return max([PREFIX_LEAST, *(_common(left, right) + 1 for left, right in pairwise(names))])


def _common(left: str, right: str) -> int:
    """How many characters two names begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))
