"""Which of a session's responses the client's own totals counted, and what no totals counted at all.

A process writes its totals when it ends, and a process that resumes the session goes on from the last
that were written. So totals count what the process that wrote them showed, from when it began until it
ended. A process that was killed wrote none: what it showed belongs to nobody's totals, and what it hid
is on no disk.
"""

from __future__ import annotations

from usage_dashboard.model.background import TOKENS, TotalsInterval

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from usage_dashboard.model.background import ClientTotals, ShownCall

SLACK_US = 100_000
"""Clocks of a session's processes are compared to this accuracy."""

LATE_US = 20 * SLACK_US
"""How long after the last line of the main thread a subagent's may be dated."""


class Session:
    """What is known of one session: totals, responses, and signs of its processes, each in order of time.

    `states` are the session's own totals, `shown` its own responses; `base` is the state that a fork began
    from. `starts` are the times at which a process of the session is known to have begun, and
    `compactions` those of calls that left a sign but no response.
    """

    __slots__ = ("base", "compactions", "shown", "starts", "states")

    def __init__(
        self,
        states: list[ClientTotals],
        shown: list[ShownCall],
        base: ClientTotals | None = None,
        signs: tuple[list[int], list[int]] = ([], []),
    ) -> None:
        self.states = states
        self.shown = shown
        self.base = base
        self.starts, self.compactions = signs

    def grown(self) -> list[ClientTotals]:
        """The states, without those that say again what the one before them said."""
        pairs = zip([None, *self.states], self.states, strict=False)
        return [state for before, state in pairs if not state.repeats(before)]


def intervals(session: Session) -> list[TotalsInterval]:
    """What each state of `session` counted, and the rows that belong to it."""
    states = session.grown()
    begins = [_begin(session, states, i) for i in range(len(states))]
    counted = []
    for i, state in enumerate(states):
        next_us = _next_process(session, state)
        end = min(next_us, begins[i + 1]) if i + 1 < len(states) else next_us
        own = [row for row in session.shown if begins[i] <= row.at_us and _is_before(row, end, state)]
        interval = TotalsInterval(begins[i], state, _before(session, states, i), own)
        if _goes_on(session, states, i) and not _known_starts(session, states, i):
            _drop_what_does_not_fit(interval)
        counted.append(interval)
    return counted


def first_lost_us(session: Session, counted: list[TotalsInterval]) -> int | None:
    """When a process that died without totals first left a sign, before the last totals; None if none did.

    What it hid is unknown for good. Signs are a response that belongs to no interval, a compaction between
    two of them, and a process that began, of which there are no totals.
    """
    last_us = session.states[-1].at_us
    owned = {id(row) for interval in counted for row in interval.own}
    signs = [row.at_us for row in session.shown if row.at_us <= last_us and id(row) not in owned]
    signs += _compactions_between(session, counted, last_us)
    signs += _starts_without_totals(session, counted)
    return min(signs, default=None)


def _starts_without_totals(session: Session, counted: list[TotalsInterval]) -> list[int]:
    """When processes began up to the totals of each interval, if fewer totals were written than began."""
    since_us = written = 0
    signs = []
    for interval in counted:
        until_us, place = interval.state.at_us, session.states.index(interval.state) + 1
        began = [start for start in session.starts if since_us < start <= until_us]
        if len(began) > place - written:
            signs.append(began[0])
        since_us, written = until_us, place
    return signs


def _compactions_between(session: Session, counted: list[TotalsInterval], last_us: int) -> list[int]:
    return [
        at_us
        for at_us in session.compactions
        if at_us <= last_us
        and not any(interval.begin_us <= at_us <= interval.state.at_us + SLACK_US for interval in counted)
    ]


def _goes_on(session: Session, states: list[ClientTotals], i: int) -> bool:
    """Whether state `i` goes on from totals before it, instead of from nothing."""
    return bool(_before(session, states, i))


def _before(session: Session, states: list[ClientTotals], i: int) -> Mapping[str, tuple[int, ...]]:
    """The totals from which state `i` grew: a count that began anew grew from nothing."""
    before = _state_before(session, states, i)
    return before.models if before is not None else {}


def _state_before(session: Session, states: list[ClientTotals], i: int) -> ClientTotals | None:
    before = states[i - 1] if i else session.base
    return before if before is not None and before.began_us == states[i].began_us else None


def _known_starts(session: Session, states: list[ClientTotals], i: int) -> list[int]:
    """When processes are known to have begun after the state before state `i`."""
    since_us = states[i - 1].at_us if i else 0
    return [start for start in session.starts if since_us < start <= states[i].at_us]


def _begin(session: Session, states: list[ClientTotals], i: int) -> int:
    """The earliest time of a response that the process counted which wrote state `i`.

    A process that was killed leaves responses but no state: a process that is resumed later starts from
    the last state, so what the killed one showed must not be subtracted from its growth.
    """
    state, before = states[i], _state_before(session, states, i)
    if before is None:
        return state.began_us - SLACK_US
    # Dated by its last line, after which it may have waited: it began then or later.
    ran = state.at_us - (state.ran_us - before.ran_us) - SLACK_US
    if not i:
        return max(0, ran) if state.ran_us > before.ran_us else 0
    known = [start - SLACK_US for start in _known_starts(session, states, i)]
    return max(before.at_us + 1, ran, *known)


def _next_process(session: Session, state: ClientTotals) -> float:
    """When a process after the one that wrote `state` began; never, as far as is known."""
    later = [start for start in session.starts if start > state.at_us]
    lines = [
        row.at_us
        for row in session.shown
        if not (row.reported or row.subagent) and row.at_us > state.at_us + SLACK_US
    ]
    return min([*later, *lines], default=float("inf"))


def _is_before(row: ShownCall, end: float, state: ClientTotals) -> bool:
    """Whether `row` was there when `state` was written, which is dated by the last line before it.

    A subagent's last line may be dated after it, and telemetry tells of calls that have no line: those
    came before it, unless another process had begun.
    """
    if row.reported:
        return row.at_us < end
    return row.at_us < end and row.at_us <= state.at_us + (LATE_US if row.subagent else SLACK_US)


def _drop_what_does_not_fit(interval: TotalsInterval) -> None:
    """Drop the first rows of `interval` where they show more than it counted: another process showed them."""
    most = [sum(interval.growth(model)[kind] for model in interval.state.models) for kind in TOKENS]
    own, first = interval.own, 0
    while first < len(own) and not _fits(own[first:], most):
        first += 1
    if 0 < first < len(own):
        interval.begin_us, interval.own = own[first].at_us, own[first:]


def _fits(rows: list[ShownCall], most: list[int]) -> bool:
    complete = [row.counts for row in rows if not row.incomplete]
    limits = zip(TOKENS, most, strict=True)
    return all(sum(counts[kind] for counts in complete) <= limit for kind, limit in limits)
