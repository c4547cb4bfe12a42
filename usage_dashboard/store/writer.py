"""Putting what was captured into the ledger: merge, link, attribute, price, and keep the totals."""

from __future__ import annotations

from usage_dashboard.model import MAIN, SUBAGENT, Response, ToolResult, key, prompt_bucket
from usage_dashboard.store import attribution, rows
from usage_dashboard.store.classes import Classes
from usage_dashboard.store.connect import pieces
from usage_dashboard.store.labels import MAIN_AGENT, server_of
from usage_dashboard.store.rollup import Change
from usage_dashboard.store.rows import ABORTED, FINAL, ResponseRow, ToolRow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection
    from typing import Protocol

    from usage_dashboard.store.classes import ClassKey
    from usage_dashboard.store.labels import Labels
    from usage_dashboard.store.sessions import Sessions

    class Tariff(Protocol):
        """Prices for the writer, which may not know where they come from."""

        def canonical(self, model: str) -> str:
            """A model's id without what a provider or a client adds to it."""

        def cost(
            self, key: ClassKey, at_us: int, counts: tuple[int, ...]
        ) -> tuple[int, int, int, int] | None:
            """Nano-USD of a response: all, fresh prompt, cache reads, saved by caching; None if unpriced.

            `counts`: input, output, cache creation, its 1-hour part, cache read, web searches.
            """


COUNTS = ("input", "output", "cache_creation", "cache_1h", "cache_read", "searches")
UNNAMED_AGENT = "subagent"


