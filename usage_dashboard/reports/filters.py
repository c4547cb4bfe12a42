"""What of a ledger counts for a report: one dimension under any other, tools included.

Filters by tool make it a report of shares: of every response only what the tools that were asked for (or
the labels in brackets) were charged with. Those shares add up in every list, as whole responses do.
"""

from __future__ import annotations

from usage_dashboard.aggregator import (
    HIDDEN,
    Report,
    ToolTotals,
    is_priced,
    names_model,
    remainders,
    report,
    server_name,
    taken,
)
from usage_dashboard.model.events import BACKGROUND, BUCKET_US, KIND_NAMES, MAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, TypeVar

    from usage_dashboard.aggregator import Bucket, Sums, ToolBucket

    B = TypeVar("B", bound=tuple[Any, ...])

    Wanted = Mapping[str, Sequence[str]]

_PLACES = {"project": 2, "model": 6, "agent": 5, "channel": 3, "session": 1}
"""Where in a bucket a dimension stands."""

DIMENSIONS = (*_PLACES, "tool", "day")


class Filters:
    """What counts: `wanted` has the values by dimension, of which one each has to match; none is all.

    A model matches by its name or its family (`opus` as well as `Opus`), a session by the beginning of its
    id, a tool by its name or its MCP server's as `folded` has it, and everything else by its name. `day_of`
    names the day of an instant.
    """

    def __init__(self, wanted: Wanted, day_of: Callable[[int], str]) -> None:
        self._placed = [(_PLACES[name], name, values) for name, values in wanted.items() if name in _PLACES]
        self._days = wanted.get("day", ())
        self._tools = wanted.get("tool", ())
        self._day_of = day_of
        self._dated: dict[int, bool] = {}

    @property
    def narrow(self) -> bool:
        """Whether anything was asked for that not all usage has."""
        return bool(self._placed or self._days or self._tools)

    def kept(self, rows: Iterable[B]) -> Iterable[B]:
        """Those of some buckets, of responses or of tools, whose place and time match."""
        return filter(self._keeps, rows) if self._placed or self._days else rows

    def report(
        self, buckets: Iterable[Bucket], tools: Iterable[ToolBucket], day_of: Callable[[int], str]
    ) -> Report:
        """The report of what matches; `day_of` names what is added up as a day."""
        buckets, tools = self.kept(buckets), self.kept(tools)
        if self._tools:
            return self._shares(list(buckets), tools, day_of)
        return report(buckets, tools, day_of)

    def _keeps(self, bucket: tuple[Any, ...]) -> bool:
        return self._on_day(bucket[0]) and all(
            any(_matches(name, value, bucket[place]) for value in values)
            for place, name, values in self._placed
        )

    def _on_day(self, start: int) -> bool:
        """Whether the quarter of an hour `start` is in one of the days."""
        if not self._days:
            return True
        known = self._dated.get(start)
        if known is None:
            known = self._dated[start] = self._day_of(start * BUCKET_US) in self._days
        return known

    def _shares(
        self, buckets: list[Bucket], tools: Iterable[ToolBucket], day_of: Callable[[int], str]
    ) -> Report:
        found = _Shares(day_of, self._names)
        for bucket in buckets:
            found.add(bucket)
        models = report(buckets, (), day_of).models
        for share in tools:
            found.add_tool(share, priced=is_priced(models, share[6]))
        return found.report()

    def _names(self, label: str, server: str) -> bool:
        return label in self._tools or bool(server and server_name(server) in self._tools)


def _matches(dimension: str, value: str, name: str) -> bool:
    if dimension == "model":
        return value == name or names_model(value.lower(), name)
    return name.startswith(value) if dimension == "session" else name == value


class _Shares:
    """What the `wanted` tools (a name, an MCP server) and labels were charged with, by every dimension."""

    def __init__(self, day_of: Callable[[int], str], wanted: Callable[[str, str], bool]) -> None:
        self._day_of = day_of
        self._wanted = wanted
        self._totals, self._background = ToolTotals(), ToolTotals()
        names = ("models", "agents", "days", "projects", "channels", "sessions", "tools")
        self._groups: dict[str, dict[Any, ToolTotals]] = {name: {} for name in names}

    def add(self, bucket: Bucket) -> None:
        """Add what the labels in brackets have of `bucket` before tools are charged."""
        sums = bucket[7:]
        calls, _, unpriced, *_ = sums
        for label, part in ((HIDDEN, sums),) if bucket[4] == BACKGROUND else remainders(sums):
            for totals in self._charged(bucket, label, part):
                totals.sessions.add(bucket[1])
                totals.turns += part[0] if bucket[4] == MAIN else 0
                if calls:
                    totals.priced = calls != unpriced or bool(totals.priced)

    def add_tool(self, share: ToolBucket, *, priced: bool) -> None:
        """Add the share of a tool, of a model with a price or without, and take it from the labels."""
        if self._wanted(share[7], share[8]):
            for totals in self._of(share, share[7]):
                totals.take(share, priced=priced)
        _calls, _failed, *amounts = share[9:]
        for label, part in taken(*amounts):
            self._charged(share, label, part)

    def report(self) -> Report:
        """All of it."""
        found = Report()
        found.attributed = True
        found.totals, found.background = self._totals, self._background
        for name, group in self._groups.items():
            setattr(found, name, group)
        found.unpriced_models = sorted(n for n, totals in found.models.items() if totals.priced_nusd is None)
        return found

    def _charged(self, bucket: tuple[Any, ...], label: str, part: Sums) -> list[ToolTotals]:
        """The totals that `part` was added to: none where nobody asked for `label`, or nothing is in it."""
        if not any(part) or not self._wanted(label, ""):
            return []
        found = list(self._of(bucket, label))
        for totals in found:
            totals.charge(part)
        return found

    def _of(self, bucket: tuple[Any, ...], label: str) -> Iterator[ToolTotals]:
        """Every totals that what `label` has of `bucket` is a part of."""
        start, session, project, channel, kind, agent, model = bucket[:7]
        yield self._totals
        if kind == BACKGROUND:
            yield self._background
        day = self._day_of(start * BUCKET_US)
        keys = (model, (agent, KIND_NAMES[kind], model), day, project, channel, session, label)
        for group, name in zip(self._groups.values(), keys, strict=True):
            yield group.setdefault(name, ToolTotals())
