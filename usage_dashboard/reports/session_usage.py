"""All that one session used, whatever the window of the screen, and how session ids are shortened."""

from __future__ import annotations

from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from usage_dashboard.aggregator import add_durations, build_report
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.model.windows import Window
from usage_dashboard.reports.window_usage import WindowUsage
from usage_dashboard.store.read import session_detail
from usage_dashboard.store.read.totals import count_unknown_background

if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection

    from usage_dashboard.reports.reader import LedgerReader
    from usage_dashboard.store.read.session_detail import StoredSession
    from usage_dashboard.store.read.totals import Bucket

PREFIX_LEAST = 8
LAST = "last"
NAMED_IN_ERROR = 3


def read_session_usage(
    reader: LedgerReader, db: Connection, session: StoredSession, buckets: Iterable[Bucket]
) -> WindowUsage:
    """Read all usage of `session` as a report of the time since it began; `buckets` are its own."""
    usage = WindowUsage(Window("session", session.first_us))
    tools = session_detail.read_session_tool_buckets(db, session)
    usage.report = build_report(buckets, tools, reader.zone.day)
    add_durations(usage.report, session_detail.read_session_durations(db, session))
    usage.report.background_unknown_sessions = count_unknown_background(db, [session.name])
    usage.spans = {session.name: (session.first_us, session.last_us)}
    usage.recorded = True
    return usage


def find_session(db: Connection, asked: str) -> StoredSession:
    """Return the session whose id begins with `asked`, or the newest for `last`.

    Raises:
        UsageDashboardError: no session matches, or more than one.
    """
    last = session_detail.last_session(db) if asked == LAST else None
    found = session_detail.find_sessions(db, asked) if last is None else [last]
    if not found:
        hint = "usage-dashboard sessions --window all"
        raise UsageDashboardError(f"No session's id begins with `{asked}`", hint=hint)
    if len(found) > 1:
        named = ", ".join(session.name for session in found[:NAMED_IN_ERROR])
        more = f" and {len(found) - NAMED_IN_ERROR} more" if len(found) > NAMED_IN_ERROR else ""
        message = f"{len(found)} sessions' ids begin with `{asked}`: {named}{more}"
        raise UsageDashboardError(message, hint=f"usage-dashboard session {found[0].name}")
    return found[0]


def id_prefix_length(reader: LedgerReader) -> int:
    """How many characters of a session id are needed to tell every session of the ledger apart."""
    with reader.open_ledger() as db:
        names = sorted(session.name for session in session_detail.list_sessions(db)) if db is not None else []
    return max([PREFIX_LEAST, *(_shared_length(left, right) + 1 for left, right in pairwise(names))])


def _shared_length(left: str, right: str) -> int:
    """The length of the prefix that two names share."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))
