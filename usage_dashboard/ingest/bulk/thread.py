"""A transcript as the rows it comes to, read as hooks read it and many times as fast.

Only lines in the shape that the client writes nearly all of them in are taken here. Any other goes to
the parser that hooks use; a file of which that is not enough is left to the hooks' way altogether. Both
ways make the same rows of the same bytes (tests/ingest/test_bulk.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.ingest.bulk.calls import Call, Tool
from usage_dashboard.ingest.bulk.line_schema import decoded
from usage_dashboard.ingest.bulk.raw_lines import Raw
from usage_dashboard.ingest.bulk.requests import Requests
from usage_dashboard.ingest.transcripts.reader import Stretch
from usage_dashboard.ingest.transcripts.responses import EXTRA_ITERATIONS, content_bytes
from usage_dashboard.model.events import Compaction, CostState, Cut, LimitHit, Refused
from usage_dashboard.model.ids import id_hash, thread_hash
from usage_dashboard.runtime.json_fields import parse_instant
from usage_dashboard.store.write.rows import ABORTED

ODD_NOTICES = ("api_error", "compact_boundary")

if TYPE_CHECKING:
    from usage_dashboard.ingest.bulk.line_schema import Line, Message, Usage
    from usage_dashboard.ingest.transcripts.responses import Origin
    from usage_dashboard.model.events import Event

    Seldom = CostState | LimitHit | Compaction


class Unusual(Exception):  # noqa: N818 - a verdict on a file, caught where it is read
    """The file holds what only the hooks' way knows how to take in."""


