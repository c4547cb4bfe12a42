"""The ledger that a merge reads, with its ids translated to those of the ledger that it goes into."""

from __future__ import annotations

from usage_dashboard.model.ids import background_id
from usage_dashboard.model.requests import EARLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

    from usage_dashboard.store.write.unit_of_work import Work


class SourceLedger:
    """The open ledger `db`, and what its labels, price classes and sessions have as ids in that of `work`.

    Names pass this ledger's own bounds (`Labels`); those that the source had hashed stay as they are.
    Ids of responses, requests, tool calls and subagents are the same in every ledger.
    """

    def __init__(self, db: Connection, work: Work) -> None:
        self.db = db
        self._work = work
        self._labels: dict[int, int] = {}
        self._classes: dict[int, int] = {}
        self._sessions: dict[int, int] = {}

    def label_id(self, label_id: int) -> int:
        """The id here of one of its labels."""
        query = "SELECT kind, name FROM label WHERE id = ?"
        return self._translate(self._labels, label_id, query, self._work.labels.id)

    def optional_label_id(self, label_id: int | None) -> int | None:
        """The id here of one of its labels, None for None."""
        return None if label_id is None else self.label_id(label_id)

    def price_class_id(self, class_id: int) -> int:
        """The id here of one of its price classes."""
        query = (
            "SELECT l.name, c.prompt_bucket, c.speed, c.geo, c.tier FROM price_class c"
            " JOIN label l ON l.id = c.model WHERE c.id = ?"
        )
        if class_id == EARLY:
            return class_id
        return self._translate(self._classes, class_id, query, lambda *key: self._work.classes.id(key))

    def session_id(self, session_id: int) -> int:
        """The id here of one of its sessions."""
        query = "SELECT name FROM session WHERE id = ?"
        return self._translate(self._sessions, session_id, query, self._work.sessions.id)

    def derived_row_ids(self, session_id: int) -> dict[int, int]:
        """The ids here, by its own, of the rows it derived from the client's own totals of a session."""
        query = "SELECT s.id, l.name FROM cost_state s JOIN label l ON l.id = s.model WHERE s.session = ?"
        here = self.session_id(session_id)
        derived = {}
        for state, model in self.db.execute(query, (session_id,)):
            known_as = self._work.labels.bounded("model", model)
            derived[background_id(session_id, state, model)] = background_id(here, state, known_as)
        return derived

    def _translate(self, known: dict[int, int], source_id: int, query: str, add: Callable[..., int]) -> int:
        """The id here for `source_id`: from `known`, else what `add` returns for the row of `query`."""
        here = known.get(source_id)
        if here is None:
            here = known[source_id] = add(*self.db.execute(query, (source_id,)).fetchone())
        return here
