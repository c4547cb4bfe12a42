"""Made-up histories of sessions, in the order in which a client would write their lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.support.generated_thread import Thread
from tests.support.transcripts import (
    MODEL,
    OTHER,
    SESSION,
    Line,
    copied,
    failure,
    packed,
    request,
    response,
    result,
    synthetic,
    text,
    tool_use,
    usage,
)

THIRD = "33334444-fd95-4d67-a568-2e276c5cc993"
SESSIONS = (SESSION, OTHER, THIRD)
HAIKU = "claude-haiku-4-5-20251001"
START = datetime(2026, 11, 22, 10, tzinfo=UTC)
CUT = "Your response above was cut off mid-stream. Continue."
DAMAGED = (
    b'{"type":"assistant","usage":1\n',
    b'\xff\xfe"tool_result"\n',
    b"\n",
    b'{"usage":NaN,"assistant":1}\n',
)

Written = tuple[str, bytes]
"""(place below the project's folder, what is written there at once)"""

Totals = dict[str, list[int]]
"""Counts by model, in the order of `COST_STATE_FIELDS`."""

COST_STATE_FIELDS = (
    "inputTokens", "outputTokens", "cacheCreationInputTokens", "cacheCreationEphemeral1hInputTokens",
    "cacheReadInputTokens", "thinkingTokens", "webSearchRequests",
)  # fmt: skip

words = st.sampled_from(["ok", "w" * 40, "é" * 9])
amounts = st.sampled_from([0, 1, 3, 500, 150_000])
thought = st.sampled_from([None, 0, 2])
seldom = st.sampled_from([False] * 7 + [True])


Step = Callable[[Thread], None]


class Story:
    """What some sessions of one client write, step by step; each step is drawn.

    `written` is all of it in its order, `replies` are the names of what was billed. Where a fork `repeats`
    its parent's requests, nothing tells whose they are but that the parent's were read first.
    """

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.written: list[Written] = []
        self.replies: set[str] = set()
        self.repeats = False
        self._threads: list[Thread] = []
        self._spent: dict[str, Totals] = {SESSION: {}}
        self._told: dict[str, Totals] = {SESSION: {}}
        self._ms = self._count = 0
        self._begin(Thread(SESSION))

    def __repr__(self) -> str:
        return "\n".join(f"{place}: {lines!r}" for place, lines in self.written)

    def step(self) -> None:
        """One thing that happens in one of the threads."""
        thread = self.draw(st.sampled_from(self._threads))
        steps: list[Step] = [self.reply, self.results]
        if not thread.sidechain:  # of a release that wrote less
            steps += [
                self.reply, self.reply, self.results, self.lost, self.refused, self.cut, self.compaction,
                self.damage, self.subagent,
            ]  # fmt: skip
        if thread.main:
            steps += [self.totals, self.totals, self.limit, self.fork]
        self.draw(st.sampled_from(steps))(thread)

    def reply(self, thread: Thread, *, odd: bool = True, **fields: Any) -> None:
        """A reply of one to four lines, with the request's line before it, after one of them or nowhere."""
        name = self._name("m")
        asks = (
            "never"
            if thread.sidechain
            else self.draw(st.sampled_from(["before", "before", "after", "never"]))
        )
        model = self.draw(st.sampled_from([MODEL, MODEL, HAIKU]))
        asked = request("r" + name, self._stamp(), model)
        if asks != "never":
            fields["requestRef"] = asked["id"]
            fields["requestedModel"] = self.draw(st.sampled_from([MODEL, MODEL + "[1m]", "alias"]))
        if asks == "before":
            self._write(thread, asked)
        spent = self._usage(name)
        lines = response(name, *self._blocks(name), spent=spent, model=model, **fields)
        after = self.draw(st.integers(0, len(lines) - 1)) if asks == "after" else -1
        partial = self.draw(seldom)
        thread.hands, thread.last = False, []
        for place, line in enumerate(lines):
            if partial and place < len(lines) - 1:
                line["message"] |= {"usage": {**spent, "output_tokens": 0}, "stop_reason": None}
            if self.draw(seldom):
                line.pop(self.draw(st.sampled_from(["requestId", "entrypoint", "uuid"])))
            thread.last.append(self._write(thread, line, odd=odd and self.draw(seldom)))
            thread.tools += [b["id"] for b in line["message"]["content"] if b["type"] == "tool_use"]
            if place == after:
                self._write(thread, asked)
            if self.draw(seldom) and thread.tools:
                self._result(thread)
        self._spend(thread.session, model, spent)

    def results(self, thread: Thread) -> None:
        """The results of some tools, in any order; those of others never come."""
        for _ in range(self.draw(st.integers(0, len(thread.tools)))):
            self._result(thread)
        self._write(thread, {"type": "user", "message": {"role": "user", "content": "Go on."}})

    def lost(self, thread: Thread) -> None:
        """A request without an answer, perhaps with an error of the line."""
        self._write(thread, request(self._name("r"), self._stamp()))
        if self.draw(st.booleans()):
            self._write(thread, failure(None))

    def refused(self, thread: Thread) -> None:
        """A request that met an HTTP error, for now or for good."""
        for _ in range(self.draw(st.integers(1, 2))):
            self._write(thread, request(self._name("r"), self._stamp()))
            self._write(thread, failure(529))
        if self.draw(st.booleans()):
            self._write(thread, request(self._name("r"), self._stamp()))
            self._write(thread, synthetic(apiErrorStatus=400))

    def cut(self, thread: Thread) -> None:
        """A reply that was cut off, as the line after it says."""
        broken = {"isAbortedMidStream": True, "stop_reason": None}
        self.reply(thread, odd=False, **self.draw(st.sampled_from([{}, broken])))
        said = {"isMeta": True, "turnCompanion": True, "message": {"role": "user", "content": CUT}}
        lines = [{"type": "user", **said}, synthetic(streamCutCause="stale_connection")]
        self._write(thread, self.draw(st.sampled_from(lines)))

    def limit(self, thread: Thread) -> None:
        """A request that was refused since an allowance was used up."""
        limits = {"rateLimitType": self.draw(st.sampled_from(["five_hour", "seven_day", ""]))}
        told = {"apiErrorStatus": 429, "apiError": "usage_limit_reached", "quotaLimits": limits}
        self._write(thread, synthetic(**told))

    def compaction(self, thread: Thread) -> None:
        """A compaction, which is a call that no line shows."""
        told = {"trigger": self.draw(st.sampled_from(["auto", "manual"])), "preTokens": 900, "postTokens": 20}
        self._write(thread, {"type": "system", "subtype": "compact_boundary", "compactMetadata": told})
        self._spend(thread.session, MODEL, usage(13, 321, 0, 0, 9033))

    def totals(self, thread: Thread) -> None:
        """The client's own totals, at the end of a process."""
        self._ms += 1
        told = self._told[thread.session] = {
            model: list(counts) for model, counts in self._spent[thread.session].items()
        }
        counted = {
            model: dict(zip(COST_STATE_FIELDS, counts, strict=True)) | {"costUSD": sum(counts) / 1e6}
            for model, counts in told.items()
        }
        began = {"startTime": int(START.timestamp() * 1000), "totalDuration": self._ms}
        self._write(thread, {"type": "cost-state", "modelUsage": counted, **began}, dated=False)

    def damage(self, thread: Thread) -> None:
        """A line that cannot be read, or one whose time cannot."""
        if self.draw(st.booleans()):
            self.written.append((thread.place, self.draw(st.sampled_from(DAMAGED))))
        else:
            self._write(thread, {"type": "attachment"}, odd=True)

    def subagent(self, thread: Thread) -> None:
        """A subagent begins; it may continue its parent's conversation, with made-up results of its calls."""
        if len(self._threads) > 4:
            return
        copied = thread.last if thread.main and not thread.odd and self.draw(st.booleans()) else []
        fresh = Thread(thread.session, self._name("a"))
        if thread.main and not copied and self.draw(seldom):
            fresh = Thread(thread.session, sidechain=True)
        self._begin(fresh)
        for line in copied:
            self._put(fresh, {**line, **fresh.who})
        for block in [block for line in copied for block in line["message"]["content"]]:
            if block["type"] == "tool_use":
                self._write(fresh, result(block["id"], "Fork started."))

    def fork(self, thread: Thread) -> None:
        """A fork of a session: its file begins with its parent's lines, written at once.

        Where a result waits, only one of the two goes on: nothing else tells whose request carries it.
        """
        if thread.odd or len(self._spent) == len(SESSIONS) or (thread.took and thread.hands):
            return
        fresh = Thread(SESSIONS[len(self._spent)])
        zeroed, repeats = self.draw(seldom), self.draw(seldom)
        self.repeats |= repeats
        told = self._told[fresh.session] = self._told[thread.session]
        self._spent[fresh.session] = {model: list(counts) for model, counts in told.items()}
        for line in thread.lines:
            if line["type"] != "cost-state" and (repeats or line["type"] != "api-request"):
                fresh.lines.append(copied(line, thread.session, fresh.session, zeroed=zeroed))
        self.written.append((fresh.place, packed(fresh.lines)))
        self._threads.append(fresh)
        if thread.hands:
            fresh.tools, fresh.hands, fresh.took = thread.tools, True, True
            self._threads.remove(thread)

    def _begin(self, thread: Thread) -> None:
        self._threads.append(thread)
        self._write(thread, {"type": "user", "message": {"role": "user", "content": "Do it."}})

    def _usage(self, name: str) -> Line:
        """What a reply was billed, perhaps with something beside it."""
        self.replies.add(name)
        fresh, output, w5, w1h, read = (self.draw(amounts) for _ in range(5))
        spent = usage(fresh, output, w5, w1h, read, self.draw(thought))
        if self.draw(seldom):
            more = {"type": "compaction", "input_tokens": 9, "output_tokens": 5}
            spent["iterations"] = [{"type": "message", "input_tokens": 7}, more]
            self.replies.add(name + ":1")
        return spent

    def _blocks(self, name: str) -> list[Line]:
        kinds = st.lists(st.sampled_from(["text", "thinking", "tool", "tool"]), min_size=1, max_size=4)
        blocks: list[Line] = []
        for place, kind in enumerate(self.draw(kinds)):
            if kind == "tool":
                used = self.draw(st.sampled_from(["Bash", "mcp__me__do"]))
                blocks.append(tool_use(f"t{name}{place}", used, command=self.draw(words)))
            else:
                blocks.append(text(self.draw(words)) if kind == "text" else {"type": kind, kind: "hm"})
        return blocks

    def _result(self, thread: Thread) -> None:
        thread.hands = True
        tool = thread.tools.pop(self.draw(st.integers(0, len(thread.tools) - 1)))
        self._write(thread, result(tool, self.draw(words), failed=self.draw(seldom)), odd=self.draw(seldom))

    def _spend(self, session: str, model: str, spent: Line) -> None:
        details = spent.get("output_tokens_details", {}).get("thinking_tokens", 0)
        split = spent["cache_creation"]["ephemeral_1h_input_tokens"]
        counts = (
            spent["input_tokens"], spent["output_tokens"], spent["cache_creation_input_tokens"], split,
            spent["cache_read_input_tokens"], details, 0,
        )  # fmt: skip
        totals = self._spent[session].setdefault(model, [0] * len(COST_STATE_FIELDS))
        totals[:] = [a + b for a, b in zip(totals, counts, strict=True)]

    def _write(self, thread: Thread, line: Line, *, dated: bool = True, odd: bool = False) -> Line:
        """Write a line now; an `odd` one lacks something, such as a time that can be read."""
        fresh = {**line, **thread.who, "uuid": line.get("uuid", self._name("u"))}
        if dated and line["type"] != "api-request":
            fresh["timestamp"] = self._stamp()
        if odd:
            lacking = self.draw(st.sampled_from(["timestamp", "sessionId", "soon"]))
            thread.odd |= lacking != "sessionId"
            if lacking == "soon":
                fresh["timestamp"] = "soon"
            else:
                fresh.pop(lacking, None)
        self._put(thread, fresh)
        return fresh

    def _put(self, thread: Thread, line: Line) -> None:
        thread.lines.append(line)
        self.written.append((thread.place, packed([line])))

    def _stamp(self) -> str:
        self._ms += self.draw(st.sampled_from([7, 7, 900, 130_000]))
        now = START + timedelta(milliseconds=self._ms)
        return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Up to twenty-five things that happen."""
    story = Story(draw)
    for _ in range(draw(st.integers(1, 25))):
        story.step()
    return story
