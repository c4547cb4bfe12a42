"""Background calls in the ledger: the client's own totals, and the rows that are derived from them."""

from __future__ import annotations

from itertools import pairwise

from usage_dashboard.model.background import (
    COST,
    ClientTotals,
    HiddenUsage,
    ShownCall,
    TotalsInterval,
    contains,
    hidden,
    join_results,
)
from usage_dashboard.model.background_intervals import SLACK_US, Session, first_lost_us, intervals
from usage_dashboard.model.events import BACKGROUND, SUBAGENT
from usage_dashboard.model.ids import MAIN_THREAD, background_id
from usage_dashboard.model.rows import COUNTS, FINAL, HIDDEN_AGENT, ResponseRow
from usage_dashboard.store.meta import forgotten_until_us, rows_since_us
from usage_dashboard.store.write.stored_rows import read_responses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.model.events import CostState
    from usage_dashboard.model.token_counts import PriceClass
    from usage_dashboard.store.write.unit_of_work import Work

MARKS = (("", "", ""), ("fast", "", ""), ("", "us", ""), ("", "", "batch"))
LATEST_US = 1 << 62
_COUNTS = "input, output, cache_creation, cache_1h, cache_read, thinking, searches, cost"


def settle(work: Work, states: list[CostState], late: set[int]) -> None:
    """Bring the background rows up to new totals of the client's, and to what came `late` to a session."""
    sessions = late | {_note(work, state) for state in states}
    for session in sorted(_with_forks(work.db, sessions)):
        _derive(work, session)


def _note(work: Work, state: CostState) -> int:
    """Keep the totals in `state`; its session's id."""
    session = work.sessions.id(state.session)
    merged: dict[str, tuple[int, ...]] = {}
    for name, counts in state.models.items():
        model = work.tariff.canonical(name)
        before = merged.get(model, (0,) * len(counts))
        merged[model] = tuple(a + b for a, b in zip(before, counts, strict=True))
    values = [
        (
            state.id,
            session,
            state.began_us,
            state.at_us,
            state.ran_us,
            work.labels.id("model", model),
            *counts,
        )
        for model, counts in (merged or {"": (0,) * (COST + 1)}).items()
    ]
    marks = ",".join("?" * len(values[0]))
    names = f"id, session, began_us, at_us, ran_us, model, {_COUNTS}"
    insert = f"INSERT OR IGNORE INTO cost_state ({names}) VALUES ({marks})"  # noqa: S608 - our own names
    work.db.executemany(insert, values)
    return session


def _with_forks(db: Connection, sessions: set[int]) -> set[int]:
    """`sessions`, and those that share their count: forks: their totals begin with their parent's."""
    found = set(sessions)
    for session in sessions:
        query = (
            "SELECT DISTINCT session FROM cost_state WHERE began_us > 0 AND began_us IN"
            " (SELECT began_us FROM cost_state WHERE session = ?)"
        )
        found.update(row[0] for row in db.execute(query, (session,)))
    return found


def read_session(db: Connection, session: int) -> Session | None:
    """What the ledger has of `session` and the client's totals of it; None while those cannot be told.

    They cannot where there are none yet, or where a fork's parent is not in the ledger.
    """
    states = join_results([state for _, state in _read_states(db, "s.session = ?", (session,))])
    if not states:
        return None
    first, shown = states[0], _shown(db, session)
    base = _base(db, session, first, shown) if _inherits(db, session, first) else None
    if base is None and _inherits(db, session, first):
        return None
    signs = (_read_starts(db, session), _read_compactions(db, session))
    return Session(states, shown, base, signs)


def read_intervals(db: Connection, session: int) -> list[TotalsInterval] | None:
    """What each of the client's totals of `session` counted; None as for `read_session`.

    Those that counted rows which were dropped by age or forgotten are left out, and None if it was all.
    """
    known = read_session(db, session)
    return None if known is None else _kept(db, session, intervals(known))


