"""Single calls, sessions and days as rows of documented columns, for export and for the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model.events import BUCKET_US, SECOND_US
from usage_dashboard.reports.envelope import iso_time, to_dollars, token_fields
from usage_dashboard.store.read import session_detail
from usage_dashboard.store.read.totals import FOREVER_US
from usage_dashboard.store.read.views import column_names, view_query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.model.windows import Window
    from usage_dashboard.reports.filters import Filters
    from usage_dashboard.reports.window_usage import WindowUsage

    Value = str | int | float | None
    Record = tuple[Value, ...]

SESSION, PROJECT, CHANNEL, AGENT, MODEL = (
    column_names("calls").index(name) for name in ("session", "project", "channel", "agent", "model")
)


def call_rows(db: Connection, window: Window, filters: Filters) -> Iterator[Record]:
    """Yield the calls in `window` that match and are still kept, oldest first.

    Their columns are those of the SQL view `calls`. Filters by tool do not apply.
    """
    where = " WHERE x.at_us >= ? AND x.at_us < ? ORDER BY x.at_us, x.id"
    until_us = FOREVER_US if window.until_us is None else window.until_us
    calls = db.execute(view_query("calls", "x.at_us") + where, (window.since_us, until_us))
    keyed = ((*_bucket_key(at_us, call), call) for at_us, *call in calls)
    for row in filters.keep_matching(keyed):
        yield tuple(row[-1])


def _bucket_key(at_us: int, call: list[Value]) -> tuple[Value, ...]:
    """The fields of a call that filters look at, in the order of a bucket's."""
    return (
        at_us // BUCKET_US, call[SESSION], call[PROJECT], call[CHANNEL], None, call[AGENT], call[MODEL],
    )  # fmt: skip


def session_rows(db: Connection, usage: WindowUsage) -> Iterator[Record]:
    """Yield the sessions of a report with their use in its window, in the order they began."""
    known = [session for session in session_detail.list_sessions(db) if session.name in usage.report.sessions]
    for session in sorted(known, key=lambda session: (session.first_us, session.name)):
        yield (
            session.name,
            session.project,
            session.channel,
            iso_time(session.first_us),
            iso_time(session.last_us),
            (session.last_us - session.first_us) // SECOND_US,
            *_token_values(usage.report.sessions[session.name], attributed=usage.report.attributed),
        )


def day_rows(usage: WindowUsage) -> Iterator[Record]:
    """Yield the days of a report that have any use, oldest first."""
    for day, totals in sorted(usage.report.days.items()):
        yield (day, totals.tasks, *_token_values(totals, attributed=usage.report.attributed))


def _token_values(totals: Totals, *, attributed: bool) -> Record:
    """Turns, token fields, savings and incomplete calls; `attributed` shares have no known savings."""
    unknown = attributed or totals.priced_nusd is None
    amounts: list[Value] = [*token_fields(totals).values()]  # type: ignore[list-item]
    savings = None if unknown else to_dollars(totals.savings_nusd)
    return (totals.turns, *amounts, savings, totals.incomplete)
