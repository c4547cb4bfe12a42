"""Background calls: what the client's own totals hold beyond the responses that transcripts show.

Compaction, web search and fetch helpers, prompt and agent hooks, prompt suggestions and side
questions are billed and in no transcript, but they are in the `cost-state` totals that the client
writes when a session ends. The growth from one such line to the next, less what the process that wrote
it showed, is what was hidden: never below zero, and never counted again after a resume or a fork, since
growth is only counted once. `model.background_intervals` says which responses a line counted.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COUNTS = 7  # input, output, cache creation, its 1-hour part, cache read, thinking, web searches
COST = 7
TOKENS = (0, 1, 2, 4)
"""The places of the counts that add up to all tokens: input, output, cache creation, cache read."""


class ClientTotals:
    """The client's totals at one moment: counts and nano-USD by model, as `CostState` has them."""

    __slots__ = ("at_us", "began_us", "id", "models", "ran_us")

    def __init__(
        self, state_id: int, at_us: int, began_us: int, ran_us: int, models: dict[str, tuple[int, ...]]
    ) -> None:
        self.id = state_id
        self.at_us = at_us
        self.began_us = began_us
        self.ran_us = ran_us
        self.models = models

    def repeats(self, other: ClientTotals | None) -> bool:
        """Whether it says again what `other` said."""
        return other is not None and (self.models, self.began_us) == (other.models, other.began_us)


def join_results(states: list[ClientTotals]) -> list[ClientTotals]:
    """Make one of those `states` of a session that results of `claude -p` reported, known by no `began_us`.

    Beside the client's own totals they say nothing new. Among themselves they go on from one another where
    the client restored the count, and are added up where it began again.
    """
    own = [state for state in states if state.began_us]
    if own or len(states) < 2:
        return own or states
    counts: list[ClientTotals] = []
    for state in sorted(states, key=lambda state: (state.at_us, sum(map(sum, state.models.values())))):
        if counts and contains(state, counts[-1]):
            counts.pop()
        counts.append(state)
    models: dict[str, tuple[int, ...]] = {}
    for state in counts:
        for model, added in state.models.items():
            before = models.get(model, (0,) * len(added))
            models[model] = tuple(a + b for a, b in zip(before, added, strict=True))
    return [ClientTotals(counts[-1].id, counts[-1].at_us, 0, 0, models)]


def contains(later: ClientTotals, earlier: ClientTotals) -> bool:
    """Whether every count of `later` is at least that of `earlier`."""
    zero = (0,) * (COST + 1)
    return all(
        all(a >= b for a, b in zip(later.models.get(model, zero)[:COST], counts[:COST], strict=True))
        for model, counts in earlier.models.items()
    )


class ShownCall:
    """What one stored response showed: its time, the model that answered, counts and nano-USD.

    `flags`: whether it was cut off, whether it is a subagent's, whether only telemetry reported it. `asked`
    is the model that was asked for, that which answered where the line does not say.
    """

    __slots__ = ("asked", "at_us", "counts", "incomplete", "model", "reported", "subagent")

    def __init__(
        self,
        at_us: int,
        model: str,
        counts: tuple[int, ...],
        flags: tuple[bool, bool, bool],
        asked: str | None = None,
    ) -> None:
        self.asked = asked or model
        self.at_us = at_us
        self.model = model
        self.counts = counts
        self.incomplete, self.subagent, self.reported = flags


class HiddenUsage:
    """Background usage up to a state: counts of one model, and the client's own nano-USD for it.

    `model` is the one that was asked for, `answering` the one that answers for it.

    `calls` is 1 for any number of calls, and 0 where only searches or thinking are left, which
    telemetry does not report of the calls that it has.
    """

    __slots__ = ("answering", "at_us", "calls", "counts", "model", "nusd", "state")

    def __init__(
        self, state: ClientTotals, names: tuple[str, str], counts: tuple[int, ...], nusd: int
    ) -> None:
        self.state = state.id
        self.at_us = state.at_us
        self.model, self.answering = names
        self.counts = counts
        self.calls = int(any(counts[:5]))
        self.nusd = nusd


