"""What `Ledger` answers with: typed rows, whose fields are the documented columns.

Tokens are integers, dollars are estimates by the price table, and None is unknown. Times are in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from usage_dashboard.reports.records import Record

_TIMES = ("started", "ended", "resets_at", "reached_at")


class Call(NamedTuple):
    """A billed response, or calls in the background that no transcript shows (`type` is `background`)."""

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


class Session(NamedTuple):
    """A session with what it used in a window; `started` and `ended` are the whole session's."""

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


class Limit(NamedTuple):
    """How much of an allowance of the client's is used, by whom that was told, and how long ago."""

    window: str
    used_percent: float
    resets_at: datetime | None
    source: str
    age_seconds: int
    level: str
    pace: float | None
    projected_percent: float | None
    reached_at: datetime | None


class Totals(NamedTuple):
    """The usage of a window in all. `tasks` are sessions, `turns` are responses of main threads."""

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

    `document` is what `usage-dashboard report --json` prints of it. Usages that say the same are equal,
    however old their percentages are.
    """

    __slots__ = ("document",)

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    @property
    def window(self) -> str:
        """The window's name, `custom` between two times."""
        return str(self.document["window"]["name"])

    @property
    def since(self) -> datetime | None:
        """When the window begins, None for the beginning of all records."""
        return instant(self.document["window"]["since"])

    @property
    def until(self) -> datetime | None:
        """When the window ends, None where it has no end."""
        return instant(self.document["window"]["until"])

    @property
    def totals(self) -> Totals:
        """Everything in the window."""
        return Totals(**{name: self.document["totals"][name] for name in Totals._fields})

    @property
    def limits(self) -> list[Limit]:
        """How much of the client's allowances is used, whatever the window."""
        return [limit(row) for row in self.document["limits"]]

    def by(self, dimension: str) -> list[dict[str, Any]]:
        """A row for each model, agent, project, channel, tool, session or day, for `pandas.DataFrame`.

        Raises:
            KeyError: that is no dimension.
        """
        return [_timed(row) for row in self.document[f"by_{dimension}"]]

    def __eq__(self, other: object) -> bool:
        """Whether both say the same of the same window."""
        return isinstance(other, Usage) and self._said() == other._said()

    def __hash__(self) -> int:
        return hash((self.window, self.since, self.until))

    def __repr__(self) -> str:
        totals = self.totals
        cost = "cost unknown" if totals.cost_estimate_usd is None else f"${totals.cost_estimate_usd:,.2f}"
        return f"<Usage {self.window}: {totals.total_tokens:,} tokens, {totals.calls:,} calls, {cost}>"

    def _said(self) -> dict[str, Any]:
        ageless = [{**row, "age_seconds": None} for row in self.document["limits"]]
        return {**self.document, "limits": ageless, "window": self.window}


def call(record: Record) -> Call:
    """A record of a call, typed."""
    found = dict(zip(Call._fields, record, strict=True))
    return Call(**{**found, "time": instant(found["time"]), "incomplete": bool(found["incomplete"])})  # type: ignore[arg-type]


def session(record: Record) -> Session:
    """A record of a session, typed."""
    return Session(**_timed(dict(zip(Session._fields, record, strict=True))))


def limit(row: Mapping[str, Any]) -> Limit:
    """A limit of the envelope, typed."""
    return Limit(**_timed({name: row[name] for name in Limit._fields}))


def instant(text: Any) -> datetime | None:
    """The instant of `2026-11-22T20:44:35Z`; None of None."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _timed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: instant(value) if name in _TIMES else value for name, value in row.items()}
