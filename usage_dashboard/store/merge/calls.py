"""Calls of another ledger into this one: each response once, by its key, and what one of both knows better.

Two rows of one response are two sightings of it: the maximum of each count, as the writer merges lines.
What hangs off it is shared and added up again by `Work`, so totals move by the difference.
"""

from __future__ import annotations

from usage_dashboard.model.ids import telemetry_id
from usage_dashboard.model.rows import ResponseRow, ToolRow
from usage_dashboard.model.sightings import merge_row
from usage_dashboard.store.connection import split_ids
from usage_dashboard.store.write import stored_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.store.merge.source import SourceLedger
    from usage_dashboard.store.write.unit_of_work import Work

AT_ONCE = 2000


def merge_calls(work: Work, source: SourceLedger, session: int) -> list[ResponseRow]:
    """Merge the calls of a session of `source`, by its number there; the rows that changed here."""
    query = "SELECT id FROM response WHERE session = ? ORDER BY at_us, id"
    ids = [row[0] for row in source.db.execute(query, (session,))]
    derived = source.derived_row_ids(session)
    changed: list[ResponseRow] = []
    for some in split_ids(ids, AT_ONCE):
        changed += _adopt(work, source, some, derived)
    return changed


def merge_unlinked_results(work: Work, source: SourceLedger) -> None:
    """Merge the tool calls of `source` that only a hook has reported so far."""
    query = "SELECT id FROM tool_call WHERE response IS NULL AND carrier IS NULL"
    for some in split_ids([row[0] for row in source.db.execute(query)], AT_ONCE):
        tools = stored_rows.read_tools(source.db, "id", some)
        work.read((), tools)
        for tool in tools.values():
            _take_tool(work, source, tool)
        work.settle()


def _adopt(work: Work, source: SourceLedger, ids: list[int], derived: dict[int, int]) -> list[ResponseRow]:
    seen = [_translated(source, row, derived) for row in stored_rows.read_responses(source.db, ids).values()]
    linked = [stored_rows.read_tools(source.db, column, ids) for column in ("response", "carrier")]
    tools = linked[0] | linked[1]
    reported = [telemetry_id(row.request) for row in seen if row.request is not None]
    work.read([*reported, *(row.id for row in seen)], tools)
    dropped = _dropped(work.db, [row.id for row in seen])
    own = set(derived.values())
    taken = {row.id for row in seen if row.id not in dropped and _take(work, row, own)}
    for tool in tools.values():
        if tool.response in taken or tool.carrier in taken:
            _take_tool(work, source, tool)
    return work.settle()


def _dropped(db: Connection, ids: list[int]) -> set[int]:
    """The responses among `ids` whose rows were dropped here: the totals count them, or must not."""
    found: set[int] = set()
    for some in split_ids(ids):
        marks = ",".join("?" * len(some))
        found.update(row[0] for row in db.execute(f"SELECT id FROM pruned WHERE id IN ({marks})", some))  # noqa: S608 - only marks
    return found


def _translated(source: SourceLedger, row: ResponseRow, derived: dict[int, int]) -> ResponseRow:
    """A row of `source` with this ledger's numbers, as one that is new here and has no price yet."""
    row.id = derived.get(row.id, row.id)
    row.session = source.session_id(row.session)
    row.agent, row.class_id = source.label_id(row.agent), source.price_class_id(row.class_id)
    row.skill, row.plugin, row.mcp, row.asked = (
        source.optional_label_id(mark) for mark in (row.skill, row.plugin, row.mcp, row.asked)
    )
    row.cost = row.cost_prompt = row.cost_read = row.savings = None
    row.before = None
    return row


def _take(work: Work, seen: ResponseRow, derived: set[int]) -> bool:
    """Merge one row; False if it is not a response of its own here."""
    row = work.responses.get(seen.id)
    if row is None:
        if seen.request is not None and not _takes_place(work, seen, seen.request):
            return False
        work.responses[seen.id] = seen
        work.sessions.touch(seen.session, seen.at_us)
    elif seen.id not in derived:  # what is derived was not seen, and is derived again
        merge_row(row, seen)
        work.merge_names(row, seen, work.classes.key(seen.class_id))
    return True


def _takes_place(work: Work, seen: ResponseRow, request: int) -> bool:
    """Whether `seen` counts beside other rows of its request: a transcript knows more than telemetry."""
    reported = telemetry_id(request)
    if seen.id != reported:
        if reported in work.responses:
            work.responses[reported].gone = True
        return True
    query = "SELECT 1 FROM response WHERE session = ? AND request = ? LIMIT 1"
    return work.db.execute(query, (seen.session, request)).fetchone() is None


def _take_tool(work: Work, source: SourceLedger, seen: ToolRow) -> None:
    """Merge one tool call, or what this ledger does not know of it yet."""
    seen.session = source.session_id(seen.session)
    seen.tool, seen.server = source.label_id(seen.tool), source.label_id(seen.server)
    seen.handed = None if seen.handed is None else source.session_id(seen.handed)
    row = work.tools.get(seen.id)
    if row is None:
        _clear(seen)
        work.tools[seen.id] = seen
        return
    if row.response is None:
        for name in ("response", "input_bytes", "session", "subagent"):
            setattr(row, name, getattr(seen, name))
    for name in ("carrier", "result_bytes", "duration_ms", "failed", "handed"):
        if getattr(row, name) is None:
            setattr(row, name, getattr(seen, name))


def _clear(row: ToolRow) -> None:
    """Take the shares off a tool call that is new here: it gets them of the responses here."""
    row.before = None
    for name in ("output", "input", "cache_creation", "cache_1h", "cost_output", "cost_prompt"):
        setattr(row, name, 0)