class TotalsInterval:
    """What one process counted, from `before` to `state`, and the session's `own` rows that it showed.

    `begin_us` is the earliest time of a response that it counted.
    """

    __slots__ = ("before", "begin_us", "own", "state")

    def __init__(
        self, begin_us: int, state: ClientTotals, before: Mapping[str, tuple[int, ...]], own: list[ShownCall]
    ) -> None:
        self.begin_us = begin_us
        self.state = state
        self.before = before
        self.own = own

    def growth(self, model: str) -> list[int]:
        """How much the totals of `model` grew, by kind, and nano-USD last."""
        earlier = self.before.get(model, (0,) * (COUNTS + 1))
        return [now - then for now, then in zip(self.state.models[model], earlier, strict=True)]

    def shown(self, model: str) -> list[int]:
        """What the session's own rows come to for which `model` was asked, likewise."""
        return _sum(self.rows_of(model))

    def incomplete(self, model: str) -> int:
        """How many of the session's own rows for which `model` was asked were cut off."""
        return sum(row.incomplete for row in self.rows_of(model))

    def rows_of(self, model: str) -> list[ShownCall]:
        """The session's own rows that the totals of `model` count, as far as names say."""
        return [row for row in self.own if self._name_of(row) == model]

    def unnamed(self) -> list[ShownCall]:
        """The session's own rows that the totals count under a name that no line has."""
        return [row for row in self.own if self._name_of(row) is None]

    def _name_of(self, row: ShownCall) -> str | None:
        """The name in the totals under which `row` was counted: the client's are of what it asked for."""
        names = [name for name in (row.asked, row.model) if name in self.state.models]
        return names[0] if names else None

    def answering(self, model: str) -> str:
        """The name of the model that answered most often where `model` was asked for; itself if none did."""
        names = [row.model for row in self.rows_of(model)]
        return max(sorted(set(names)), key=names.count, default=model)

    def visible(self) -> tuple[dict[str, list[int]], list[int]]:
        """What was shown of the growth of each model, by kind, and what was shown beyond all of it.

        Where the rows joined to a model show more than its totals grew, or a row is joined to none, the
        client counted them under another name: they are taken off what is left of the other models. So the
        sum over all models decides where names cannot be joined, and nothing is counted twice. Only a row
        that was cut off may show more than the client counted.
        """
        beyond = _sum(self.unnamed())
        visible = {}
        for model in self.state.models:
            complete = _sum([row for row in self.rows_of(model) if not row.incomplete])
            over = [max(0, a - b) for a, b in zip(complete, self.growth(model), strict=True)]
            over[COST] = 0  # the client's prices are not the table's
            beyond = [a + b for a, b in zip(beyond, over, strict=True)]
            visible[model] = [a - b for a, b in zip(self.shown(model), over, strict=True)]
        for model in sorted(visible, key=lambda name: (bool(self.rows_of(name)), name)):
            left = [max(0, a - b) for a, b in zip(self.growth(model), visible[model], strict=True)]
            taken = [min(a, b) for a, b in zip(left, beyond, strict=True)]
            beyond = [a - b for a, b in zip(beyond, taken, strict=True)]
            visible[model] = [a + b for a, b in zip(visible[model], taken, strict=True)]
        return visible, beyond

    def rests(self) -> dict[str, list[int]]:
        """What is left of the growth of each model beyond what was shown of it, by kind."""
        visible, _ = self.visible()
        return {
            model: [max(0, a - b) for a, b in zip(self.growth(model), shown, strict=True)]
            for model, shown in visible.items()
        }


def hidden(counted: Iterable[TotalsInterval]) -> list[HiddenUsage]:
    """The background usage in `counted`, by state and model."""
    found: list[HiddenUsage] = []
    for interval in counted:
        unnamed = any(row.incomplete for row in interval.unnamed())
        for model, rest in interval.rests().items():
            cut = unnamed or interval.incomplete(model)
            is_estimate = interval.state.began_us and _only_output(rest) and cut
            if any(rest[:COUNTS]) and not is_estimate:
                rest[3] = min(rest[2], rest[3])
                answering = interval.answering(model)
                found.append(
                    HiddenUsage(interval.state, (model, answering), tuple(rest[:COUNTS]), rest[COST])
                )
    return found


def _sum(rows: list[ShownCall]) -> list[int]:
    """What `rows` come to, by kind, and nano-USD last."""
    return [sum(counts) for counts in zip(*(row.counts for row in rows), strict=True)] or [0] * (COUNTS + 1)


def _only_output(rest: list[int]) -> bool:
    """A few output tokens and nothing else: the client's estimate of a response that was cut off."""
    return not (rest[0] or rest[2] or rest[4] or rest[6])
