"""What `Ledger` returns: typed rows with the documented columns as fields.

Tokens are integers, dollars are estimates by the price table, and None is unknown. Times are in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from usage_dashboard.reports.export_rows import Record

_TIMES = ("started", "ended", "resets_at", "reached_at")


class CallRow(NamedTuple):
    """A billed response, or hidden calls that no transcript shows (`type` is `background`)."""

    time: datetime
    session: str
    project: str
    channel: str
    agent: str
    type: str
    model: str
    calls: int
    total_tokens: int
    input_tokens: int
    output_tokens: int
    cache_creation: int
    cache_creation_1h: int
    cache_read: int
    thinking_tokens: int | None
    web_searches: int
    cost_estimate_usd: float | None
    cache_savings_usd: float | None
    incomplete: bool
    tool_calls: int
    skill: str | None
    plugin: str | None
    mcp_server: str | None


class SessionRow(NamedTuple):
    """A session with its use in a window; `started` and `ended` are those of the whole session."""

    session: str
    project: str
    channel: str
    started: datetime
    ended: datetime
    duration_seconds: int
    turns: int
    calls: int
    total_tokens: int
    input_tokens: int
    output_tokens: int
    cache_creation: int
    cache_creation_1h: int
    cache_read: int
    thinking_tokens: int
    web_searches: int
    cost_estimate_usd: float | None
    cache_savings_usd: float | None
    incomplete_calls: int


class LimitRow(NamedTuple):
    """How much of a limit is used, which source reported it, and how long ago."""

    window: str
    used_percent: float
    resets_at: datetime | None
    source: str
    age_seconds: int
    level: str
    pace: float | None
    projected_percent: float | None
    reached_at: datetime | None


class UsageTotals(NamedTuple):
    """The sums of a window. `tasks` are sessions, `turns` are responses of main threads."""

    tasks: int
    turns: int
    calls: int
    total_tokens: int
    input_tokens: int
    output_tokens: int
    cache_creation: int
    cache_creation_1h: int
    cache_read: int
    thinking_tokens: int
    web_searches: int
    cost_estimate_usd: float | None
    cache_savings_usd: float | None
    background_unknown_sessions: int
    cache_hit_rate: float | None
    incomplete_calls: int
    unpriced_models: list[str]


class Usage:
    """The usage of a window.

    `document` is what `usage-dashboard report --json` prints of it. Two usages with the same figures are
    equal, however old their percentages are.
    """

    __slots__ = ("document",)

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    @property
    def window(self) -> str:
        """The name of the window, `custom` between two times."""
        return str(self.document["window"]["name"])

    @property
    def since(self) -> datetime | None:
        """When the window begins; None for the start of all records."""
        return parse_time(self.document["window"]["since"])

    @property
    def until(self) -> datetime | None:
        """When the window ends; None if it has no end."""
        return parse_time(self.document["window"]["until"])

    @property
    def totals(self) -> UsageTotals:
        """The sums of the window."""
        return UsageTotals(**{name: self.document["totals"][name] for name in UsageTotals._fields})

    @property
    def limits(self) -> list[LimitRow]:
        """How much of each limit is used, whatever the window."""
        return [to_limit_row(row) for row in self.document["limits"]]

    def by(self, dimension: str) -> list[dict[str, Any]]:
        """A row for each model, agent, project, channel, tool, session or day, for `pandas.DataFrame`.

        Raises:
            KeyError: there is no such dimension.
        """
        return [_with_times(row) for row in self.document[f"by_{dimension}"]]

    def __eq__(self, other: object) -> bool:
        """Whether both have the same figures for the same window."""
        return isinstance(other, Usage) and self._comparable() == other._comparable()

    def __hash__(self) -> int:
        return hash((self.window, self.since, self.until))

    def __repr__(self) -> str:
        totals = self.totals
        cost = "cost unknown" if totals.cost_estimate_usd is None else f"${totals.cost_estimate_usd:,.2f}"
        return f"<Usage {self.window}: {totals.total_tokens:,} tokens, {totals.calls:,} calls, {cost}>"

    def _comparable(self) -> dict[str, Any]:
        ageless = [{**row, "age_seconds": None} for row in self.document["limits"]]
        return {**self.document, "limits": ageless, "window": self.window}


def to_call_row(record: Record) -> CallRow:
    """Give the record of a call its types."""
    fields: dict[str, Any] = dict(zip(CallRow._fields, record, strict=True))
    fields["time"], fields["incomplete"] = parse_time(fields["time"]), bool(fields["incomplete"])
    return CallRow(**fields)


def to_session_row(record: Record) -> SessionRow:
    """Give the record of a session its types."""
    return SessionRow(**_with_times(dict(zip(SessionRow._fields, record, strict=True))))


def to_limit_row(row: Mapping[str, Any]) -> LimitRow:
    """Give a limit of the envelope its types."""
    return LimitRow(**_with_times({name: row[name] for name in LimitRow._fields}))


def parse_time(text: Any) -> datetime | None:
    """Parse a time such as `2026-11-22T20:44:35Z`; None stays None."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _with_times(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: parse_time(value) if name in _TIMES else value for name, value in row.items()}
