"""Transcripts to sheets: attributed, priced and added up, without a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usage_dashboard.ingest.bulk.parsed_file import Sheet, packed
from usage_dashboard.ingest.bulk.rollup import totals
from usage_dashboard.ingest.bulk.thread import Thread, Unusual
from usage_dashboard.ingest.scanner import after
from usage_dashboard.ingest.transcripts import files
from usage_dashboard.ingest.transcripts.reader import read_new
from usage_dashboard.ingest.transcripts.responses import Origin
from usage_dashboard.ingest.transcripts.subagent_meta import read_starter
from usage_dashboard.model.attribution import share_output, share_prompt
from usage_dashboard.model.events import MAIN, SUBAGENT, prompt_bucket
from usage_dashboard.model.ids import id_hash, thread_hash
from usage_dashboard.store.write.file_offsets import Position
from usage_dashboard.store.write.labels import MAIN_AGENT, UNNAMED_AGENT, server_of
from usage_dashboard.store.write.pending_requests import EARLY
from usage_dashboard.store.write.price_classes import kept
from usage_dashboard.store.write.rows import FINAL
from usage_dashboard.store.write.sessions import NEVER_US

if TYPE_CHECKING:
    from usage_dashboard.ingest.bulk.calls import Call, Tool
    from usage_dashboard.ingest.bulk.requests import Open
    from usage_dashboard.pricing.lookup import PriceLookup
    from usage_dashboard.store.write.labels import Labels
    from usage_dashboard.store.write.pending_requests import Open as OpenRow
    from usage_dashboard.store.write.price_classes import ClassKey
    from usage_dashboard.store.write.rows import Values

NEVER = (NEVER_US, 0)
UNPRICED = (None,) * 4


class Numbers(dict[Any, int]):
    """Numbers from 0 on for what is asked for; `found` has it by number."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Any] = []

    def __missing__(self, name: object) -> int:
        number = self[name] = len(self.found)
        self.found.append(name)
        return number


class Maker:
    """Makes sheets, one after the other; it reads transcripts and no ledger."""

    def __init__(self, labels: Labels, tariff: PriceLookup) -> None:
        self._bounds = labels
        self._tariff = tariff
        self._labels = Numbers()
        self._classes = Numbers()
        self._kept: dict[int, ClassKey] = {}
        self._models: dict[str, str] = {}

    def sheet(self, path: str) -> Sheet:
        """What the transcript at `path` comes to.

        Raises:
            OSError: the file is gone or cannot be read.
        """
        thread = Thread(Origin(*files.thread_of(path), 0))
        try:
            position = _read(path, thread)
        except Unusual:
            return Sheet(())
        told = thread.told
        sheet = Sheet(position)
        if all(name in (told.session, told.parent) for name in thread.sessions):
            self._fill(sheet, thread)
            if told.origin.subagent:
                starter = read_starter(path)
                sheet.starter = None if starter is None else (starter.parent, starter.tool)
        for call in thread.calls.values():
            call.tools = call.carried = ()  # they know each other, and nobody looks for such rings now
        return sheet

    def _fill(self, sheet: Sheet, thread: Thread) -> None:
        """Work out what was read."""
        told, labels, classes = thread.told, len(self._labels.found), len(self._classes.found)
        sheet.usual = True
        sheet.parent, sheet.places, sheet.damaged = told.parent, told.places, told.damaged
        own = told.session or told.origin.session
        sheet.own = thread.number(own) if thread.tools or told.parent or own in thread.sessions else 0
        sheet.subagent = thread_hash(told.origin.subagent)
        sheet.responses = [self._response(call) for call in thread.calls.values()]
        sheet.tools = [self._tool(tool, sheet.own) for tool in thread.tools.values()]
        sheet.totals, sheet.tool_totals = totals(sheet.responses, sheet.tools)
        sheet.open = [self._open(sheet, request) for request in thread.requests.open.values()]
        sheet.lost = [self._open(sheet, request) for request in thread.requests.lost.values()]
        sheet.asking = list(thread.requests.asking)
        sheet.answered = [id_hash(name) for name in thread.requests.answered]
        sheet.seldom = [packed(event) for event in thread.seldom]
        sheet.sessions = [(name, *thread.spans.get(n, NEVER)) for name, n in thread.sessions.items()]
        sheet.labels, sheet.classes = self._labels.found[labels:], self._classes.found[classes:]

    def _response(self, call: Call) -> Values:
        """The row of a response, priced, and its tools with their shares."""
        class_id = self._class(call.model, call.prompt, call.speed, call.geo, call.tier)
        counts = (
            call.input, call.output, call.cache_creation, call.cache_1h, call.cache_read, call.searches,
        )  # fmt: skip
        cost = self._tariff.cost(self._kept[class_id], call.at_us, counts) or UNPRICED
        call.cost, call.cost_prompt, call.cost_read, savings = cost
        if call.tools:
            share_output(call, call.tools)
        if call.carried:
            share_prompt(call, call.carried)
        labels = self._labels
        if call.subagent:
            kind, agent = SUBAGENT, labels["agent", call.agent or UNNAMED_AGENT]
        else:
            kind, agent = MAIN, labels["agent", MAIN_AGENT]
        skill, plugin, mcp = call.marks
        return (
            call.id, call.request, call.session, call.subagent, kind, agent, class_id, call.at_us,
            *counts[:5], call.thinking, call.searches, 1, int(call.final != FINAL), call.final,
            call.text_bytes, call.thinking_bytes, call.blocks, *cost[:3], savings,
            labels["skill", skill] if skill else None,
            labels["plugin", plugin] if plugin else None,
            labels["server", mcp] if mcp else None,
        )  # fmt: skip

    def _tool(self, tool: Tool, own: int) -> Values:
        call, carrier, name = tool.response, tool.carrier, tool.name
        label, server = self._labels["tool", name], self._labels["server", server_of(name)]
        waits = carrier is None  # only then is it kept where, as in `store.work`
        return (
            tool.id, call.id, None if carrier is None else carrier.id, call.session,
            call.subagent if waits else 0, label, server, tool.input_bytes, tool.result_bytes, None,
            tool.failed, tool.output, tool.input, tool.cache_creation, tool.cache_1h, tool.cost_output,
            tool.cost_prompt, own if waits and tool.result_bytes is not None else None,
        )  # fmt: skip

    def _class(self, model: str, prompt: int, speed: str, geo: str, tier: str) -> int:
        public = self._models.get(model)
        if public is None:
            public = self._models[model] = self._tariff.canonical(model)
        number = self._classes[public, prompt_bucket(prompt), speed, geo, tier]
        if number not in self._kept:
            self._kept[number] = kept(self._bounds, self._classes.found[number])
        return number

    def _open(self, sheet: Sheet, request: Open) -> OpenRow:
        class_id = EARLY if request.early else self._class(request.model, 0, "", "", "")
        return id_hash(request.name), request.session, sheet.subagent, class_id, request.at_us


def _read(path: str, thread: Thread) -> tuple[int, ...]:
    """Read the whole file at `path` into `thread`; the values of its position then."""
    at = Position()
    while True:
        reading = read_new(path, at.offset, at.tail, at.identity)
        thread.told.origin.at_us = reading.changed_ns // 1000
        thread.feed(reading.data)
        before, at = at.offset, after(at, reading, thread.told)
        if at.offset in (before, at.size):
            return at.values()
