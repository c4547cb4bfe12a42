"""A small model of the client's own counting, which knows what was billed and what no line shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from usage_dashboard.model.background import ClientTotals, ShownCall
from usage_dashboard.model.background_intervals import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

SECOND_US = 1_000_000
ZERO = (0,) * 8


@dataclass(frozen=True)
class Call:
    """One call: the model that is asked for, its fresh input, and whether a line shows it."""

    asked: str
    fresh: int
    visible: bool = True
    subagent: bool = False

    @property
    def counts(self) -> tuple[int, ...]:
        """Counts by kind, and nano-USD."""
        return (self.fresh, 3 * self.fresh, 2 * self.fresh, 0, 7 * self.fresh, 0, 0, 0)


@dataclass(frozen=True)
class Process:
    """The calls of one process of a session, and how it ends; it may wait before it does."""

    calls: tuple[Call, ...]
    killed: bool = False
    waits_seconds: int = 0


@dataclass
class CountingClient:
    """Runs processes one after the other, and keeps what they write and what they hid.

    `answering` gives the model that answers for each that is asked for. Lines have the name that was asked
    for where `says_asked`; hooks report when processes begin where `hooked`.
    """

    answering: Mapping[str, str]
    says_asked: bool = True
    hooked: bool = True
    now_us: int = 1_000_000_000
    began_us: int = 0
    ran_us: int = 0
    totals: dict[str, tuple[int, ...]] = field(default_factory=dict)
    states: list[ClientTotals] = field(default_factory=list)
    shown: list[ShownCall] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    hidden: dict[str, int] = field(default_factory=dict)
    base: ClientTotals | None = None
    lost: bool = False

    def run(self, process: Process) -> None:
        """Resume the session in a process."""
        self.now_us += 60 * SECOND_US
        begin_us = self.now_us
        began_us = self.began_us or begin_us
        self.starts.append(begin_us)
        totals = dict(self.totals)
        for call in process.calls:
            self.now_us += 2 * SECOND_US
            known = totals.get(call.asked, ZERO)
            totals[call.asked] = tuple(a + b for a, b in zip(known, call.counts, strict=True))
            if call.visible:
                asked = call.asked if self.says_asked else None
                marks = (False, call.subagent, False)
                row = ShownCall(self.now_us, self.answering[call.asked], call.counts, marks, asked)
                self.shown.append(row)
            else:
                self.hidden[call.asked] = self.hidden.get(call.asked, 0) + call.fresh
        last_us = self.now_us
        self.now_us += process.waits_seconds * SECOND_US
        if process.killed:
            self.lost = True
            return
        self.began_us, self.totals = began_us, totals
        self.ran_us += self.now_us - begin_us
        place = 1000 * begin_us + len(self.states)
        self.states.append(ClientTotals(place, last_us, began_us, self.ran_us, dict(totals)))

    def fork(self) -> CountingClient:
        """A copy of the session, which goes on from its last totals."""
        fork = CountingClient(self.answering, self.says_asked, self.hooked, self.now_us)
        if self.states:
            fork.base, fork.began_us, fork.ran_us = self.states[-1], self.began_us, self.ran_us
            fork.totals = dict(self.totals)
        return fork

    def session(self) -> Session:
        """What the ledger has of the session."""
        return Session(self.states, self.shown, self.base, (self.starts if self.hooked else [], []))
