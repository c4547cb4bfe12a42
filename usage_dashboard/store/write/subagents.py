"""How the threads of a session hang together: who started each subagent, and where one was compacted."""

from __future__ import annotations

from usage_dashboard.model.ids import thread_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.model.events import Compaction, Starter


def is_known(db: Connection, session: int, subagent: int) -> bool:
    """Whether it was noted who started a subagent, by its key."""
    query = "SELECT 1 FROM subagent WHERE session = ? AND id = ?"
    return db.execute(query, (session, subagent)).fetchone() is not None


def note_starter(db: Connection, session: int, subagent: int, starter: Starter) -> None:
    """Note who started a subagent, by its key."""
    values = (session, subagent, starter.parent, starter.tool)
    db.execute("INSERT OR REPLACE INTO subagent (session, id, parent, tool) VALUES (?, ?, ?, ?)", values)


def note_compaction(db: Connection, session: int, seen: Compaction) -> None:
    """Note that a thread of `session` was compacted."""
    automatic = None if seen.automatic is None else int(seen.automatic)
    thread = thread_hash(seen.subagent)
    db.execute(
        "INSERT OR REPLACE INTO compaction (id, session, subagent, at_us, automatic, before, after)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (seen.id, session, thread, seen.at_us, automatic, seen.before, seen.after),
    )
