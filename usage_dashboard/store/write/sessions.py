"""Sessions of the ledger: what each belongs to, and when it was first and last seen."""

from __future__ import annotations

from usage_dashboard.model.events import BACKGROUND, SECOND_US
from usage_dashboard.store.write.labels import session_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

    from usage_dashboard.model.rows import ResponseRow
    from usage_dashboard.store.write.labels import Labels

NEVER_US = 2**62

LATE_US = 2 * SECOND_US
"""How long after the client's totals the last line of a subagent that they count may be dated."""


class Sessions:
    """The ids of sessions; one that is new is placed by `place`: its name to (project, channel)."""

    def __init__(self, db: Connection, labels: Labels, place: Callable[[str], tuple[str, str]]) -> None:
        self._db = db
        self._labels = labels
        self._place = place
        self._ids: dict[str, int] = {}
        self._spans: dict[int, tuple[int, int]] = {}
        self._lasted: set[int] = set()

    def id(self, name: str) -> int:
        """The id of the session `name`, which is added where it is new."""
        known = self._ids.get(name)
        if known is None:
            known = self._ids[name] = self.find(name) or self._add(name)
        return known

    def find(self, name: str) -> int:
        """The id of the session `name`, 0 where the ledger has none of that name."""
        found = self._db.execute("SELECT id FROM session WHERE name = ?", (session_name(name),)).fetchone()
        return int(found[0]) if found else 0

    def touch(self, session: int, at_us: int) -> None:
        """Note that something of `session` happened at `at_us`."""
        first, last = self._spans.get(session, (NEVER_US, 0))
        self._spans[session] = (min(first, at_us), max(last, at_us))

    def note_lasted(self, session: int) -> None:
        """Note that it is known of a tool call of `session` how long it ran."""
        self._spans.setdefault(session, (NEVER_US, 0))
        self._lasted.add(session)

    def note_parent(self, name: str, parent: str) -> None:
        """Note that the session `name` is a fork of `parent`."""
        self._db.execute("UPDATE session SET parent = ? WHERE id = ?", (self.id(parent), self.id(name)))

    def note_known(self, name: str, at_us: int) -> None:
        """Note that every call of the session `name` up to `at_us` is known, the hidden ones included."""
        query = "UPDATE session SET known_us = MAX(COALESCE(known_us, 0), ?) WHERE id = ?"
        self._db.execute(query, (at_us, self.id(name)))

    def note_process(self, name: str, at_us: int, pid: int) -> None:
        """Note that a process of the session `name` began; `pid` is 0 where it is not known."""
        values = (self.id(name), at_us, pid)
        self._db.execute("INSERT OR REPLACE INTO process (session, at_us, pid) VALUES (?, ?, ?)", values)

    def write(self) -> None:
        """Bring every session that was touched up to what was noted."""
        self._db.executemany(
            "UPDATE session SET first_us = MIN(first_us, ?), last_us = MAX(last_us, ?),"
            " lasted = MAX(lasted, ?) WHERE id = ?",
            [(*span, session in self._lasted, session) for session, span in self._spans.items()],
        )
        self._spans.clear()
        self._lasted.clear()

    def _add(self, name: str) -> int:
        project, channel = self._place(name)
        values = (
            session_name(name),
            self._labels.id("project", project),
            self._labels.id("channel", channel),
            NEVER_US,
            0,
        )
        self._db.execute(
            "INSERT INTO session (name, project, channel, first_us, last_us, lasted)"
            " VALUES (?, ?, ?, ?, ?, 0)",
            values,
        )
        return int(self._db.execute("SELECT last_insert_rowid()").fetchone()[0])


def late_rows(db: Connection, changed: list[ResponseRow]) -> set[int]:
    """The sessions that some of the `changed` rows came to after the client's totals had counted them."""
    first: dict[int, int] = {}
    for row in changed:
        first[row.session] = min(first.get(row.session, row.at_us), row.at_us)
    shown = {row.session for row in changed if row.kind != BACKGROUND or row.request is not None}
    return late_sessions(db, {session: first[session] for session in shown})


def late_sessions(db: Connection, first: dict[int, int]) -> set[int]:
    """The sessions whose `first` changed row (UTC microseconds) the client's totals had already counted."""
    found = set()
    for session, at_us in first.items():
        known = db.execute("SELECT known_us FROM session WHERE id = ?", (session,)).fetchone()[0]
        if known is not None and at_us <= known + LATE_US:
            found.add(session)
    return found
