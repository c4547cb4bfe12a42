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
    """What one stored response showed: its time, model, counts and nano-USD."""

    __slots__ = ("at_us", "counts", "incomplete", "model", "subagent")

    def __init__(self, at_us: int, model: str, counts: tuple[int, ...], flags: tuple[bool, bool]) -> None:
        self.at_us = at_us
        self.model = model
        self.counts = counts
        self.incomplete, self.subagent = flags


class Hidden:
    """Background usage up to a state: counts of one model, and the client's own nano-USD for it."""

    __slots__ = ("at_us", "counts", "model", "nusd", "state")

    def __init__(self, state: State, model: str, counts: tuple[int, ...], nusd: int) -> None:
        self.state = state.id
        self.at_us = state.at_us
        self.model = model
        self.counts = counts
        self.nusd = nusd


def hidden(
    states: list[State], shown: list[Shown], base: State | None, starts: Iterable[int] = ()
) -> list[Hidden]:
    """The background usage of a session, by state and model.

    `states` are the session's own, `shown` its own responses, both in order of time; `base` is the
    state that a fork began from; `starts` are times at which a process of the session is known to
    have begun.
    """
    states = list(_grown(states))
    found: list[Hidden] = []
    begins = [_begin(states, i, base, starts) for i in range(len(states))]
    for i, state in enumerate(states):
        before = _before(states, i, base)
        end = begins[i + 1] if i + 1 < len(states) else None
        own = [row for row in shown if begins[i] <= row.at_us and _is_before(row, end, state)]
        found += _growth(state, before, own)
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


def _is_before(row: Shown, end: int | None, state: State) -> bool:
    """Whether `row` was there when `state` was written: a subagent's last line may be dated after it."""
    if end is not None:
        return row.at_us < end
    return row.at_us <= state.at_us + (20 * SLACK_US if row.subagent else 0)


def _growth(state: State, before: Mapping[str, tuple[int, ...]], own: list[Shown]) -> list[Hidden]:
    found = []
    for model, totals in state.models.items():
        rows = [row for row in own if row.model == model]
        earlier = before.get(model, (0,) * (COUNTS + 1))
        rest = [
            max(0, totals[kind] - earlier[kind] - sum(row.counts[kind] for row in rows))
            for kind in range(COUNTS + 1)
        ]
        if any(rest[:COUNTS]) and not (_only_output(rest) and any(row.incomplete for row in rows)):
            rest[3] = min(rest[2], rest[3])
            rest[5] = min(rest[1], rest[5])
            found.append(Hidden(state, model, tuple(rest[:COUNTS]), rest[COST]))
    return found


def _only_output(rest: list[int]) -> bool:
    """A few output tokens and nothing else: the client's estimate of a response that was cut off."""
    return not (rest[0] or rest[2] or rest[4] or rest[6])
