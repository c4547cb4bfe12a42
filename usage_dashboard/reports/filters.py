"""Filters of a report: by any dimension, tools included, whatever the report is broken down by.

A filter by tool makes it a report of shares: of every response only what the wanted tools (or the labels
in brackets) were charged with. Those shares add up in every list, as whole responses do.
"""

from __future__ import annotations

from usage_dashboard.aggregator import (
    HIDDEN,
    Report,
    ToolTotals,
    build_report,
    deduct_share,
    is_priced,
    names_model,
    server_name,
    split_into_labels,
)
from usage_dashboard.model.events import BACKGROUND, BUCKET_US, KIND_NAMES, MAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, TypeVar

    from usage_dashboard.aggregator import Bucket, Sums, ToolBucket

    B = TypeVar("B", bound=tuple[Any, ...])

    Wanted = Mapping[str, Sequence[str]]

_POSITIONS = {"project": 2, "model": 6, "agent": 5, "channel": 3, "session": 1}
"""The index of each dimension in a bucket."""

DIMENSIONS = (*_POSITIONS, "tool", "day")


class Filters:
    """Keeps what matches `wanted`: in each dimension that it names, one of the given values.

    A model matches by its name or its family (`opus` as well as `Opus`), a session by the beginning of its
    id, a tool by its name or the name of its MCP server (see `folded`), and everything else by its name.
    `day_of` names the day of an instant.
    """

    def __init__(self, wanted: Wanted, day_of: Callable[[int], str]) -> None:
        self._values_at = [
            (_POSITIONS[name], name, values) for name, values in wanted.items() if name in _POSITIONS
        ]
        self._days = wanted.get("day", ())
        self._tools = wanted.get("tool", ())
        self._day_of = day_of
        self._is_wanted_day: dict[int, bool] = {}

    @property
    def is_narrow(self) -> bool:
        """Whether any filter is set."""
        return bool(self._values_at or self._days or self._tools)

    def keep_matching(self, rows: Iterable[B]) -> Iterable[B]:
        """Those of some buckets, of responses or of tools, that match by everything but tool."""
        return filter(self._matches_bucket, rows) if self._values_at or self._days else rows

    def build_report(
        self, buckets: Iterable[Bucket], tools: Iterable[ToolBucket], day_of: Callable[[int], str]
    ) -> Report:
        """Add up what matches; `day_of` names the day that an instant counts for."""
        buckets, tools = self.keep_matching(buckets), self.keep_matching(tools)
        if self._tools:
            return self._report_shares(list(buckets), tools, day_of)
        return build_report(buckets, tools, day_of)

    def _matches_bucket(self, bucket: tuple[Any, ...]) -> bool:
        return self._matches_day(bucket[0]) and all(
            any(_matches(name, value, bucket[position]) for value in values)
            for position, name, values in self._values_at
        )

    def _matches_day(self, start: int) -> bool:
        """Whether the quarter-hour `start` is in one of the wanted days."""
        if not self._days:
            return True
        wanted = self._is_wanted_day.get(start)
        if wanted is None:
            wanted = self._is_wanted_day[start] = self._day_of(start * BUCKET_US) in self._days
        return wanted

    def _report_shares(
        self, buckets: list[Bucket], tools: Iterable[ToolBucket], day_of: Callable[[int], str]
    ) -> Report:
        shares = _Shares(day_of, self._matches_tool)
        for bucket in buckets:
            shares.add_bucket(bucket)
        models = build_report(buckets, (), day_of).models
        for share in tools:
            shares.add_tool(share, priced=is_priced(models, share[6]))
        return shares.to_report()

    def _matches_tool(self, label: str, server: str) -> bool:
        return label in self._tools or bool(server and server_name(server) in self._tools)


def _matches(dimension: str, value: str, name: str) -> bool:
    """Whether the wanted `value` of a dimension covers `name`."""
    if dimension == "model":
        return value == name or names_model(value.lower(), name)
    return name.startswith(value) if dimension == "session" else name == value


class _Shares:
    """What the tools and labels for which `wanted(name, server)` holds were charged with."""

    def __init__(self, day_of: Callable[[int], str], wanted: Callable[[str, str], bool]) -> None:
        self._day_of = day_of
        self._wanted = wanted
        self._totals, self._background = ToolTotals(), ToolTotals()
        names = ("models", "agents", "days", "projects", "channels", "sessions", "tools")
        self._groups: dict[str, dict[Any, ToolTotals]] = {name: {} for name in names}

    def add_bucket(self, bucket: Bucket) -> None:
        """Add what the labels in brackets hold of `bucket` before tools are charged."""
        sums = bucket[7:]
        calls, _, unpriced, *_ = sums
        for label, part in ((HIDDEN, sums),) if bucket[4] == BACKGROUND else split_into_labels(sums):
            for totals in self._charge(bucket, label, part):
                totals.sessions.add(bucket[1])
                totals.turns += part[0] if bucket[4] == MAIN else 0
                if calls:
                    totals.priced = calls != unpriced or bool(totals.priced)

    def add_tool(self, share: ToolBucket, *, priced: bool) -> None:
        """Add the share of a tool, whose model is `priced` or not, and take it from the labels."""
        if self._wanted(share[7], share[8]):
            for totals in self._totals_of(share, share[7]):
                totals.take(share, priced=priced)
        _calls, _failed, *amounts = share[9:]
        for label, part in deduct_share(*amounts):
            self._charge(share, label, part)

    def to_report(self) -> Report:
        """The report of everything added."""
        result = Report()
        result.attributed = True
        result.totals, result.background = self._totals, self._background
        for name, group in self._groups.items():
            setattr(result, name, group)
        result.unpriced_models = sorted(
            n for n, totals in result.models.items() if totals.priced_nusd is None
        )
        return result

    def _charge(self, bucket: tuple[Any, ...], label: str, part: Sums) -> list[ToolTotals]:
        """Add `part` to the totals of `label`, if it is wanted and not empty; return those totals."""
        if not any(part) or not self._wanted(label, ""):
            return []
        charged = list(self._totals_of(bucket, label))
        for totals in charged:
            totals.charge(part)
        return charged

    def _totals_of(self, bucket: tuple[Any, ...], label: str) -> Iterator[ToolTotals]:
        """All totals that the share of `label` in `bucket` counts for."""
        start, session, project, channel, kind, agent, model = bucket[:7]
        yield self._totals
        if kind == BACKGROUND:
            yield self._background
        day = self._day_of(start * BUCKET_US)
        keys = (model, (agent, KIND_NAMES[kind], model), day, project, channel, session, label)
        for group, name in zip(self._groups.values(), keys, strict=True):
            yield group.setdefault(name, ToolTotals())
