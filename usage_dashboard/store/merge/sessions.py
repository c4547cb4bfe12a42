"""Merging sessions, with everything that is known of them besides their calls."""

from __future__ import annotations

from usage_dashboard.model.events import CostState
from usage_dashboard.store.meta import forgotten_until_us
from usage_dashboard.store.write.limit_hits import note_hit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_dashboard.store.merge.source import SourceLedger
    from usage_dashboard.store.write.unit_of_work import Work

PROCESS_UNKNOWN = 0
"""The number of a process of another machine means nothing here."""


def list_sessions(source: SourceLedger, work: Work) -> list[int]:
    """The sessions of `source`, by their ids there, without those that were forgotten here."""
    query = "SELECT id, name, last_us FROM session ORDER BY first_us, id"
    sessions = source.db.execute(query)
    return [session for session, name, last_us in sessions if forgotten_until_us(work.db, name) <= last_us]


def merge_session(work: Work, source: SourceLedger, session: int) -> None:
    """Add what `source` knows of a session, by its id there."""
    query = "SELECT name, parent, known_us, first_us, last_us FROM session WHERE id = ?"
    name, parent, known_us, first_us, last_us = source.db.execute(query, (session,)).fetchone()
    here = work.sessions.id(name)
    if last_us:
        work.sessions.touch(here, max(first_us, forgotten_until_us(work.db, name)))
        work.sessions.touch(here, last_us)
    if parent is not None:
        update = "UPDATE session SET parent = ? WHERE id = ? AND parent IS NULL"
        work.db.execute(update, (source.session_id(parent), here))
    if known_us is not None:
        work.sessions.note_known(name, known_us)
    _merge_events(work, source, session, here)
    _merge_open_requests(work, source, session, here)


def read_cost_states(source: SourceLedger, session: int) -> Iterator[CostState]:
    """The client's own totals of a session of `source`, as its transcript showed them."""
    query = (
        "SELECT s.id, n.name, s.at_us, s.began_us, s.ran_us, m.name, s.input, s.output, s.cache_creation,"
        " s.cache_1h, s.cache_read, s.thinking, s.searches, s.cost FROM cost_state s"
        " JOIN session n ON n.id = s.session JOIN label m ON m.id = s.model WHERE s.session = ?"
    )
    states: dict[int, CostState] = {}
    for state_id, name, at_us, began_us, ran_us, model, *counts in source.db.execute(query, (session,)):
        state = states.setdefault(state_id, CostState(state_id, name, at_us))
        state.began_us, state.ran_us = began_us, ran_us
        if model:  # totals without any model have an empty name
            state.models[model] = tuple(counts)
    yield from states.values()


def _merge_events(work: Work, source: SourceLedger, session: int, here: int) -> None:
    """Add the processes, subagents, compactions and limit hits of a session."""
    db, theirs = work.db, source.db
    for (at_us,) in theirs.execute("SELECT at_us FROM process WHERE session = ?", (session,)):
        insert = "INSERT OR IGNORE INTO process (session, at_us, pid) VALUES (?, ?, ?)"
        db.execute(insert, (here, at_us, PROCESS_UNKNOWN))
    for values in theirs.execute("SELECT id, parent, tool FROM subagent WHERE session = ?", (session,)):
        insert = "INSERT OR IGNORE INTO subagent (session, id, parent, tool) VALUES (?, ?, ?, ?)"
        db.execute(insert, (here, *values))
    query = "SELECT id, subagent, at_us, automatic, before, after FROM compaction WHERE session = ?"
    for values in theirs.execute(query, (session,)):
        insert = (
            "INSERT OR IGNORE INTO compaction (session, id, subagent, at_us, automatic, before, after)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        db.execute(insert, (here, *values))
    for at_us, window in theirs.execute("SELECT at_us, window FROM limit_hit WHERE session = ?", (session,)):
        note_hit(db, here, at_us, window)


def _merge_open_requests(work: Work, source: SourceLedger, session: int, here: int) -> None:
    """Add the requests without an answer that this ledger does not know as answered or lost."""
    query = "SELECT id, subagent, class, at_us FROM open_request WHERE session = ?"
    insert = (
        "INSERT OR IGNORE INTO open_request (id, session, subagent, class, at_us)"
        " SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM response WHERE id = ?1)"
    )
    for request, subagent, class_id, at_us in source.db.execute(query, (session,)):
        work.db.execute(insert, (request, here, subagent, source.price_class_id(class_id), at_us))