def _read_compactions(db: Connection, session: int) -> list[int]:
    """When the main thread of `session` was compacted; a fork repeats those of its parent."""
    query = (
        "SELECT c.at_us FROM compaction c JOIN session s ON s.id = c.session"
        " WHERE c.session = ? AND c.subagent = ? AND (s.parent IS NULL OR NOT EXISTS"
        " (SELECT 1 FROM compaction o WHERE o.id = c.id AND o.session <> c.session)) ORDER BY c.at_us"
    )
    return [row[0] for row in db.execute(query, (session, MAIN_THREAD))]


def _kept(db: Connection, session: int, counted: list[TotalsInterval]) -> list[TotalsInterval] | None:
    kept_us = _kept_since_us(db, session)
    return [interval for interval in counted if not kept_us or interval.begin_us >= kept_us] or None


def _read_starts(db: Connection, session: int) -> list[int]:
    """When each process of `session` began, as far as hooks reported it."""
    query = "SELECT at_us, pid FROM process WHERE session = ? ORDER BY at_us"
    starts = list(db.execute(query, (session,)))
    again = {at_us for (_, one), (at_us, other) in pairwise(starts) if one and one == other}
    return [at_us for at_us, _ in starts if at_us not in again]


def _kept_since_us(db: Connection, session: int) -> int:
    """From when on every row of `session` is still there; 0 where none was ever dropped."""
    name, first_us = db.execute("SELECT name, first_us FROM session WHERE id = ?", (session,)).fetchone()
    since_us = rows_since_us(db)
    return max(forgotten_until_us(db, name), since_us if first_us < since_us else 0)


def _derive(work: Work, session: int) -> None:
    """Make the background rows of `session` what its states and its own rows say."""
    known = read_session(work.db, session)
    everything = [] if known is None else intervals(known)
    counted = _kept(work.db, session, everything)
    if known is None or counted is None:
        return
    wanted = {background_id(session, found.state, found.model): found for found in hidden(counted)}
    query = "SELECT id FROM response WHERE session = ? AND kind = ? AND request IS NULL AND at_us >= ?"
    since_us = min(counted[0].state.at_us, _first_result_us(work.db, session))
    stored = {row[0] for row in work.db.execute(query, (session, BACKGROUND, since_us))}
    work.responses.update(read_responses(work.db, stored | wanted.keys()))
    for unwanted in stored - wanted.keys():
        work.responses[unwanted].gone = True
    for wanted_id, found in wanted.items():
        work.responses[wanted_id] = _row(work, session, wanted_id, found)
    for interval in counted:  # whether it hides anything may turn out otherwise later
        work.sessions.touch(session, interval.state.at_us)
    _note_known(work.db, session, counted[-1], first_lost_us(known, everything))
    work.settle()


def _first_result_us(db: Connection, session: int) -> int:
    """When the first result of `session` was printed: what it hid is derived again from all that is known."""
    query = "SELECT MIN(at_us) FROM cost_state WHERE session = ? AND began_us = 0"
    (first_us,) = db.execute(query, (session,)).fetchone()
    return LATEST_US if first_us is None else int(first_us)


def _note_known(db: Connection, session: int, last: TotalsInterval, lost_us: int | None) -> None:
    """Note until when background usage is known, and since when some is lost.

    Signs of a process that died are dropped by age like any row, while what it hid stays unknown.
    """
    known_us = max([last.state.at_us, *(row.at_us for row in last.own)])
    kept = "lost_us" if _kept_since_us(db, session) else "NULL"
    query = f"UPDATE session SET known_us = ?, lost_us = COALESCE(?, {kept}) WHERE id = ?"  # noqa: S608 - ours
    db.execute(query, (known_us, lost_us, session))


def _row(work: Work, session: int, wanted_id: int, found: HiddenUsage) -> ResponseRow:
    row = ResponseRow(wanted_id, session, MAIN_THREAD, found.at_us)
    row.kind, row.agent = BACKGROUND, work.labels.id("agent", HIDDEN_AGENT)
    (
        row.input, row.output, row.cache_creation, row.cache_1h, row.cache_read, row.thinking, row.searches,
    ) = found.counts  # fmt: skip
    row.class_id = work.classes.id(_class_of(work, found, tuple(getattr(row, name) for name in COUNTS)))
    if found.answering != found.model:
        row.asked = work.labels.id("model", found.model)
    row.calls = found.calls
    row.finish(FINAL)
    row.before = work.responses[wanted_id].before if wanted_id in work.responses else None
    return row


