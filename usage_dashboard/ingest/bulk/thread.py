"""Parsing whole transcripts many times as fast as hooks do.

Only lines in the shape that the client writes nearly all of them in are parsed here. Any other goes to
the parser that hooks use; a file of which that is not enough is left to the scanner altogether. What
lines count for is said in `model`, for both ways (tests/ingest/test_bulk.py compares them).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.ingest.bulk.line_schema import decoded
from usage_dashboard.ingest.bulk.parsed_rows import ParsedResponse
from usage_dashboard.ingest.bulk.raw_lines import RawLines
from usage_dashboard.ingest.transcripts.reader import TranscriptParser
from usage_dashboard.model.attribution import carry, is_awaited, note_result, weigh_result
from usage_dashboard.model.events import Compaction, CostState, Cut, LimitHit, Refused
from usage_dashboard.model.ids import billed_session, id_hash, subagent_of, thread_hash
from usage_dashboard.model.requests import PendingRequests
from usage_dashboard.model.rows import ABORTED
from usage_dashboard.model.token_counts import EXTRA_ITERATIONS
from usage_dashboard.runtime.json_fields import parse_instant

ODD_KINDS = ("cost-state", "odd", "result")
ODD_NOTICES = ("api_error", "compact_boundary", "init")

if TYPE_CHECKING:
    from usage_dashboard.ingest.bulk.line_schema import Line, Message, UsageFields
    from usage_dashboard.ingest.bulk.parsed_rows import ParsedTool
    from usage_dashboard.ingest.transcripts.responses import Origin
    from usage_dashboard.model.events import Event
    from usage_dashboard.model.rows import ToolRow

    Seldom = CostState | LimitHit | Compaction


class UnusualFileError(Exception):
    """Only the scanner can read the file."""


class ThreadParser:
    """Parses a transcript from its first line on.

    `calls` and `tools` are by the client's own ids, `sessions` are numbered from 1 and `spans` their
    first and last times; `asking` are the numbers of those that sent requests. `stretch` has what else
    lines report; `seldom` are events that touch no row; `waiting` are calls with results to be carried.
    """

    def __init__(self, origin: Origin) -> None:
        self.stretch = TranscriptParser(origin)
        self.calls: dict[str, ParsedResponse] = {}
        self.tools: dict[str, ParsedTool] = {}
        self.requests = PendingRequests(0, thread_hash(origin.subagent))
        self.asking: set[int] = set()
        self.seldom: list[Seldom] = []
        self.sessions: dict[str, int] = {}
        self.spans: dict[int, tuple[int, int]] = {}
        self.waiting: list[ToolRow] = []
        self._last: dict[int, ParsedResponse] = {}
        self._request_ids: dict[str, int] = {}
        self._placed: tuple[str, str] | None = None
        self._agent: tuple[str | None, bool | None] | None = None
        self._subagent = self._next_prompt = 0

    def feed(self, data: bytes) -> None:
        """Parse whole lines.

        Raises:
            UnusualFileError: they cannot be parsed here.
        """
        lines = decoded(data)
        raw, origin = RawLines(data, len(lines)), self.stretch.origin
        origin.enter(raw)
        self._next_prompt = 0
        for i, line in enumerate(lines):
            kind = line.type
            if kind == "assistant":
                usual = self._response(line, i)
            elif kind == "user":
                usual = self._results(line, i)
            elif kind == "api-request":
                usual = self._request(line)
            else:
                usual = kind not in ODD_KINDS and line.subtype not in ODD_NOTICES
            if not usual:
                self._parse_odd(raw, i)
        self._find_prompts(raw, len(lines))
        origin.place = len(lines)
        origin.before()

    def _parse_odd(self, raw: RawLines, i: int) -> None:
        """Let the hooks' parser look at a line."""
        self._find_prompts(raw, i)
        self.stretch.look(raw[i], i)
        for event in self.stretch.events:
            self._add_event(event)
        self.stretch.events.clear()

    def _find_prompts(self, raw: RawLines, end: int) -> None:
        """Look for prompts, which open a turn, in the lines since the last that shows whether one is open."""
        if any(b'"role":"user"' in raw[i] for i in range(self._next_prompt, end)):
            self.stretch.ended = False
        self._next_prompt = end

    def _add_event(self, event: Event) -> None:
        if isinstance(event, Refused):
            self.requests.refuse(event.at_us, all_open=event.all_open)
        elif isinstance(event, Cut):
            last = self._last.get(thread_hash(event.subagent))
            if last is None:
                raise UnusualFileError
            last.finish(ABORTED)
        elif isinstance(event, (CostState, LimitHit, Compaction)):
            self.seldom.append(event)
        else:
            raise UnusualFileError

    def _response(self, line: Line, i: int) -> bool:
        """Merge a line of a response; False if the hooks' parser has to look at it."""
        message = line.message
        if (
            message is None
            or not message.id
            or line.isApiErrorMessage is not None
            or line.apiError is not None
        ):
            return False
        usage, stamp = message.usage, line.timestamp
        if usage is None or usage.input_tokens is None or (usage.iterations and _has_extra(usage)):
            return False
        if stamp is None or not line.sessionId or not message.model or message.model == "<synthetic>":
            return False
        call = self.calls.get(message.id)
        if call is None:
            at_us = parse_instant(stamp)
            if at_us is None:
                return False
            call = self.calls[message.id] = self._begin(line, message, at_us)
        else:
            self._merge_again(call, line, stamp)
        call.merge_usage(line, usage, message.stop_reason)
        if message.content.__class__ is list and message.content:
            call.add_blocks(line, message.content, self.tools)
            self._last[call.subagent] = call
        self.stretch.note_stop(message.stop_reason)
        self._next_prompt = i + 1
        return True

    def _begin(self, line: Line, message: Message, at_us: int) -> ParsedResponse:
        """The response whose first line this is."""
        number = self._place(line)
        call = ParsedResponse(line, message, number, self._thread(line), at_us)
        self.touch(number, at_us)
        if line.requestRef:
            self._answer(call, line.requestRef, first=True)
        if self.waiting:
            self.waiting = carry(call, self.waiting)
        return call

    def _merge_again(self, call: ParsedResponse, line: Line, stamp: str) -> None:
        """Merge another line of a response."""
        at_us = call.at_us
        if not (call.is_of(line) and call.merge_again(line, stamp)):
            raise UnusualFileError
        if call.at_us < at_us:
            self.touch(call.session, call.at_us)
        if line.requestRef and (self.requests.open or line.requestRef != call.answers):
            self._answer(call, line.requestRef, first=False)
        if self._placed is None:
            self._place(line)

    def _answer(self, call: ParsedResponse, request: str, *, first: bool) -> None:
        call.answers = request
        self.asking.add(call.session)
        request_id = self._request_ids.pop(request, None) or id_hash(request)
        self.requests.answer(request_id, call.session, call.at_us, first=first)

    def _place(self, line: Line) -> int:
        """Note where the session of a response's line runs; the number of the one that was billed."""
        own = line.sessionId or ""
        billed = billed_session(line.requestSessionId or "", own)
        if self._placed != (own, billed):
            self.stretch.session = own
            self.stretch.note_place(own, billed, (line.cwd or "", line.entrypoint or ""))
            places = self.stretch.places
            # As long as a part is missing, the next line may have it.
            self._placed = (own, billed) if all(places[billed] + places[own]) else None
        return self.number(billed)

    def number(self, session: str) -> int:
        """The number of a session, from 1 on."""
        return self.sessions.setdefault(session, len(self.sessions) + 1)

    def touch(self, session: int, at_us: int) -> None:
        """Widen the span of a session, by its number, to `at_us`."""
        first_us, last_us = self.spans.get(session, (at_us, at_us))
        if not first_us < at_us < last_us:
            self.spans[session] = min(first_us, at_us), max(last_us, at_us)

    def _thread(self, line: Line) -> int:
        """The hash of the subagent whose line this is."""
        agent = (line.agentId, line.isSidechain)
        if agent != self._agent:
            file_subagent = self.stretch.origin.subagent
            name = subagent_of(line.agentId or "", file_subagent, is_sidechain=line.isSidechain is True)
            self._agent, self._subagent = agent, thread_hash(name)
        return self._subagent

    def _results(self, line: Line, i: int) -> bool:
        """Note the tool results in a line of the user's; False if the hooks' parser has to look at it."""
        if line.turnCompanion is not None:
            return False
        content = line.message.content if line.message is not None else None
        for block in content if isinstance(content, list) else ():
            if block.type == "tool_result":
                self.stretch.ended, self._next_prompt = False, i + 1
                self.stretch.session = line.sessionId or self.stretch.session
                tool = self.tools.get(block.tool_use_id or "")
                if tool is not None and is_awaited(tool, self._thread(line), self.waiting):
                    note_result(tool, weigh_result(block.content), failed=block.is_error is True)
                    self.waiting.append(tool)
        return True

    def _request(self, line: Line) -> bool:
        """Note a request that was sent; False if the hooks' parser has to look at it."""
        at_us = parse_instant(line.timestamp) if line.timestamp is not None else None
        if not line.id or not line.sessionId or at_us is None:
            return False
        self.stretch.session = line.sessionId
        model = (line.params.model if line.params is not None else None) or ""
        number = self.number(line.sessionId)
        self.asking.add(number)
        request_id = self._request_ids[line.id] = id_hash(line.id)  # its answer is to come
        self.requests.ask(request_id, number, model, at_us)
        return True


def _has_extra(usage: UsageFields) -> bool:
    return any(entry.type in EXTRA_ITERATIONS for entry in usage.iterations or ())
