"""Requests that went out: answered, refused, or lost with nothing but this sign left of them."""

from __future__ import annotations

from usage_dashboard.model.events import MAIN, SUBAGENT
from usage_dashboard.model.ids import thread_hash
from usage_dashboard.store.write.labels import MAIN_AGENT, UNNAMED_AGENT
from usage_dashboard.store.write.rows import ResponseRow
from usage_dashboard.store.write.sessions import late_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.store.write.unit_of_work import Work

    Open = tuple[int, int, int, int, int]
    """(id, session, subagent, class, UTC microseconds)"""

HOUR_US = 3_600_000_000
EARLY = -1
"""In the place of a class: the answer was written before the line that says what was asked."""


class Requests:
    """The requests that have no answer yet, as the lines of one thread's transcript tell of them.

    Their own times decide, not the places of lines: a file is read in pieces, perhaps again, and a fork's
    file repeats a part of its parent's.
    """

    def __init__(self, work: Work, session: int, subagent: str) -> None:
        self._work = work
        self._thread = (session, thread_hash(subagent))
        self._stored: dict[int, Open] | None = None
        self._open: dict[int, Open] = {}
        self._answered: set[int] = set()

    def asked(self, request_id: int, session: int, model: str, at_us: int) -> None:
        """Note that a request went out; one that is known is not moved: a fork repeats its parent's."""
        work = self._work
        self._read()
        self._thread = (session, self._thread[1])
        known = self._open.get(request_id)
        if known is not None and known[3] == EARLY:
            del self._open[request_id]
            self._lose_before((request_id, *self._thread, EARLY, at_us))
        elif known is None and not (request_id in self._answered or request_id in work.responses):
            class_id = work.classes.id((work.tariff.canonical(model), 0, "", "", ""))
            self._open[request_id] = (request_id, *self._thread, class_id, at_us)

    def answered(self, request_id: int, session: int, at_us: int, *, first: bool) -> None:
        """Note an answer, with its `first` line: what went out before it and has none is lost."""
        self._read()
        known = self._open.get(request_id)
        if known is not None and known[3] != EARLY:
            del self._open[request_id]
            self._lose_before(known)
        elif known is None and first and request_id not in self._answered:
            self._open[request_id] = (request_id, session, self._thread[1], EARLY, at_us)
        self._answered.add(request_id)
        sign = self._work.responses.get(request_id)
        if sign is not None and sign.calls == 0:
            sign.gone = True

    def refused(self, at_us: int, *, all_open: bool) -> None:
        """Note that the last request before `at_us`, or all of them, met an HTTP error: nobody was billed."""
        self._read()
        went = [request for request in self._of(self._thread) if request[4] <= at_us]
        for request in went if all_open else went[-1:]:
            del self._open[request[0]]

    def write(self) -> None:
        """Bring the ledger's open requests to what is open now."""
        if self._stored is None or self._open == self._stored:
            return
        left, known = set(self._open.values()), set(self._stored.values())
        db = self._work.db
        db.executemany("DELETE FROM open_request WHERE id = ?", [(r[0],) for r in known - left])
        write_open(db, sorted(left - known))

    def _read(self) -> None:
        """Read what is open, in every thread: that is one request of each session at work."""
        if self._stored is None:
            self._stored = {request[0]: request for request in _read_open(self._work.db)}
            self._open = dict(self._stored)

    def _of(self, thread: tuple[int, int]) -> list[Open]:
        """The requests of a thread that wait for an answer, in the order in which they went out."""
        found = [request for request in self._open.values() if request[1:3] == thread and request[3] != EARLY]
        return sorted(found, key=_went)

    def _lose_before(self, answered: Open) -> None:
        for request in self._of(answered[1:3]):
            if _went(request) < _went(answered):
                lose(self._work, self._open.pop(request[0]))


def _went(request: Open) -> tuple[int, int]:
    """When a request went out; of two at the same time their ids decide, whichever was read first."""
    return request[4], request[0]


def _read_open(db: Connection) -> list[Open]:
    return db.execute("SELECT id, session, subagent, class, at_us FROM open_request").fetchall()


def write_open(db: Connection, requests: list[Open]) -> None:
    """Keep `requests` as open."""
    insert = "INSERT OR REPLACE INTO open_request (id, session, subagent, class, at_us)"
    db.executemany(f"{insert} VALUES (?, ?, ?, ?, ?)", requests)


def lose(work: Work, request: Open) -> None:
    """Keep the sign of a call that left nothing else: an incomplete call without a count."""
    if request[3] == EARLY:
        return
    work.read([request[0]], ())
    request_id, session, subagent, class_id, at_us = request
    kind, agent = (SUBAGENT, UNNAMED_AGENT) if subagent else (MAIN, MAIN_AGENT)
    values = (
        request_id, None, session, subagent, kind, work.labels.id("agent", agent), class_id, at_us,
        0, 0, 0, 0, 0, None, 0, 0, 1, 0, 0, 0, 0, *(None,) * 7,
    )  # fmt: skip
    if request_id not in work.responses:
        work.responses[request_id] = ResponseRow(values, stored=False)
        work.sessions.touch(session, at_us)


def give_up(work: Work, now_us: int, session: int | None = None) -> None:
    """Lose the open requests of `session`, which ended; or of every process that is gone.

    A process that is not known, as in an import, counts as gone an hour after its request.
    """
    for request in _read_open(work.db):
        if request[3] == EARLY:
            ended = now_us - request[4] > HOUR_US  # its line may come after the session's end
        elif session is not None:
            ended = request[1] == session
        else:
            ended = not _may_live(work.db, request, now_us)
        if ended:
            lose(work, request)
            work.db.execute("DELETE FROM open_request WHERE id = ?", (request[0],))
    late = late_rows(work.db, work.settle())
    if late:
        from usage_dashboard.store.write import background  # noqa: PLC0415 - where a reply was cut off at the end

        background.settle(work, [], late)


def _may_live(db: Connection, request: Open, now_us: int) -> bool:
    """Whether the process that sent `request` may still be waiting for its answer."""
    import os  # noqa: PLC0415 - only where a request stayed open

    query = "SELECT pid FROM process WHERE session = ? AND at_us <= ? ORDER BY at_us DESC LIMIT 1"
    process = db.execute(query, (request[1], request[4])).fetchone()
    if process is None or not process[0]:
        return now_us - request[4] < HOUR_US
    try:
        os.kill(process[0], 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's process has the number, or the system does not tell
        return now_us - request[4] < HOUR_US
    return True
