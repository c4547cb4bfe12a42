"""Another ledger, as it is read to become a part of this one: its names under this one's numbers."""

from __future__ import annotations

from usage_dashboard.model.ids import background_id
from usage_dashboard.store.write.pending_requests import EARLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

    from usage_dashboard.store.write.unit_of_work import Work


class Other:
    """The open ledger `db`, and its numbers for labels, price classes and sessions in that of `work`.

    Names pass this ledger's own bounds (`Labels`); those that the other one had hashed stay as they are.
    Keys of responses, requests, tool calls and subagents are the same in every ledger.
    """

    def __init__(self, db: Connection, work: Work) -> None:
        self.db = db
        self._work = work
        self._labels: dict[int, int] = {}
        self._classes: dict[int, int] = {}
        self._sessions: dict[int, int] = {}

    def label(self, label_id: int) -> int:
        """The number of one of its labels here."""
        query = "SELECT kind, name FROM label WHERE id = ?"
        return self._known(self._labels, label_id, query, self._work.labels.id)

    def mark(self, label_id: int | None) -> int | None:
        """The number of a label that need not be there."""
        return None if label_id is None else self.label(label_id)

    def price_class(self, class_id: int) -> int:
        """The number of one of its price classes here."""
        query = (
            "SELECT l.name, c.prompt_bucket, c.speed, c.geo, c.tier FROM price_class c"
            " JOIN label l ON l.id = c.model WHERE c.id = ?"
        )
        if class_id == EARLY:
            return class_id
        return self._known(self._classes, class_id, query, lambda *key: self._work.classes.id(key))

    def session(self, session_id: int) -> int:
        """The number of one of its sessions here."""
        query = "SELECT name FROM session WHERE id = ?"
        return self._known(self._sessions, session_id, query, self._work.sessions.id)

    def derived(self, session_id: int) -> dict[int, int]:
        """The ids of the rows that it derived from the client's own totals of a session, and those here."""
        query = "SELECT s.id, l.name FROM cost_state s JOIN label l ON l.id = s.model WHERE s.session = ?"
        here = self.session(session_id)
        found = {}
        for state, model in self.db.execute(query, (session_id,)):
            known_as = self._work.labels.bounded("model", model)
            found[background_id(session_id, state, model)] = background_id(here, state, known_as)
        return found

    def _known(self, known: dict[int, int], number: int, query: str, add: Callable[..., int]) -> int:
        found = known.get(number)
        if found is None:
            found = known[number] = add(*self.db.execute(query, (number,)).fetchone())
        return found
