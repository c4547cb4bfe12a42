"""Calls that telemetry reported: exact rows for what no transcript shows."""

from __future__ import annotations

from usage_dashboard.model.events import BACKGROUND, MAIN, SUBAGENT
from usage_dashboard.model.ids import MAIN_THREAD, telemetry_id, thread_hash
from usage_dashboard.model.rows import FINAL, HIDDEN_AGENT, MAIN_AGENT, UNNAMED_AGENT, ResponseRow
from usage_dashboard.model.sightings import merge_counts
from usage_dashboard.model.token_counts import TokenCounts, prompt_bucket
from usage_dashboard.store.write.background import settle
from usage_dashboard.store.write.sessions import late_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.model.api_request import ApiRequest
    from usage_dashboard.store.write.unit_of_work import Work

MAIN_SOURCES = ("repl_main_thread", "sdk")


def add(work: Work, requests: list[ApiRequest]) -> int:
    """Store `requests` that no transcript has shown; how many those were.

    A call that a transcript shows later gives way to it (its line has the same request's key).
    """
    work.read([telemetry_id(request.request) for request in requests], ())
    fresh = 0
    for request in requests:
        row_id = telemetry_id(request.request)
        session = work.sessions.id(request.session or "unknown")
        if row_id not in work.responses and not _is_shown(work, session, request.request):
            work.responses[row_id] = _row(work, row_id, session, request)
            work.sessions.touch(session, request.at_us)
            fresh += 1
    settle(work, [], late_rows(work.db, work.settle()))
    for request in requests:
        work.sessions.note_known(request.session or "unknown", request.at_us)
    return fresh


def _is_shown(work: Work, session: int, request: int) -> bool:
    query = "SELECT 1 FROM response WHERE session = ? AND request = ? LIMIT 1"
    return work.db.execute(query, (session, request)).fetchone() is not None


def _row(work: Work, row_id: int, session: int, request: ApiRequest) -> ResponseRow:
    kind, agent = _kind_and_agent(request)
    row = ResponseRow(
        row_id, session, thread_hash(request.subagent) if kind == SUBAGENT else MAIN_THREAD, request.at_us
    )
    row.kind, row.agent = kind, work.labels.id("agent", agent)
    row.request = request.request
    counts = TokenCounts(
        (request.input, request.output, request.cache_read), (request.cache_creation, 0, request.cache_1h)
    )
    merge_counts(row, counts)
    row.finish(FINAL)
    model = work.tariff.canonical(request.model)
    row.class_id = work.classes.id((model, prompt_bucket(counts.prompt), request.speed, "", ""))
    return row


def _kind_and_agent(request: ApiRequest) -> tuple[int, str]:
    """Kind and agent of a call by what it was for: the client's own helpers are background."""
    if request.source.startswith(MAIN_SOURCES):
        return MAIN, MAIN_AGENT
    if request.source.startswith("agent:"):
        return SUBAGENT, request.agent or request.source.rpartition(":")[2] or UNNAMED_AGENT
    return BACKGROUND, HIDDEN_AGENT
