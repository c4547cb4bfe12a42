"""Requests that went out: answered, refused, or lost with nothing but this sign left of them."""

from __future__ import annotations

from usage_dashboard.model import MAIN, SUBAGENT, key
from usage_dashboard.store.labels import MAIN_AGENT, UNNAMED_AGENT
from usage_dashboard.store.rows import ResponseRow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.store.work import Work

    Open = tuple[int, int, int, int, int]
    """(id, session, subagent, class, UTC microseconds)"""

HOUR_US = 3_600_000_000
EARLY = -1
"""In the place of a class: the answer was written before the line that says what was asked."""


class Requests:
    """The requests of one thread that have no answer yet, in the order in which they went out."""

    def __init__(self, work: Work, session: int, subagent: str) -> None:
        self._work = work
        query = (
            "SELECT id, session, subagent, class, at_us FROM open_request"
            " WHERE session = ? AND subagent = ? ORDER BY at_us, id"
        )
        self._thread = (session, key(subagent) if subagent else 0)
        self._stored: list[Open] = work.db.execute(query, self._thread).fetchall() if session else []
        self._open = list(self._stored)

    def asked(self, request_id: int, session: int, model: str, at_us: int) -> None:
        """Note that a request went out."""
        work = self._work
        known = [request for request in self._open if request[0] == request_id]
        if known or request_id in work.responses:
            self._open = [r for r in self._open if r not in known or r[3] != EARLY]
            return
        class_id = work.classes.id((work.tariff.canonical(model), 0, "", "", ""))
        self._open.append((request_id, session, self._thread[1], class_id, at_us))

    def answered(self, request_id: int, session: int, at_us: int, *, first: bool) -> None:
        """Note an answer, with its `first` line: what went out before it and has none is lost."""
        places = [i for i, request in enumerate(self._open) if request[0] == request_id]
        if places:
            for request in self._open[: places[0]]:
                lose(self._work, request)
            self._open = self._open[places[0] + 1 :]
        elif first:
            self._open.append((request_id, session, self._thread[1], EARLY, at_us))
        sign = self._work.responses.get(request_id)
        if sign is not None and sign.calls == 0:
            sign.gone = True

    def refused(self, *, all_open: bool) -> None:
        """Note that the last request, or all of them, met an HTTP error: nobody was billed."""
        self._open = [] if all_open else self._open[:-1]

    def write(self) -> None:
        """Bring the ledger's open requests to what is open now."""
        if self._open == self._stored:
            return
        left, known = set(self._open), set(self._stored)
        db = self._work.db
        db.executemany("DELETE FROM open_request WHERE id = ?", [(r[0],) for r in known - left])
        insert = (
            "INSERT OR REPLACE INTO open_request (id, session, subagent, class, at_us) VALUES (?, ?, ?, ?, ?)"
        )
        db.executemany(insert, sorted(left - known))


def lose(work: Work, request: Open) -> None:
    """Keep the sign of a call that left nothing else: an incomplete call without a count."""
    if request[3] == EARLY:
        return
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
    rows = work.db.execute("SELECT id, session, subagent, class, at_us FROM open_request").fetchall()
    for request in rows:
        if request[3] == EARLY:
            ended = now_us - request[4] > HOUR_US  # its line may come after the session's end
        elif session is not None:
            ended = request[1] == session
        else:
            ended = not _may_live(work.db, request, now_us)
        if ended:
            lose(work, request)
            work.db.execute("DELETE FROM open_request WHERE id = ?", (request[0],))
    work.settle()


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
