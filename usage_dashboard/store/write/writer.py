"""Writing what transcripts report into the ledger: new rows, merged sightings, links between them."""

from __future__ import annotations

from usage_dashboard.model.attribution import carry, is_awaited, note_result
from usage_dashboard.model.events import (
    Asked,
    Compaction,
    CostState,
    Cut,
    LimitHit,
    Refused,
    Response,
    ToolResult,
)
from usage_dashboard.model.ids import telemetry_id, thread_hash
from usage_dashboard.model.rows import ABORTED, ResponseRow, ToolRow, agent_of
from usage_dashboard.model.sightings import add_blocks, merge_counts, merge_line
from usage_dashboard.model.token_counts import prompt_bucket
from usage_dashboard.store.connection import split_ids
from usage_dashboard.store.write import stored_rows
from usage_dashboard.store.write.labels import server_of
from usage_dashboard.store.write.pending_requests import LedgerRequests
from usage_dashboard.store.write.sessions import late_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.model.events import Event
    from usage_dashboard.model.token_counts import PriceClass
    from usage_dashboard.store.write.unit_of_work import Work

    Outcome = tuple[ToolResult, tuple[str, str], str, int | None]
    """(the call and whether it failed, its session and subagent, the tool's name, milliseconds)"""


class Writer:
    """Writes captured events, one file at a time, through the open transaction of `work`."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._any_pruned = work.db.execute("SELECT 1 FROM pruned LIMIT 1").fetchone() is not None
        self._waiting: list[ToolRow] = []
        self._last: dict[int, ResponseRow] = {}
        self._outcome: Outcome | None = None

    def add(self, events: list[Event], session: str, subagent: str) -> int:
        """Write the events of one file of a thread, in its order; how many responses were new."""
        work = self._work
        known = work.sessions.find(session)
        self._load(events)
        gone = self._gone(events) if self._any_pruned else set()
        requests = LedgerRequests(work, known, subagent)
        if any(_is_of_request(event) for event in events):
            requests.read()
        stored = stored_rows.read_waiting(work.db, known) if known else {}
        self._waiting, self._last = work.hold(stored.values()), {}
        fresh = 0
        for event in events:
            if isinstance(event, Response):
                if event.answers is not None:
                    first = event.id not in work.responses and event.id not in gone
                    session_id = work.sessions.id(event.session)
                    requests.answer(event.answers, session_id, event.at_us, first=first)
                if event.id not in gone:
                    fresh += self._response(event)
            elif not (isinstance(event, Asked) and event.id in gone):
                self._other(event, requests, session)
        requests.write()
        self._note_outcome()
        states, late = [e for e in events if isinstance(e, CostState)], late_rows(work.db, work.settle())
        if states or late:
            from usage_dashboard.store.write import background  # noqa: PLC0415 - once a session; 0.4 ms

            background.settle(work, states, late)
        return fresh

    def expect(self, outcome: Outcome) -> None:
        """Note with the events that are added next how a tool call ended, as a hook knows it.

        They are likely to be about the call too, so that it is settled once.
        """
        self._outcome = outcome

    def finish(self) -> None:
        """Note how a tool call ended that is still waited for."""
        if self._outcome is not None:
            self._note_outcome()
            self._work.settle()

    def _note_outcome(self) -> None:
        """Note what a hook knows of a tool call: whether it failed, and how long it ran."""
        if self._outcome is None:
            return
        work = self._work
        tool, (session, subagent), name, duration_ms = self._outcome
        self._outcome = None
        work.read((), [tool.id])
        row = work.tools.get(tool.id)
        if row is None:
            row = self._new_tool(tool.id, name, (work.sessions.id(session), thread_hash(subagent)))
        row.duration_ms = duration_ms if row.duration_ms is None else row.duration_ms
        row.failed = int(tool.failed)

    def _load(self, events: list[Event]) -> None:
        """Read what the ledger already has of what `events` name."""
        responses: set[int] = set()
        tools: set[int] = set()
        for event in events:
            if isinstance(event, Response):
                responses.add(event.id)
                tools.update(tool.id for tool in event.tools)
                if event.answers is not None:
                    responses.add(event.answers)
                if event.request is not None:
                    responses.add(telemetry_id(event.request))
            elif isinstance(event, ToolResult):
                tools.add(event.id)
            elif isinstance(event, Asked):
                responses.add(event.id)  # the sign of one that was lost
        self._work.read(responses, tools)

    def _gone(self, events: list[Event]) -> set[int]:
        """The responses and lost requests among `events` whose rows were dropped by age."""
        gone: set[int] = set()
        for some in split_ids([event.id for event in events if isinstance(event, (Response, Asked))]):
            marks = ",".join("?" * len(some))
            query = f"SELECT id FROM pruned WHERE id IN ({marks})"  # noqa: S608 - only marks
            gone.update(row[0] for row in self._work.db.execute(query, some))
        return gone

    def _response(self, seen: Response) -> bool:
        """Write one sighting of a response; whether it is new."""
        work = self._work
        row = work.responses.get(seen.id)
        fresh = row is None
        if row is None:
            row = work.responses[seen.id] = self._row_of(seen, work.sessions.id(seen.session))
            row.class_id = work.classes.id(self._class_of(seen))
            work.sessions.touch(row.session, row.at_us)
            self._waiting = carry(row, self._waiting)
            reported = telemetry_id(seen.request) if seen.request is not None else None
            if reported in work.responses:
                work.responses[reported].gone = True  # telemetry was first; the transcript knows more
        else:
            self._merge(row, seen)
        self._link(row, seen)
        if seen.blocks:  # what was billed beside a response has none
            self._last[row.subagent] = row
        return fresh

    def _other(self, event: Event, requests: LedgerRequests, session: str) -> None:
        if isinstance(event, ToolResult):
            self._waiting += self._result(event, session)
        elif isinstance(event, Asked):
            requests.ask(event.id, self._work.sessions.id(event.session), event.model, event.at_us)
        elif isinstance(event, Refused):
            requests.refuse(event.at_us, all_open=event.all_open)
        elif isinstance(event, LimitHit):
            from usage_dashboard.store.write.limit_hits import note_hit  # noqa: PLC0415 - seldom

            note_hit(self._work.db, self._work.sessions.id(event.session), event.at_us, event.window)
        elif isinstance(event, Compaction):
            from usage_dashboard.store.write.subagents import note_compaction  # noqa: PLC0415 - seldom

            note_compaction(self._work.db, self._work.sessions.id(event.session), event)
        elif isinstance(event, Cut):
            last = self._last.get(thread_hash(event.subagent))
            last = last or self._last_stored(session, event)
            if last is not None:
                last.finish(ABORTED)

    def _last_stored(self, session: str, cut: Cut) -> ResponseRow | None:
        """The last response before `cut` that an earlier look had found: a fork's first are its parent's."""
        query = (
            "SELECT r.id FROM response r JOIN session s ON r.session IN (s.id, s.parent) WHERE s.id = ?"
            " AND r.subagent = ? AND r.blocks <> 0 AND r.kind < 2 AND r.at_us <= ?"
            " ORDER BY r.session = s.id DESC, r.at_us DESC, r.id LIMIT 1"
        )
        thread = (self._work.sessions.find(session), thread_hash(cut.subagent))
        found = self._work.db.execute(query, (*thread, cut.at_us)).fetchone()
        if found is None:
            return None
        self._work.read(found, ())
        return self._work.responses[found[0]]

    def _result(self, event: ToolResult, session: str) -> list[ToolRow]:
        """Note a tool's result if it is new; the call, if its result now waits to be carried."""
        tool = self._work.tools.get(event.id)
        if tool is None or not is_awaited(tool, thread_hash(event.subagent), self._waiting):
            return []
        note_result(tool, event.bytes, failed=event.failed)
        # The copy in a fork is handed on by the fork, if its parent went no further: the fork keeps it.
        here = self._work.sessions.id(session)
        if tool.handed is None or here != tool.session:
            tool.handed = here
        return [tool]

    def _row_of(self, seen: Response, session: int) -> ResponseRow:
        """The row that `seen` alone makes, without a price class."""
        labels = self._work.labels
        row = ResponseRow(seen.id, session, thread_hash(seen.subagent), seen.at_us)
        row.request = seen.request
        row.kind, agent = agent_of(seen.subagent, seen.agent)
        row.agent = labels.id("agent", agent)
        *marks, asked = seen.marks
        pairs = zip(("skill", "plugin", "server"), marks, strict=True)
        row.skill, row.plugin, row.mcp = (labels.id(kind, name) if name else None for kind, name in pairs)
        if asked and asked != seen.model:
            names = self._work.tariff.canonical(asked), self._work.tariff.canonical(seen.model)
            row.asked = labels.id("model", names[0]) if names[0] != names[1] else None
        row.finish(seen.final)
        merge_counts(row, seen.counts)
        add_blocks(row, seen.blocks, seen.text_bytes, seen.thinking_bytes)
        return row

    def _class_of(self, seen: Response) -> PriceClass:
        model = self._work.tariff.canonical(seen.model)
        return (model, prompt_bucket(seen.counts.prompt), seen.speed, seen.geo, seen.tier)

    def _merge(self, row: ResponseRow, seen: Response) -> None:
        """Merge another sighting into `row`."""
        at_us, line = row.at_us, self._row_of(seen, row.session)
        merge_line(row, line)
        if row.at_us < at_us:
            self._work.sessions.touch(row.session, row.at_us)
        if self._work.merge_names(row, line, self._class_of(seen)):
            self._waiting = carry(row, [t for t in self._waiting if t.result_bytes is not None])

    def _link(self, row: ResponseRow, seen: Response) -> None:
        """Link the tool calls that `seen` asked for to `row`."""
        for use in seen.tools:
            tool = self._work.tools.get(use.id)
            if tool is None:
                tool = self._new_tool(use.id, use.name, (row.session, row.subagent))
            tool.ask(row, use.input_bytes)

    def _new_tool(self, tool_id: int, name: str, thread: tuple[int, int]) -> ToolRow:
        labels = self._work.labels
        row = self._work.tools[tool_id] = ToolRow(tool_id, *thread)
        row.tool, row.server = labels.id("tool", name), labels.id("server", server_of(name))
        return row


def _is_of_request(event: Event) -> bool:
    """Whether `event` says what became of a request."""
    return isinstance(event, (Asked, Refused)) or (isinstance(event, Response) and event.answers is not None)
