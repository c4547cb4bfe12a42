"""The requests of one transcript: answered, refused, lost or open, as `store.requests` tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model.ids import id_hash

if TYPE_CHECKING:
    from usage_dashboard.model.events import Refused


class Open:
    """A request without an answer; `early`: an answer whose request was not written yet."""

    __slots__ = ("at_us", "early", "model", "name", "session")

    def __init__(self, name: str, session: int, at_us: int, model: str = "", *, early: bool = False) -> None:
        self.name = name
        self.session = session
        self.at_us = at_us
        self.model = model
        self.early = early

    def went(self) -> tuple[int, int]:
        """When it went out; of two at the same time their ids decide."""
        return self.at_us, id_hash(self.name)


class Requests:
    """Those that are `open` or `lost`, by the client's own ids, and the ids of the `answered` ones.

    `asking` are the numbers of the sessions that asked for any of them.
    """

    def __init__(self) -> None:
        self.open: dict[str, Open] = {}
        self.lost: dict[str, Open] = {}
        self.answered: set[str] = set()
        self.asking: set[int] = set()
        self._session = 0

    def ask(self, name: str, session: int, model: str, at_us: int) -> None:
        """Note that a request went out."""
        self._session = session
        self.asking.add(session)
        known = self.open.get(name)
        if known is not None and known.early:
            del self.open[name]
            self._lose_before(Open(name, session, at_us))
        elif known is None and name not in self.answered and name not in self.lost:
            self.open[name] = Open(name, session, at_us, model)

    def answer(self, name: str, session: int, at_us: int, *, first: bool) -> None:
        """Note an answer, with its `first` line: what went out before it and has none is lost."""
        self.asking.add(session)
        known = self.open.get(name)
        if known is not None and not known.early:
            del self.open[name]
            if self.open:
                self._lose_before(known)
        elif known is None and first and name not in self.answered:
            self.open[name] = Open(name, session, at_us, early=True)
        self.answered.add(name)
        self.lost.pop(name, None)

    def refuse(self, verdict: Refused) -> None:
        """Note that requests met an HTTP error: nobody was billed."""
        went = [request for request in self._of(self._session) if request.at_us <= verdict.at_us]
        for request in went if verdict.all_open else went[-1:]:
            del self.open[request.name]

    def _of(self, session: int) -> list[Open]:
        found = [
            request for request in self.open.values() if request.session == session and not request.early
        ]
        return sorted(found, key=Open.went)

    def _lose_before(self, answered: Open) -> None:
        for request in self._of(answered.session):
            if request.went() < answered.went():
                self.lost[request.name] = self.open.pop(request.name)
