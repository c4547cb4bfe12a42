"""Putting what was captured into the ledger: new rows, merged sightings, links between them."""

from __future__ import annotations

from usage_dashboard.model.events import (
    MAIN,
    SUBAGENT,
    Asked,
    Compaction,
    CostState,
    Cut,
    LimitHit,
    Refused,
    Response,
    ToolResult,
    prompt_bucket,
)
from usage_dashboard.model.ids import telemetry_id, thread_hash
from usage_dashboard.store.connection import split_ids
from usage_dashboard.store.write import rows
from usage_dashboard.store.write.labels import MAIN_AGENT, UNNAMED_AGENT, server_of
from usage_dashboard.store.write.pending_requests import Requests
from usage_dashboard.store.write.rows import ABORTED, FINAL, ResponseRow, ToolRow
from usage_dashboard.store.write.sessions import late_rows
from usage_dashboard.store.write.unit_of_work import COUNTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.model.events import Event
    from usage_dashboard.store.write.price_classes import ClassKey
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
        """Take in the events of one file of a thread, in its order; how many responses were new."""
        work = self._work
        known = work.sessions.find(session)
        self._load(events)
        gone = self._gone(events) if self._any_pruned else set()
        requests = Requests(work, known, subagent)
        stored = rows.read_waiting(work.db, known) if known else {}
        self._waiting, self._last = work.hold(stored.values()), {}
        fresh = 0
        for event in events:
            if isinstance(event, Response):
                if event.answers is not None:
                    first = event.id not in work.responses and event.id not in gone
                    session_id = work.sessions.id(event.session)
                    requests.answered(event.answers, session_id, event.at_us, first=first)
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
        """Take in one sighting of a response; whether it is new."""
        responses = self._work.responses
        row = responses.get(seen.id)
        fresh = row is None
        if row is None:
            row = responses[seen.id] = self._new(seen)
            self._waiting = _carry(row, self._waiting)
            told = telemetry_id(seen.request) if seen.request is not None else None
            if told in responses:
                responses[told].gone = True  # telemetry was first; the transcript knows more
        else:
            self._merge(row, seen)
        self._link(row, seen)
        if seen.blocks:  # what was billed beside a response has none
            self._last[row.subagent] = row
        return fresh

    def _other(self, event: Event, requests: Requests, session: str) -> None:
        if isinstance(event, ToolResult):
            self._waiting += self._result(event, session)
        elif isinstance(event, Asked):
            requests.asked(event.id, self._work.sessions.id(event.session), event.model, event.at_us)
        elif isinstance(event, Refused):
            requests.refused(event.at_us, all_open=event.all_open)
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
                last.final |= ABORTED
                last.incomplete = 1

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
        """Note a tool's result where it is new; the call, if its result now waits to be carried."""
        tool = self._work.tools.get(event.id)
        if tool is None or tool.carrier is not None or tool in self._waiting:
            return []
        # A subagent that continues its parent's conversation begins with made-up results of its calls.
        if tool.subagent != thread_hash(event.subagent):
            return []
        if tool.result_bytes is None:
            tool.result_bytes = event.bytes
            tool.failed = int(event.failed) if tool.failed is None else tool.failed
        # The copy in a fork is handed on by the fork, if its parent went no further: the fork keeps it.
        here = self._work.sessions.id(session)
        if tool.handed is None or here != tool.session:
            tool.handed = here
        return [tool]

    def _new(self, seen: Response) -> ResponseRow:
        work = self._work
        session = work.sessions.id(seen.session)
        work.sessions.touch(session, seen.at_us)
        agent = (seen.agent or UNNAMED_AGENT) if seen.subagent else MAIN_AGENT
        final = _final(seen)
        values = (
            seen.id, seen.request, session, thread_hash(seen.subagent),
            SUBAGENT if seen.subagent else MAIN, work.labels.id("agent", agent),
            work.classes.id(self._class_of(seen)), seen.at_us, seen.input, seen.output, seen.cache_creation,
            seen.cache_1h, seen.cache_read, seen.thinking, seen.searches, 1, int(final != FINAL), final,
            seen.text_bytes, seen.thinking_bytes, seen.blocks, None, None, None, None, *self._marks(seen),
        )  # fmt: skip
        return ResponseRow(values, stored=False)

    def _marks(self, seen: Response) -> tuple[int | None, ...]:
        """The labels of what the client itself charges a response to: skill, plugin, MCP server."""
        pairs = zip(("skill", "plugin", "server"), seen.marks, strict=True)
        return tuple(self._work.labels.id(kind, name) if name else None for kind, name in pairs)

    def _class_of(self, seen: Response) -> ClassKey:
        model = self._work.tariff.canonical(seen.model)
        return (model, prompt_bucket(seen.prompt), seen.speed, seen.geo, seen.tier)

    def _merge(self, row: ResponseRow, seen: Response) -> None:
        """Let `row` take over what another sighting knows better.

        The maximum of each count: a line may be an early placeholder, and a fork after a compaction
        copies lines with their usage zeroed.
        """
        for name in COUNTS:
            if getattr(seen, name) > getattr(row, name):
                setattr(row, name, getattr(seen, name))
        if seen.thinking is not None:
            row.thinking = max(row.thinking or 0, seen.thinking)
        row.request = seen.request if row.request is None else row.request
        if seen.at_us < row.at_us:
            row.at_us = seen.at_us
            self._work.sessions.touch(row.session, seen.at_us)
        row.final |= _final(seen)
        row.incomplete = int(row.final != FINAL)
        if seen.blocks & ~row.blocks:
            row.text_bytes += seen.text_bytes
            row.thinking_bytes += seen.thinking_bytes
            row.blocks |= seen.blocks
        self._merge_thread(row, seen)
        classes = self._work.classes
        model, bucket, *marks = classes.key(row.class_id)
        seen_marks = (seen.speed, seen.geo, seen.tier)
        speed, geo, tier = (mark or other for mark, other in zip(marks, seen_marks, strict=True))
        row.class_id = classes.id((model, max(bucket, prompt_bucket(seen.prompt)), speed, geo, tier))

    def _merge_thread(self, row: ResponseRow, seen: Response) -> None:
        """Let `row` take over whose it is: a name that was missing, or the main thread.

        A subagent that continues its parent's conversation has a copy of the reply that started it.
        """
        if row.kind != SUBAGENT:
            return
        labels = self._work.labels
        if not seen.subagent:
            self._work.make_main(row)
            self._waiting = _carry(row, [t for t in self._waiting if t.result_bytes is not None])
        elif seen.agent and row.agent == labels.id("agent", UNNAMED_AGENT):
            row.agent = labels.id("agent", seen.agent)

    def _link(self, row: ResponseRow, seen: Response) -> None:
        """Hang the tool calls that `seen` asked for off `row`."""
        for use in seen.tools:
            tool = self._work.tools.get(use.id)
            if tool is None:
                tool = self._new_tool(use.id, use.name, (row.session, row.subagent))
            if tool.response is None:
                tool.response, tool.input_bytes = row.id, use.input_bytes
                tool.session, tool.subagent = row.session, row.subagent

    def _new_tool(self, tool_id: int, name: str, thread: tuple[int, int]) -> ToolRow:
        labels = self._work.labels
        label, server = labels.id("tool", name), labels.id("server", server_of(name))
        unknown = (None, None, None)
        values = (tool_id, None, None, *thread, label, server, 0, *unknown, 0, 0, 0, 0, 0, 0, None)
        row = self._work.tools[tool_id] = ToolRow(values, stored=False)
        return row


def _final(seen: Response) -> int:
    return (FINAL if seen.final else 0) | (ABORTED if seen.aborted else 0)


def _carry(row: ResponseRow, waiting: list[ToolRow]) -> list[ToolRow]:
    """Let `row`'s request carry the results that wait in its thread; those that still wait."""
    left = []
    for tool in waiting:
        # Not its own: a tool may answer while the reply that asked for it is still being written.
        if tool.subagent == row.subagent and tool.response not in (None, row.id):
            tool.carrier = row.id
        else:
            left.append(tool)
    return left