class Thread:
    """What a transcript says, from its first line on.

    `calls` and `tools` are kept by the client's own ids, `sessions` are numbered from 1 and `spans` their
    first and last times. `told` has what a stretch tells besides; `seldom` are events that touch no row.
    """

    def __init__(self, origin: Origin) -> None:
        self.told = Stretch(origin)
        self.calls: dict[str, Call] = {}
        self.tools: dict[str, Tool] = {}
        self.requests = Requests()
        self.seldom: list[Seldom] = []
        self.sessions: dict[str, int] = {}
        self.spans: dict[int, tuple[int, int]] = {}
        self._waiting: list[Tool] = []
        self._last: dict[int, Call] = {}
        self._placed: tuple[str, str] | None = None
        self._agent: tuple[str | None, bool | None] | None = None
        self._subagent = self._stands = 0

    def feed(self, data: bytes) -> None:
        """Take in whole lines.

        Raises:
            Unusual: they are not to be read here.
        """
        lines = decoded(data)
        raw, origin = Raw(data, len(lines)), self.told.origin
        origin.enter(raw)
        self._stands = 0
        for i, line in enumerate(lines):
            kind = line.type
            if kind == "assistant":
                usual = self._response(line, i)
            elif kind == "user":
                usual = self._results(line, i)
            elif kind == "api-request":
                usual = self._asked(line)
            else:
                usual = kind not in ("cost-state", "odd") and line.subtype not in ODD_NOTICES
            if not usual:
                self._odd(raw, i)
        self._prompts(raw, len(lines))
        origin.place = len(lines)
        origin.before()

    def _odd(self, raw: Raw, i: int) -> None:
        """Take in a line as the hooks' parser does."""
        told = self.told
        self._prompts(raw, i)
        told.look(raw[i], i)
        for event in told.events:
            self._take(event)
        told.events.clear()

    def _prompts(self, raw: Raw, end: int) -> None:
        """Look for prompts, which open a turn, in the lines since the last that told where it stands."""
        if any(b'"role":"user"' in raw[i] for i in range(self._stands, end)):
            self.told.ended = False
        self._stands = end

    def _take(self, event: Event) -> None:
        if isinstance(event, Refused):
            self.requests.refuse(event)
        elif isinstance(event, Cut):
            last = self._last.get(thread_hash(event.subagent))
            if last is None:
                raise Unusual
            last.final |= ABORTED
        elif isinstance(event, (CostState, LimitHit, Compaction)):
            self.seldom.append(event)
        else:
            raise Unusual

    def _response(self, line: Line, i: int) -> bool:
        """Take in a line of a response; False if the hooks' parser has to look at it."""
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
            at_us = moment(stamp)
            if at_us is None:
                return False
            call = self.calls[message.id] = self._begin(line, message, at_us)
        else:
            self._again(call, line, stamp)
        call.take(line, usage, message.stop_reason)
        if message.content.__class__ is list and message.content:
            call.measure(line, message.content, self.tools)
            self._last[call.subagent] = call
        stop = message.stop_reason
        self.told.ended, self._stands = stop is not None and stop != "tool_use", i + 1
        return True

    def _begin(self, line: Line, message: Message, at_us: int) -> Call:
        """The response whose first line this is."""
        number = self._place(line)
        call = Call(line, message, number, self._thread(line), at_us)
        self.touch(number, at_us)
        if line.requestRef:
            self.requests.answer(line.requestRef, number, at_us, first=True)
        if self._waiting:
            self._carry(call)
        return call

    def _again(self, call: Call, line: Line, stamp: str) -> None:
        """Another line of a response."""
        if (line.agentId, line.sessionId, line.requestSessionId, line.isSidechain) != call.thread:
            raise Unusual
        if stamp < call.stamp or len(stamp) != len(call.stamp):
            at_us = moment(stamp)
            if at_us is None:
                raise Unusual
            if at_us < call.at_us:
                call.at_us, call.stamp = at_us, stamp
                self.touch(call.session, at_us)
        if call.request is None and line.requestId:
            call.request = id_hash(line.requestId)
        if line.requestRef and (self.requests.open or line.requestRef not in self.requests.answered):
            self.requests.answer(line.requestRef, call.session, call.at_us, first=False)
        if self._placed is None:
            self._place(line)

    def _place(self, line: Line) -> int:
        """Note where the session of a response's line stands; the number of the one that was billed."""
        told, own = self.told, line.sessionId or ""
        whose = line.requestSessionId or own
        if self._placed != (own, whose):
            told.session = own
            if whose != own:
                told.parent = whose
            place = line.cwd or "", line.entrypoint or ""
            for session in (whose, own):
                known = told.places.get(session, ("", ""))
                told.places[session] = (known[0] or place[0], known[1] or place[1])
            # As long as a part is missing, the next line may tell it.
            self._placed = (own, whose) if all(told.places[whose] + told.places[own]) else None
        return self.number(whose)

    def number(self, session: str) -> int:
        """The number of a session, from 1 on."""
        return self.sessions.setdefault(session, len(self.sessions) + 1)

    def touch(self, session: int, at_us: int) -> None:
        """Widen the span of a session, by its number, to `at_us`."""
        first_us, last_us = self.spans.get(session, (at_us, at_us))
        if not first_us < at_us < last_us:
            self.spans[session] = min(first_us, at_us), max(last_us, at_us)

    def _thread(self, line: Line) -> int:
        """The key of the subagent whose line this is, 0 for the main thread's."""
        agent = (line.agentId, line.isSidechain)
        if agent != self._agent:
            name = (
                line.agentId or self.told.origin.subagent or ("sidechain" if line.isSidechain is True else "")
            )
            self._agent, self._subagent = agent, thread_hash(name)
        return self._subagent

    def _carry(self, call: Call) -> None:
        """Let the request of `call` carry the results that wait in its thread."""
        left = []
        for tool in self._waiting:
            if tool.response.subagent == call.subagent and tool.response is not call:
                tool.carrier = call
                call.carried = [*call.carried, tool]
            else:
                left.append(tool)
        self._waiting = left

    def _results(self, line: Line, i: int) -> bool:
        """Take in the tool results in a line of the user's; False if the hooks' parser has to look at it."""
        if line.turnCompanion is not None:
            return False
        content = line.message.content if line.message is not None else None
        for block in content if isinstance(content, list) else ():
            if block.type == "tool_result":
                self.told.ended, self._stands = False, i + 1
                self.told.session = line.sessionId or self.told.session
                tool = self.tools.get(block.tool_use_id or "")
                if tool is not None and not tool.waits and tool.response.subagent == self._thread(line):
                    tool.result_bytes = content_bytes(block.content)
                    tool.failed = int(block.is_error is True)
                    tool.waits = True
                    self._waiting.append(tool)
        return True

    def _asked(self, line: Line) -> bool:
        """Take in a request that went out; False if the hooks' parser has to look at it."""
        at_us = moment(line.timestamp) if line.timestamp is not None else None
        if not line.id or not line.sessionId or at_us is None:
            return False
        self.told.session = line.sessionId
        model = (line.params.model if line.params is not None else None) or ""
        self.requests.ask(line.id, self.number(line.sessionId), model, at_us)
        return True


_minutes: dict[str, int | None] = {}


def moment(stamp: str) -> int | None:
    """As `fields.instant`; the many of one minute share most of the work."""
    begin = stamp[:17]
    minute = _minutes.get(begin)
    if minute is None:
        minute = _minutes[begin] = parse_instant(begin + "00Z")
    rest = stamp[17:]
    if minute is not None and len(rest) == 7 and rest[2] == "." and rest[6] == "Z" and rest[0] < "6":
        digits = rest[:2] + rest[3:6]
        if digits.isdigit() and digits.isascii():
            return minute + int(digits) * 1000
    return parse_instant(stamp)


def _has_extra(usage: Usage) -> bool:
    return any(entry.type in EXTRA_ITERATIONS for entry in usage.iterations or ())
