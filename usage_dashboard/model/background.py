"""Background calls: what the client's own totals hold beyond the responses that transcripts show.

Compaction, web search and fetch helpers, prompt and agent hooks, prompt suggestions and side
questions are billed and in no transcript, but they are in the `cost-state` totals that the client
writes when a session ends. The growth from one such line to the next, less what the session itself
showed in between, is what was hidden: never below zero, and never counted again after a resume or a
fork, since growth is only counted once.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

COUNTS = 7  # input, output, cache creation, its 1-hour part, cache read, thinking, web searches
COST = 7
SLACK_US = 100_000
"""Clocks of a session's processes are compared to this accuracy."""


class State:
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


class Shown:
    """What one stored response showed: its time, model, counts and nano-USD.

    `flags`: whether it was cut off, whether it is a subagent's, whether only telemetry told of it.
    """

    __slots__ = ("at_us", "counts", "incomplete", "model", "subagent", "told")

    def __init__(
        self, at_us: int, model: str, counts: tuple[int, ...], flags: tuple[bool, bool, bool]
    ) -> None:
        self.at_us = at_us
        self.model = model
        self.counts = counts
        self.incomplete, self.subagent, self.told = flags


class Hidden:
    """Background usage up to a state: counts of one model, and the client's own nano-USD for it.

    `calls` is 1 for any number of calls, and 0 where only searches or thinking are left, which
    telemetry does not tell of the calls that it has.
    """

    __slots__ = ("at_us", "calls", "counts", "model", "nusd", "state")

    def __init__(self, state: State, model: str, counts: tuple[int, ...], nusd: int) -> None:
        self.state = state.id
        self.at_us = state.at_us
        self.model = model
        self.counts = counts
        self.calls = int(any(counts[:5]))
        self.nusd = nusd


class Interval:
    """What the client counted from `before` to `state`, and the session's `own` rows that belong to it.

    `begin_us` is the earliest time of a response that it counted.
    """

    __slots__ = ("before", "begin_us", "own", "state")

    def __init__(
        self, begin_us: int, state: State, before: Mapping[str, tuple[int, ...]], own: list[Shown]
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
        """What the session's own rows of `model` come to, likewise."""
        rows = [row.counts for row in self.own if row.model == model]
        return [sum(counts) for counts in zip(*rows, strict=True)] if rows else [0] * (COUNTS + 1)

    def incomplete(self, model: str) -> int:
        """How many of the session's own rows of `model` were cut off."""
        return sum(row.incomplete for row in self.own if row.model == model)


def intervals(
    states: list[State], shown: list[Shown], base: State | None, starts: Iterable[int] = ()
) -> list[Interval]:
    """What each state of a session counted, and the rows that belong to it.

    `states` are the session's own, `shown` its own responses, both in order of time; `base` is the
    state that a fork began from; `starts` are times at which a process of the session is known to
    have begun.
    """
    states = list(_grown(states))
    begins = [_begin(states, i, base, starts) for i in range(len(states))]
    found = []
    for i, state in enumerate(states):
        end = begins[i + 1] if i + 1 < len(states) else None
        next_us = _next_process(state, shown, starts) if end is None else end
        own = [row for row in shown if begins[i] <= row.at_us and _is_before(row, end, next_us, state)]
        found.append(Interval(begins[i], state, _before(states, i, base), own))
    return found


def hidden(counted: Iterable[Interval]) -> list[Hidden]:
    """The background usage in `counted`, by state and model."""
    found: list[Hidden] = []
    for interval in counted:
        for model in interval.state.models:
            pairs = zip(interval.growth(model), interval.shown(model), strict=True)
            rest = [max(0, grown - shown) for grown, shown in pairs]
            if any(rest[:COUNTS]) and not (_only_output(rest) and interval.incomplete(model)):
                rest[3] = min(rest[2], rest[3])
                found.append(Hidden(interval.state, model, tuple(rest[:COUNTS]), rest[COST]))
    return found


def _grown(states: list[State]) -> Iterator[State]:
    """`states` without those that say again what the one before them said."""
    last: State | None = None
    for state in states:
        if last is None or (state.models, state.began_us) != (last.models, last.began_us):
            yield state
        last = state


def _before(states: list[State], i: int, base: State | None) -> Mapping[str, tuple[int, ...]]:
    """The totals from which state `i` grew: a count that began anew grew from nothing."""
    if i and states[i - 1].began_us == states[i].began_us:
        return states[i - 1].models
    if not i and base is not None and base.began_us == states[0].began_us:
        return base.models
    return {}


def _begin(states: list[State], i: int, base: State | None, starts: Iterable[int]) -> int:
    """The earliest time of a response that state `i` counted and the state before it did not.

    A killed process leaves responses but no state: a process that is resumed later starts from the
    last state, so what the killed one showed must not be taken off its growth.
    """
    state = states[i]
    if not i:
        return 0 if base is not None else state.began_us - SLACK_US
    last = states[i - 1]
    if last.began_us != state.began_us:
        return state.began_us - SLACK_US
    ran = state.at_us - (state.ran_us - last.ran_us) - SLACK_US
    known = [start - SLACK_US for start in starts if last.at_us < start <= state.at_us]
    return max(last.at_us + 1, ran, *known)


def _next_process(state: State, shown: list[Shown], starts: Iterable[int]) -> float:
    """When a process after the one that wrote `state`, the last, began; never, as far as is known."""
    later = [start for start in starts if start > state.at_us]
    lines = [row.at_us for row in shown if not (row.told or row.subagent) and row.at_us > state.at_us]
    return min([*later, *lines], default=float("inf"))


def _is_before(row: Shown, end: int | None, next_us: float, state: State) -> bool:
    """Whether `row` was there when `state` was written, which is dated by the last line before it.

    A subagent's last line may be dated after it, and telemetry tells of calls that have no line: those
    came before it, unless another process had begun.
    """
    if end is not None:
        return row.at_us < end
    if row.told:
        return row.at_us < next_us
    return row.at_us <= state.at_us + (20 * SLACK_US if row.subagent else 0)


def _only_output(rest: list[int]) -> bool:
    """A few output tokens and nothing else: the client's estimate of a response that was cut off."""
    return not (rest[0] or rest[2] or rest[4] or rest[6])
