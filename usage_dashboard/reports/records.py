"""Single calls, sessions and days as rows of documented columns, for files and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model.events import BUCKET_US, SECOND_US
from usage_dashboard.reports.envelope import dollars, figures, stamp
from usage_dashboard.store.read import session_detail
from usage_dashboard.store.read.totals import FOREVER_US
from usage_dashboard.store.read.views import names, selected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.model.windows import Window
    from usage_dashboard.reports.filters import Filters
    from usage_dashboard.reports.report import WindowUsage

    Cell = str | int | float | None
    Record = tuple[Cell, ...]

SESSION, PROJECT, CHANNEL, AGENT, MODEL = (
    names("calls").index(name) for name in ("session", "project", "channel", "agent", "model")
)


def calls(db: Connection, window: Window, filters: Filters) -> Iterator[Record]:
    """The calls in `window` whose rows are kept and that match, the oldest first: one row at a time.

    Their columns are those of the view `calls`. Filters by tool do not apply.
    """
    where = " WHERE x.at_us >= ? AND x.at_us < ? ORDER BY x.at_us, x.id"
    until_us = FOREVER_US if window.until_us is None else window.until_us
    found = db.execute(selected("calls", "x.at_us") + where, (window.since_us, until_us))
    placed = ((*_bucket(at_us, call), call) for at_us, *call in found)
    for row in filters.kept(placed):
        yield tuple(row[-1])


def _bucket(at_us: int, call: list[Cell]) -> tuple[Cell, ...]:
    """The place of a call, as buckets have it."""
    return (
        at_us // BUCKET_US, call[SESSION], call[PROJECT], call[CHANNEL], None, call[AGENT], call[MODEL],
    )  # fmt: skip


def sessions(db: Connection, usage: WindowUsage) -> Iterator[Record]:
    """The sessions of a report with their use in its window, the one that began first first."""
    known = [session for session in session_detail.read_sessions(db) if session.name in usage.report.sessions]
    for session in sorted(known, key=lambda session: (session.first_us, session.name)):
        yield (
            session.name,
            session.project,
            session.channel,
            stamp(session.first_us),
            stamp(session.last_us),
            (session.last_us - session.first_us) // SECOND_US,
            *_totals(usage.report.sessions[session.name], attributed=usage.report.attributed),
        )


def days(usage: WindowUsage) -> Iterator[Record]:
    """The days of a report that have any use, the first first."""
    for day, totals in sorted(usage.report.days.items()):
        yield (day, totals.tasks, *_totals(totals, attributed=usage.report.attributed))


def _totals(totals: Totals, *, attributed: bool) -> tuple[Cell, ...]:
    """The figures of a row; what a cache saved is not known of what is only `attributed`."""
    unknown = attributed or totals.priced_nusd is None
    amounts: list[Cell] = [*figures(totals).values()]  # type: ignore[list-item]
    return (totals.turns, *amounts, None if unknown else dollars(totals.savings_nusd), totals.incomplete)
