"""The average session, and outliers: sessions that cost far more than the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.reports.envelope import to_dollars
from usage_dashboard.reports.wording import numbers, ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.reports.window_usage import WindowUsage
    from usage_dashboard.store.read.session_detail import StoredSession

COLUMNS = (
    TableColumn("", left=True),
    TableColumn("Sessions", 2),
    TableColumn("Duration", 4),
    TableColumn("Calls", 3),
    TableColumn("Tokens", style="figure"),
    TableColumn("Cost (est.)"),
)
PROJECTS_MOST = 6

LEAST = 8
"""With fewer sessions nothing is usual."""

SPREADS = 3
"""An outlier lies further above the third quartile than this many times the spread between the quartiles."""

MARK = "outlier"


class Outliers:
    """The sessions that cost far more than the others, or used far more tokens if not all have a price.

    They lie above `edge` (nano-USD, or tokens if not `in_dollars`), which is None for too few sessions.
    """

    def __init__(self, sessions: dict[str, Totals]) -> None:
        self.in_dollars = not any(totals.unpriced for totals in sessions.values())
        self._amounts = {
            name: totals.cost_nusd if self.in_dollars else totals.total_tokens
            for name, totals in sessions.items()
        }
        self.edge = _outlier_edge(list(self._amounts.values()))

    def is_outlier(self, name: str) -> bool:
        """Whether the session of that name is an outlier."""
        return self.edge is not None and self._amounts[name] > self.edge

    @property
    def rule_sentence(self) -> str:
        """What outliers are, in a sentence; empty if there are none."""
        if self.edge is None or not any(self.is_outlier(name) for name in self._amounts):
            return ""
        more = f"cost more than {numbers.format_dollars(self.edge)}"
        if not self.in_dollars:
            more = f"used more than {numbers.format_tokens(self.edge)} tokens"
        return f"Outliers {more}, the third quartile plus {SPREADS} times the spread of the quartiles"

    def to_json(self) -> dict[str, object]:
        """The rule as plain values."""
        edge = to_dollars(self.edge) if self.in_dollars else self.edge
        return {
            "measure": "cost_estimate_usd" if self.in_dollars else "total_tokens",
            "above": edge,
            "rule": f"Q3 + {SPREADS} * IQR",
            "least_sessions": LEAST,
        }


class SessionAverage:
    """The average session of a project, or of all projects if that is None, in the window."""

    def __init__(
        self, usage: WindowUsage, listed: Sequence[StoredSession], project: str | None = None
    ) -> None:
        own = [session for session in listed if project in (None, session.project)]
        self.project = project
        self.sessions = len(own)
        self.sum = ranking.sum_totals(usage.report.sessions[session.name] for session in own)
        self.seconds = (
            sum(session.last_us - session.first_us for session in own) // SECOND_US // self.sessions
        )

    @property
    def calls(self) -> float:
        """Calls in one session."""
        return self.sum.calls / self.sessions

    @property
    def tokens(self) -> int:
        """Tokens in one session."""
        return self.sum.total_tokens // self.sessions

    @property
    def nusd(self) -> int | None:
        """The cost of one session in nano-USD; None if no call has a price."""
        known = self.sum.priced_nusd
        return None if known is None else known // self.sessions

    def to_json(self) -> dict[str, object]:
        """The average as plain values."""
        return {
            **({} if self.project is None else {"project": self.project}),
            "sessions": self.sessions,
            "duration_seconds": self.seconds,
            "calls": round(self.calls, 1),
            "total_tokens": self.tokens,
            "cost_estimate_usd": to_dollars(self.nusd),
        }


def averages_by_project(usage: WindowUsage, listed: Sequence[StoredSession]) -> list[SessionAverage]:
    """The average session of each project, the project with the most tokens first."""
    ranked = ranking.rank_by_tokens(usage.report.projects.items())
    projects = {session.project for session in listed}
    return [SessionAverage(usage, listed, name) for name, _ in ranked if name in projects]


def format_averages(usage: WindowUsage, listed: Sequence[StoredSession], width: int) -> list[StyledLine]:
    """A table of averages by project and of all sessions; only the latter for a single project."""
    averages = averages_by_project(usage, listed)
    rows = [
        _average_row(average.project or "", average)
        for average in averages[:PROJECTS_MOST]
        if len(averages) > 1
    ]
    rows.append(_average_row("All", SessionAverage(usage, listed), "total" if rows else ""))
    return layout.lay_out_table(COLUMNS, [("Average session", rows)], width)


def _average_row(name: str, average: SessionAverage, style: str = "") -> TableRow:
    lower_bound = ">" if average.nusd is not None and average.sum.unpriced else ""
    return TableRow(
        [
            name,
            f"{average.sessions:,}",
            numbers.format_duration(average.seconds),
            f"{average.calls:,.1f}",
            numbers.format_tokens(average.tokens),
            lower_bound + numbers.format_dollars(average.nusd),
        ],
        style,
    )


def _outlier_edge(amounts: Sequence[int]) -> int | None:
    """The amount above which `amounts` are outliers; None for too few of them."""
    if len(amounts) < LEAST:
        return None
    from statistics import quantiles  # noqa: PLC0415 - only the list of sessions needs it

    first, _, third = (int(amount) for amount in quantiles(amounts, n=4, method="inclusive"))
    return third + SPREADS * (third - first)