def _class_of(work: Work, found: HiddenUsage, counts: tuple[int, ...]) -> PriceClass:
    """The price class with the cost that is nearest to the growth of the client's own."""
    best: PriceClass = (found.answering, 0, "", "", "")
    nearest: int | None = None
    for bucket in range(3):
        for marks in MARKS:
            cost = work.tariff.cost((found.answering, bucket, *marks), found.at_us, counts)
            if cost is not None and (nearest is None or abs(cost[0] - found.nusd) < nearest):
                nearest, best = abs(cost[0] - found.nusd), (found.answering, bucket, *marks)
    return best


def _read_states(db: Connection, where: str, values: tuple[int, ...]) -> list[tuple[int, ClientTotals]]:
    """(session, state) of the states that `where` selects, in order of time."""
    query = (
        "SELECT s.session, s.id, s.at_us, s.began_us, s.ran_us, m.name, s."  # noqa: S608 - our own words
        + _COUNTS.replace(", ", ", s.")
        + f" FROM cost_state s JOIN label m ON m.id = s.model WHERE {where} ORDER BY s.at_us, s.ran_us, s.id"
    )
    found: dict[int, tuple[int, ClientTotals]] = {}
    for owner, state_id, at_us, began_us, ran_us, model, *counts in db.execute(query, values):
        _, state = found.setdefault(state_id, (owner, ClientTotals(state_id, at_us, began_us, ran_us, {})))
        state.models[model] = tuple(counts)
    return list(found.values())


def _shown(db: Connection, session: int) -> list[ShownCall]:
    """What the session itself showed: its own responses, and calls that telemetry reported."""
    query = (
        "SELECT r.at_us, m.name, a.name, r.incomplete, r.kind, r.input, r.output, r.cache_creation,"
        " r.cache_1h, r.cache_read, COALESCE(r.thinking, 0), r.searches, COALESCE(r.cost, 0)"
        " FROM response r JOIN price_class c ON c.id = r.class JOIN label m ON m.id = c.model"
        " LEFT JOIN label a ON a.id = r.asked"
        " WHERE r.session = ? AND NOT (r.kind = 2 AND r.request IS NULL) ORDER BY r.at_us"
    )
    return [
        ShownCall(
            at_us, model, tuple(counts), (bool(incomplete), kind == SUBAGENT, kind == BACKGROUND), asked
        )
        for at_us, model, asked, incomplete, kind, *counts in db.execute(query, (session,))
    ]


def _inherits(db: Connection, session: int, first: ClientTotals) -> bool:
    """Whether the count in a session's first state began in the session that it was forked from."""
    query = "SELECT p.first_us FROM session s JOIN session p ON p.id = s.parent WHERE s.id = ?"
    parent = db.execute(query, (session,)).fetchone()
    return parent is not None and first.began_us <= parent[0] + SLACK_US


def _base(db: Connection, session: int, first: ClientTotals, shown: list[ShownCall]) -> ClientTotals | None:
    """The totals with which the count of a fork began: the last of its parent's before the fork.

    The parent is the session whose lines were copied last, or a fork in between that added none of its
    own; of those, the one with the largest totals that the fork's own can have grown from.
    """
    forked_us = min([first.at_us, *(row.at_us for row in shown)])
    candidates = _read_states(db, "s.began_us = ? AND s.session <> ?", (first.began_us, session))
    parent = db.execute("SELECT parent FROM session WHERE id = ?", (session,)).fetchone()[0]
    best: ClientTotals | None = None
    for owner, state in candidates:
        if state.at_us > forked_us or not (owner == parent or _added_nothing(db, owner, forked_us)):
            continue
        if contains(first, state) and (best is None or _size(state) >= _size(best)):
            best = state
    return best


def _added_nothing(db: Connection, session: int, before_us: int) -> bool:
    query = "SELECT 1 FROM response WHERE session = ? AND kind < 2 AND at_us < ? LIMIT 1"
    return db.execute(query, (session, before_us)).fetchone() is None


def _size(state: ClientTotals) -> int:
    return sum(sum(counts[:COST]) for counts in state.models.values())
