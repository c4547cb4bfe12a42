"""Requests without an answer in the ledger: those that are open, and the signs of those that were lost."""

from __future__ import annotations

from usage_dashboard.model.ids import thread_hash
from usage_dashboard.model.requests import UNKNOWN_CLASS, OpenRequest, PendingRequests
from usage_dashboard.model.rows import ResponseRow, agent_of
from usage_dashboard.store.write.sessions import late_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection

    from usage_dashboard.store.write.unit_of_work import Work

HOUR_US = 3_600_000_000


class LedgerRequests(PendingRequests):
    """The pending requests of the ledger, as the lines of one thread's transcript report on them."""

    def __init__(self, work: Work, session: int, subagent: str) -> None:
        super().__init__(session, thread_hash(subagent))
        self._work = work
        self._stored: dict[int, OpenRequest] = {}

    def read(self) -> None:
        """Read what is open, in every thread: that is one request of each session at work."""
        self._stored = {request.id: request for request in _read_open(self._work.db)}
        self.open = dict(self._stored)

    def is_lost(self, request_id: int) -> bool:
        """Whether the ledger has the sign of a lost request."""
        return request_id in self._work.responses

    def lose(self, request: OpenRequest) -> None:
        """Leave the sign of a lost request."""
        lose(self._work, request)

    def recover(self, request_id: int) -> None:
        """Take the sign of a request back that has an answer after all."""
        sign = self._work.responses.get(request_id)
        if sign is not None and sign.calls == 0:
            sign.gone = True

    def write(self) -> None:
        """Bring the ledger's open requests to what is open now."""
        db = self._work.db
        closed = [(request_id,) for request_id in self._stored.keys() - self.open.keys()]
        if closed:
            db.executemany("DELETE FROM open_request WHERE id = ?", closed)
        opened = [request for request in self.open.values() if self._stored.get(request.id) is not request]
        for request in opened:
            _find_class(self._work, request)
        if opened:
            write_open(db, sorted(request.values() for request in opened))


def _read_open(db: Connection) -> list[OpenRequest]:
    query = "SELECT id, session, subagent, class, at_us FROM open_request"
    return [OpenRequest(*values) for values in db.execute(query)]


def write_open(db: Connection, requests: Iterable[tuple[int, ...]]) -> None:
    """Keep as open the requests that have these values."""
    insert = "INSERT OR REPLACE INTO open_request (id, session, subagent, class, at_us)"
    db.executemany(f"{insert} VALUES (?, ?, ?, ?, ?)", requests)


def lose(work: Work, request: OpenRequest) -> None:
    """Keep the sign of a call that left nothing else: an incomplete call without a count."""
    if request.is_early:
        return
    work.read([request.id], ())
    if request.id not in work.responses:
        row = ResponseRow(request.id, request.session, request.subagent, request.at_us)
        row.kind, agent = agent_of(request.subagent, "")
        row.agent, row.class_id = work.labels.id("agent", agent), _find_class(work, request)
        row.calls = 0
        work.responses[row.id] = row
        work.sessions.touch(row.session, row.at_us)


def _find_class(work: Work, request: OpenRequest) -> int:
    """The price class of what was asked for."""
    if request.class_id == UNKNOWN_CLASS:
        request.class_id = work.classes.id((work.tariff.canonical(request.model), 0, "", "", ""))
    return request.class_id


def give_up(work: Work, now_us: int, session: int | None = None) -> None:
    """Lose the open requests of `session`, which ended; or of every process that is gone.

    A process that is not known, as in an import, counts as gone an hour after its request.
    """
    for request in _read_open(work.db):
        if request.is_early:
            ended = now_us - request.at_us > HOUR_US  # its line may come after the session's end
        elif session is not None:
            ended = request.session == session
        else:
            ended = not _may_live(work.db, request, now_us)
        if ended:
            lose(work, request)
            work.db.execute("DELETE FROM open_request WHERE id = ?", (request.id,))
    late = late_rows(work.db, work.settle())
    if late:
        from usage_dashboard.store.write import background  # noqa: PLC0415 - where a reply was cut off at the end

        background.settle(work, [], late)


def _may_live(db: Connection, request: OpenRequest, now_us: int) -> bool:
    """Whether the process that sent `request` may still be waiting for its answer."""
    import os  # noqa: PLC0415 - only where a request stayed open

    query = "SELECT pid FROM process WHERE session = ? AND at_us <= ? ORDER BY at_us DESC LIMIT 1"
    process = db.execute(query, (request.session, request.at_us)).fetchone()
    if process is None or not process[0]:
        return now_us - request.at_us < HOUR_US
    try:
        os.kill(process[0], 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's process has the number, or the system does not tell
        return now_us - request.at_us < HOUR_US
    return True