class Writer:
    """Writes captured events, one file at a time, through the open transaction of `db`."""

    def __init__(self, db: Connection, labels: Labels, sessions: Sessions, tariff: Tariff) -> None:
        self._db = db
        self._labels = labels
        self._sessions = sessions
        self._tariff = tariff
        self._classes = Classes(db, labels)
        self._any_pruned = db.execute("SELECT 1 FROM pruned LIMIT 1").fetchone() is not None
        self._responses: dict[int, ResponseRow] = {}
        self._tools: dict[int, ToolRow] = {}

    def add(self, events: list[Response | ToolResult], session: str) -> int:
        """Take in `events` of one file of `session`, in its order; how many responses were new."""
        self._load(events)
        gone = self._gone(events) if self._any_pruned else set()
        waiting = self._waiting(session)
        fresh = 0
        for event in events:
            if isinstance(event, ToolResult):
                waiting += self._result(event)
            elif event.id not in gone:
                row = self._responses.get(event.id)
                if row is None:
                    row = self._responses[event.id] = self._new(event)
                    waiting = _carry(row, waiting)
                    fresh += 1
                else:
                    self._merge(row, event)
                self._link(row, event)
        self._settle()
        return fresh

    def tool_outcome(
        self, tool: ToolResult, session: str, subagent: str, name: str, duration_ms: int | None
    ) -> None:
        """Note what a hook knows of a tool call: whether it failed, and how long it ran."""
        self._tools = rows.read_tools(self._db, "id", [tool.id])
        row = self._tools.get(tool.id)
        if row is None:
            thread = (self._sessions.id(session), key(subagent) if subagent else 0)
            row = self._tools[tool.id] = self._new_tool(tool.id, name, thread)
        row.duration_ms = duration_ms if row.duration_ms is None else row.duration_ms
        row.failed = int(tool.failed)
        self._settle()

    def _load(self, events: list[Response | ToolResult]) -> None:
        """Read what the ledger already has of the responses and tool calls that `events` name."""
        responses = {event.id for event in events if isinstance(event, Response)}
        tools = {event.id for event in events if isinstance(event, ToolResult)}
        tools.update(tool.id for event in events if isinstance(event, Response) for tool in event.tools)
        self._responses = rows.read_responses(self._db, responses)
        self._tools = rows.read_tools(self._db, "id", tools)

    def _gone(self, events: list[Response | ToolResult]) -> set[int]:
        """The responses among `events` whose rows were dropped by age."""
        gone: set[int] = set()
        for some in pieces([event.id for event in events if isinstance(event, Response)]):
            marks = ",".join("?" * len(some))
            query = f"SELECT id FROM pruned WHERE id IN ({marks})"  # noqa: S608 - only marks
            gone.update(row[0] for row in self._db.execute(query, some))
        return gone

    def _waiting(self, session: str) -> list[ToolRow]:
        """The tool calls of the session whose results no request has carried yet."""
        found = self._sessions.find(session)
        stored = rows.read_waiting(self._db, found) if found else {}
        return [self._tools.setdefault(tool.id, tool) for tool in stored.values()]

    def _result(self, event: ToolResult) -> list[ToolRow]:
        """Note a tool's result where it is new; the call, if its result now waits to be carried."""
        tool = self._tools.get(event.id)
        if tool is None or tool.result_bytes is not None:
            return []
        tool.result_bytes = event.bytes
        tool.failed = int(event.failed) if tool.failed is None else tool.failed
        return [tool]

    def _new(self, seen: Response) -> ResponseRow:
        session = self._sessions.id(seen.session)
        self._sessions.touch(session, seen.at_us)
        agent = (seen.agent or UNNAMED_AGENT) if seen.subagent else MAIN_AGENT
        final = _final(seen)
        values = (
            seen.id, seen.request, session, key(seen.subagent) if seen.subagent else 0,
            SUBAGENT if seen.subagent else MAIN, self._labels.id("agent", agent),
            self._classes.id(self._class_of(seen)), seen.at_us, seen.input, seen.output, seen.cache_creation,
            seen.cache_1h, seen.cache_read, seen.thinking, seen.searches, 1, int(final != FINAL), final,
            seen.text_bytes, seen.thinking_bytes, seen.blocks, None, None, None, None,
        )  # fmt: skip
        return ResponseRow(values, stored=False)

    def _class_of(self, seen: Response) -> ClassKey:
        model = self._tariff.canonical(seen.model)
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
        row.at_us = min(row.at_us, seen.at_us)
        row.final |= _final(seen)
        row.incomplete = int(row.final != FINAL)
        if seen.blocks & ~row.blocks:
            row.text_bytes += seen.text_bytes
            row.thinking_bytes += seen.thinking_bytes
            row.blocks |= seen.blocks
        self._merge_thread(row, seen)
        model, bucket, *marks = self._classes.key(row.class_id)
        seen_marks = (seen.speed, seen.geo, seen.tier)
        speed, geo, tier = (mark or other for mark, other in zip(marks, seen_marks, strict=True))
        row.class_id = self._classes.id((model, max(bucket, prompt_bucket(seen.prompt)), speed, geo, tier))

    def _merge_thread(self, row: ResponseRow, seen: Response) -> None:
        """Let `row` take over whose it is: a name that was missing, or the main thread.

        A subagent that continues its parent's conversation has a copy of the reply that started it.
        """
        if row.kind != SUBAGENT:
            return
        if not seen.subagent:
            row.kind, row.subagent, row.agent = MAIN, 0, self._labels.id("agent", MAIN_AGENT)
            for tool in self._tools.values():
                if tool.response == row.id:
                    tool.subagent = 0
        elif seen.agent and row.agent == self._labels.id("agent", UNNAMED_AGENT):
            row.agent = self._labels.id("agent", seen.agent)

    def _link(self, row: ResponseRow, seen: Response) -> None:
        """Hang the tool calls that `seen` asked for off `row`."""
        for use in seen.tools:
            tool = self._tools.get(use.id)
            if tool is None:
                tool = self._tools[use.id] = self._new_tool(use.id, use.name, (row.session, row.subagent))
            if tool.response is None:
                tool.response = row.id
                tool.input_bytes = use.input_bytes

    def _new_tool(self, tool_id: int, name: str, thread: tuple[int, int]) -> ToolRow:
        server = server_of(name)
        label, server_label = self._labels.id("tool", name), self._labels.id("server", server)
        unknown = (None, None, None)
        values = (tool_id, None, None, *thread, label, server_label, 0, *unknown, 0, 0, 0, 0, 0, 0)
        return ToolRow(values, stored=False)

    def _settle(self) -> None:
        """Attribute and price what changed, write it, and move the totals by the difference."""
        self._load_relatives()
        changed = [row for row in self._responses.values() if _differs(row)]
        for row in changed:
            self._price(row)
        touched = {row.id for row in changed}
        for tool in self._tools.values():
            if _differs(tool):
                touched.update(relative for relative in (tool.response, tool.carrier) if relative is not None)
        written, carried = (
            rows.grouped(self._tools.values(), "response"),
            rows.grouped(self._tools.values(), "carrier"),
        )
        for response_id in touched & self._responses.keys():
            attribution.share_output(self._responses[response_id], written.get(response_id, []))
            attribution.share_prompt(self._responses[response_id], carried.get(response_id, []))
        self._write(changed)

    def _load_relatives(self) -> None:
        """Read what the events did not name but a change of theirs reaches, so that shares add up."""
        stored = [row.id for row in self._responses.values() if row.before is not None]
        for column in ("response", "carrier"):
            for tool in rows.read_tools(self._db, column, stored).values():
                self._tools.setdefault(tool.id, tool)
        named = {r for tool in self._tools.values() for r in (tool.response, tool.carrier) if r is not None}
        missing = named - self._responses.keys()
        self._responses.update(rows.read_responses(self._db, missing))
        for column in ("response", "carrier"):
            for tool in rows.read_tools(self._db, column, missing).values():
                self._tools.setdefault(tool.id, tool)

    def _price(self, row: ResponseRow) -> None:
        counts = tuple(getattr(row, name) for name in COUNTS)
        cost = self._tariff.cost(self._classes.key(row.class_id), row.at_us, counts)
        row.cost, row.cost_prompt, row.cost_read, row.savings = cost or (None, None, None, None)

    def _write(self, changed: list[ResponseRow]) -> None:
        change = Change()
        for row in changed:
            change.response(row)
        moved = {row.id for row in changed}
        tools = [t for t in self._tools.values() if _differs(t) or t.response in moved or t.carrier in moved]
        for tool in tools:
            change.tool(tool, self._responses)
        rows.write_responses(self._db, changed)
        rows.write_tools(self._db, [tool for tool in tools if _differs(tool)])
        change.write(self._db)
        self._sessions.write()
        self._responses, self._tools = {}, {}


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


def _differs(row: ResponseRow | ToolRow) -> bool:
    return row.before is None or row.values() != row.before.values()
