"""Requests that went out, and what becomes of each: answered, refused, or lost.

A request that a transcript logs is open until a response refers to it. It is refused, and nobody is
billed, if it met an HTTP error. It is lost, and billed unseen, if one that its thread sent later was
answered. An answer that is written before the request's own line waits as an early one.

Their own times decide, not the order of lines: a file is read in pieces, perhaps again, and a fork's
file repeats a part of its parent's.
"""

from __future__ import annotations

EARLY = -1
"""In the place of a price class: the answer was written before the line that says what was asked."""

UNKNOWN_CLASS = 0
"""In the place of a price class: it is that of the request's `model`."""


class OpenRequest:
    """A request without an answer, known by the hash of its id.

    `class_id` is `UNKNOWN_CLASS` until somebody looks up the price class of `model`.
    """

    __slots__ = ("at_us", "class_id", "id", "model", "session", "subagent")

    def __init__(self, request_id: int, session: int, subagent: int, class_id: int, at_us: int) -> None:
        self.id = request_id
        self.session = session
        self.subagent = subagent
        self.class_id = class_id
        self.at_us = at_us
        self.model = ""

    @property
    def is_early(self) -> bool:
        """Whether it stands for an answer whose request was not logged yet."""
        return self.class_id == EARLY

    def sent(self) -> tuple[int, int]:
        """When it was sent; of two at the same time their ids decide, whichever was read first."""
        return self.at_us, self.id

    def values(self) -> tuple[int, int, int, int, int]:
        """(id, session, subagent, class, UTC microseconds)."""
        return self.id, self.session, self.subagent, self.class_id, self.at_us


class PendingRequests:
    """The requests that are `open` or `lost`, and the ids of the `answered`, as one transcript reports them.

    `session` and `subagent` are the thread whose transcript it is.
    """

    def __init__(self, session: int, subagent: int) -> None:
        self.open: dict[int, OpenRequest] = {}
        self.lost: dict[int, OpenRequest] = {}
        self.answered: set[int] = set()
        self._session = session
        self._subagent = subagent

    def ask(self, request_id: int, session: int, model: str, at_us: int) -> None:
        """Note that a request was sent; one that is known is not moved: a fork repeats its parent's."""
        self._session = session
        known = self.open.get(request_id)
        if known is None:
            if not (request_id in self.answered or self.is_lost(request_id)):
                request = OpenRequest(request_id, session, self._subagent, UNKNOWN_CLASS, at_us)
                request.model = model
                self.open[request_id] = request
        elif known.is_early:
            del self.open[request_id]
            self._lose_before(OpenRequest(request_id, session, self._subagent, EARLY, at_us))

    def answer(self, request_id: int, session: int, at_us: int, *, first: bool) -> None:
        """Note an answer, with its `first` line: what was sent before it and has no answer is lost."""
        known = self.open.get(request_id)
        if known is None:
            if first and request_id not in self.answered:
                self.open[request_id] = OpenRequest(request_id, session, self._subagent, EARLY, at_us)
        elif not known.is_early:
            del self.open[request_id]
            self._lose_before(known)
        self.answered.add(request_id)
        self.recover(request_id)

    def refuse(self, at_us: int, *, all_open: bool) -> None:
        """Note that the last request before `at_us`, or all of them, met an HTTP error: nobody was billed."""
        sent = [request for request in self._sent_by(self._session, self._subagent) if request.at_us <= at_us]
        for request in sent if all_open else sent[-1:]:
            del self.open[request.id]

    def is_lost(self, request_id: int) -> bool:
        """Whether the request was lost before."""
        return request_id in self.lost

    def lose(self, request: OpenRequest) -> None:
        """Note that `request` is lost."""
        self.lost[request.id] = request

    def recover(self, request_id: int) -> None:
        """Note that a request that may be lost has an answer."""
        self.lost.pop(request_id, None)

    def _sent_by(self, session: int, subagent: int) -> list[OpenRequest]:
        """The requests of a thread that wait for an answer, in the order in which they were sent."""
        waiting = [
            request
            for request in self.open.values()
            if request.session == session and request.subagent == subagent and not request.is_early
        ]
        return sorted(waiting, key=OpenRequest.sent)

    def _lose_before(self, answered: OpenRequest) -> None:
        if not self.open:  # nearly always
            return
        for request in self._sent_by(answered.session, answered.subagent):
            if request.sent() < answered.sent():
                self.lose(self.open.pop(request.id))
