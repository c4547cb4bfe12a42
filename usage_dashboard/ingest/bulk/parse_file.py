"""Parsing transcripts: rows that are attributed, priced and added up, without a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usage_dashboard.ingest.bulk.parsed_file import ParsedFile, packed
from usage_dashboard.ingest.bulk.thread import ThreadParser, UnusualFileError
from usage_dashboard.ingest.scanner import after
from usage_dashboard.ingest.transcripts import files
from usage_dashboard.ingest.transcripts.reader import read_new
from usage_dashboard.ingest.transcripts.responses import Origin
from usage_dashboard.ingest.transcripts.subagent_meta import read_starter
from usage_dashboard.model.attribution import attribute, stop_waiting
from usage_dashboard.model.ids import thread_hash
from usage_dashboard.model.rows import agent_of
from usage_dashboard.store.write.file_offsets import Position
from usage_dashboard.store.write.labels import server_of
from usage_dashboard.store.write.price_classes import kept
from usage_dashboard.store.write.sessions import NEVER_US

if TYPE_CHECKING:
    from usage_dashboard.ingest.bulk.parsed_rows import ParsedResponse, ParsedTool
    from usage_dashboard.model.requests import OpenRequest
    from usage_dashboard.model.token_counts import PriceClass
    from usage_dashboard.pricing.lookup import PriceLookup
    from usage_dashboard.store.write.labels import Labels

NEVER = (NEVER_US, 0)


class Numbers(dict[Any, int]):
    """Numbers from 0 on for what is asked for; `found` has it by number."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Any] = []

    def __missing__(self, name: object) -> int:
        number = self[name] = len(self.found)
        self.found.append(name)
        return number


class FileParser:
    """Parses files one after the other; it reads transcripts and no ledger.

    Files that were not changed since `closed_ns` end with their last line, newline or not.
    """

    def __init__(self, labels: Labels, tariff: PriceLookup, closed_ns: int = 0) -> None:
        self._closed_ns = closed_ns
        self._bounds = labels
        self._tariff = tariff
        self._labels = Numbers()
        self._classes = Numbers()
        self._kept: dict[int, PriceClass] = {}
        self._models: dict[str, str] = {}

    def parse(self, path: str) -> ParsedFile:
        """Parse the transcript at `path`.

        Raises:
            OSError: the file is gone or cannot be read.
        """
        thread = ThreadParser(Origin(*files.thread_of(path), 0))
        try:
            position = _read(path, thread, self._closed_ns)
        except UnusualFileError:
            return ParsedFile(())
        stretch = thread.stretch
        parsed = ParsedFile(position)
        if all(name in (stretch.session, stretch.parent) for name in thread.sessions):
            self._fill(parsed, thread)
            if stretch.origin.subagent:
                starter = read_starter(path)
                parsed.starter = None if starter is None else (starter.parent, starter.tool)
        return parsed

    def _fill(self, parsed: ParsedFile, thread: ThreadParser) -> None:
        """Make the rows of what was read."""
        stretch, labels, classes = thread.stretch, len(self._labels.found), len(self._classes.found)
        parsed.usual = True
        parsed.parent, parsed.places, parsed.damaged = stretch.parent, stretch.places, stretch.damaged
        own = stretch.session or stretch.origin.session
        parsed.own = thread.number(own) if thread.tools or stretch.parent or own in thread.sessions else 0
        parsed.subagent = thread_hash(stretch.origin.subagent)
        for tool in thread.waiting:
            tool.handed = parsed.own
        self._set_rows(parsed, list(thread.calls.values()), list(thread.tools.values()))
        parsed.open = [self._open(request) for request in thread.requests.open.values()]
        parsed.lost = [self._open(request) for request in thread.requests.lost.values()]
        parsed.asking = list(thread.asking)
        parsed.answered = list(thread.requests.answered)
        parsed.seldom = [packed(event) for event in thread.seldom]
        parsed.sessions = [(name, *thread.spans.get(n, NEVER)) for name, n in thread.sessions.items()]
        parsed.labels, parsed.classes = self._labels.found[labels:], self._classes.found[classes:]

    def _set_rows(self, parsed: ParsedFile, calls: list[ParsedResponse], tools: list[ParsedTool]) -> None:
        """Number what rows name, price them, and share them out."""
        labels = self._labels
        for call in calls:
            call.class_id = self._class(call.price_class)
            counts = (
                call.input, call.output, call.cache_creation, call.cache_1h, call.cache_read, call.searches,
            )  # fmt: skip
            call.set_cost(self._tariff.cost(self._kept[call.class_id], call.at_us, counts))
            call.kind, agent = agent_of(call.subagent, call.agent_name)
            call.agent = labels["agent", agent]
            if any(call.marks):
                self._mark(call)
        attribute(calls, tools)
        for tool in tools:
            stop_waiting(tool)
            tool.tool, tool.server = labels["tool", tool.name], labels["server", server_of(tool.name)]
        parsed.set_rows(calls, tools)

    def _mark(self, call: ParsedResponse) -> None:
        *marks, asked = call.marks
        pairs = zip(("skill", "plugin", "server"), marks, strict=True)
        call.skill, call.plugin, call.mcp = (
            self._labels[kind, name] if name else None for kind, name in pairs
        )
        if asked and asked != call.price_class[0]:
            public = self._public(asked)
            call.asked = (
                None if public == self._public(call.price_class[0]) else self._labels["model", public]
            )

    def _class(self, price_class: PriceClass) -> int:
        model, *rest = price_class
        number = self._classes[self._public(model), *rest]
        if number not in self._kept:
            self._kept[number] = kept(self._bounds, self._classes.found[number])
        return number

    def _public(self, model: str) -> str:
        public = self._models.get(model)
        if public is None:
            public = self._models[model] = self._tariff.canonical(model)
        return public

    def _open(self, request: OpenRequest) -> tuple[int, ...]:
        if not request.is_early:
            request.class_id = self._class((request.model, 0, "", "", ""))
        return request.values()


def _read(path: str, thread: ThreadParser, closed_ns: int) -> tuple[int, ...]:
    """Read the whole file at `path` into `thread`; the values of its position then."""
    at = Position()
    while True:
        reading = read_new(path, at.offset, at.tail, at.identity, closed_ns)
        thread.stretch.origin.at_us = reading.changed_ns // 1000
        thread.feed(reading.data)
        before, at = at.offset, after(at, reading, thread.stretch)
        if at.offset in (before, at.size):
            return at.values()
