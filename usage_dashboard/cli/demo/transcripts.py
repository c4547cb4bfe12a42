"""Write generated sessions as transcripts, in the format of Claude Code 2.1.330."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from usage_dashboard.model.events import SECOND_US
from usage_dashboard.model.token_counts import prompt_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from usage_dashboard.pricing.lookup import PriceLookup

    TranscriptLine = dict[str, Any]

CLIENT = "2.1.330"
TOKENS_A_SECOND = 70
MAIN_PROMPT, SUBAGENT_PROMPT, SUMMARY = 38_000, 9_000, 11_000
"""Tokens that a conversation begins with, and that a compaction leaves of one."""

TOKEN_BYTES = 1
"""What a token of made-up text weighs: only the proportions count."""
COUNTED = (
    "inputTokens",
    "outputTokens",
    "cacheCreationInputTokens",
    "cacheCreationEphemeral1hInputTokens",
    "cacheReadInputTokens",
    "webSearchRequests",
    "thinkingTokens",
)
"""The client's names of what is counted: the first six as a price needs them."""


class DemoThread:
    """A session's main thread, or one of its subagents.

    `cached` tokens of the next request are in the cache; it adds `fresh` ones.
    `meta` is what the client keeps beside a subagent's transcript, None for the main thread.
    """

    __slots__ = ("agent", "cached", "fresh", "id", "lines", "meta", "model")

    def __init__(self, model: str, fresh: int, agent: str = "", agent_id: str = "") -> None:
        self.model = model
        self.agent = agent
        self.id = agent_id
        self.cached = 0
        self.fresh = fresh
        self.lines: list[TranscriptLine] = []
        self.meta: TranscriptLine | None = None


class DemoToolUse:
    """A tool call: its id, its name, how long it ran and whether it failed."""

    __slots__ = ("failed", "id", "milliseconds", "name", "thread")

    def __init__(self, call_id: str, name: str, thread: DemoThread) -> None:
        self.id = call_id
        self.name = name
        self.thread = thread
        self.milliseconds = 0
        self.failed = False


class DemoSession:
    """One session, written while its clock `at_us` moves on.

    `spent` is (UTC microseconds, tokens) of each of its calls, hidden ones included.
    """

    def __init__(
        self, rng: Random, tariff: PriceLookup, start_us: int, place: tuple[str, str], model: str
    ) -> None:
        self.rng = rng
        self.folder, self.channel = place
        self.began_us = self.at_us = start_us
        self.name = "-".join(self._digits(size) for size in (8, 4, 4, 4, 12))
        self.main = DemoThread(model, MAIN_PROMPT)
        self.threads = [self.main]
        self.uses: list[DemoToolUse] = []
        self.spent: list[tuple[int, int]] = []
        self.skill = ""
        self._tariff = tariff
        self._totals: dict[str, list[int]] = {}

    def wait(self, seconds: float) -> None:
        """Move the clock on."""
        self.at_us += int(seconds * SECOND_US)

    def respond(
        self,
        thread: DemoThread,
        blocks: list[TranscriptLine],
        output: int,
        thinking: int = 0,
        *,
        cut: bool = False,
    ) -> None:
        """Write a response of `output` tokens with `blocks`, a line for each, as the client does."""
        self.wait(1.5 + output / TOKENS_A_SECOND)
        written, read = thread.fresh, thread.cached
        hour = 0 if thread.agent else written
        counts = [self.rng.randint(2, 14), output, written, hour, read, 0, thinking]
        self._count(thread.model, counts)
        thread.cached, thread.fresh = read + written, output
        stop = "tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn"
        message: TranscriptLine = {
            "id": "msg_" + self._digits(24),
            "type": "message",
            "role": "assistant",
            "model": thread.model,
            "stop_reason": None if cut else stop,
            "usage": _usage_object(counts),
        }
        for index, block in enumerate(blocks):
            line = {"message": {**message, "content": [block]}, "apiBlockIndex": index}
            self._write(thread, "assistant", line | {"requestId": "req_" + message["id"]})

    def use(self, thread: DemoThread, name: str, tokens: int) -> tuple[DemoToolUse, TranscriptLine]:
        """Make a tool call that took `tokens` to write; return it and its block."""
        made = DemoToolUse("toolu_" + self._digits(24), name, thread)
        self.uses.append(made)
        arguments = {"input": "-" * (tokens * TOKEN_BYTES)}
        return made, {"type": "tool_use", "id": made.id, "name": name, "input": arguments}

    def result(self, made: DemoToolUse, tokens: int, milliseconds: int, *, failed: bool = False) -> None:
        """Write the result of a tool call: `tokens` in the next request of its thread."""
        made.milliseconds, made.failed = milliseconds, failed
        made.thread.fresh += tokens
        content = {"type": "tool_result", "tool_use_id": made.id, "content": "-" * (tokens * TOKEN_BYTES)}
        message = {"role": "user", "content": [{**content, "is_error": failed}]}
        self._write(made.thread, "user", {"message": message})

    def subagent(self, made: DemoToolUse, agent: str, model: str) -> DemoThread:
        """Start the thread of the subagent that the tool call `made` asks for."""
        thread = DemoThread(model, SUBAGENT_PROMPT, agent, "a" + self._digits(16))
        above = made.thread
        depth = 1 if above.meta is None else 1 + above.meta["spawnDepth"]
        thread.meta = {"agentType": agent, "toolUseId": made.id, "spawnDepth": depth, "model": model}
        if above.id:
            thread.meta["parentAgentId"] = above.id
        self.threads.append(thread)
        return thread

    def compact(self) -> None:
        """Replace the conversation by a summary, which no transcript shows."""
        self.hidden([3, 2_100, 0, 0, self.main.cached, 0, 0])
        figures = {"trigger": "auto", "preTokens": self.main.cached, "postTokens": SUMMARY}
        boundary = {"subtype": "compact_boundary", "compactMetadata": figures}
        self._write(self.main, "system", boundary)
        self.main.cached, self.main.fresh = 0, SUMMARY

    def hidden(self, counts: list[int]) -> None:
        """Count a call that is billed but in no transcript."""
        self._count(self.main.model, counts)

    def refused(self, window: str) -> None:
        """Write a request that was rejected because the limit `window` is used up."""
        limits = {"status": "rejected", "rateLimitType": window}
        message = {"model": "<synthetic>", "role": "assistant", "usage": _usage_object([0] * len(COUNTED))}
        error = {"apiError": "usage_limit_reached", "isApiErrorMessage": True, "apiErrorStatus": 429}
        self._write(self.main, "assistant", {"message": message, "quotaLimits": limits, **error})

    def end(self) -> None:
        """Write the client's own totals, as it does when a session is left."""
        milliseconds = {
            "startTime": self.began_us // 1000,
            "totalDuration": (self.at_us - self.began_us) // 1000,
        }
        models = {
            model: {**dict(zip(COUNTED, counts, strict=True)), "costUSD": nusd / 1e9}
            for model, (*counts, nusd) in self._totals.items()
        }
        state = {"type": "cost-state", "sessionId": self.name, **milliseconds, "modelUsage": models}
        self.main.lines.append(state)

    def files(self, projects: str) -> Iterator[tuple[str, str]]:
        """(path, content) of each file that the client would have written below the folder `projects`."""
        slug = "".join(c if c.isalnum() else "-" for c in self.folder)
        base = os.path.join(projects, slug, self.name)
        for thread in self.threads:
            path = os.path.join(base, "subagents", f"agent-{thread.id}") if thread.id else base
            yield f"{path}.jsonl", "".join(f"{json.dumps(line)}\n" for line in thread.lines)
            if thread.meta is not None:
                yield f"{path}.meta.json", json.dumps(thread.meta)

    def _count(self, model: str, counts: list[int]) -> None:
        fresh, output, creation, _, read, *_ = counts
        prompt = fresh + creation + read
        price_class = (model, prompt_bucket(prompt), "standard", "", "standard")
        cost = self._tariff.cost(price_class, self.at_us, tuple(counts[:6]))
        total = self._totals.setdefault(model, [0] * (len(COUNTED) + 1))
        for place, more in enumerate([*counts, 0 if cost is None else cost[0]]):
            total[place] += more
        self.spent.append((self.at_us, prompt + output))

    def _write(self, thread: DemoThread, kind: str, fields: TranscriptLine) -> None:
        line: TranscriptLine = {
            "type": kind,
            **fields,
            "isSidechain": bool(thread.id),
            "uuid": self._digits(32),
            "timestamp": _iso_time(self.at_us),
            "entrypoint": self.channel,
            "cwd": self.folder,
            "sessionId": self.name,
            "version": CLIENT,
        }
        if thread.id:
            line |= {"agentId": thread.id, "attributionAgent": thread.agent}
        elif self.skill:
            line["attributionSkill"] = self.skill
        thread.lines.append(line)

    def _digits(self, size: int) -> str:
        return f"{self.rng.getrandbits(4 * size):0{size}x}"


def text_block(tokens: int) -> TranscriptLine:
    """A text block."""
    return {"type": "text", "text": "-" * (tokens * TOKEN_BYTES)}


def _usage_object(counts: list[int]) -> TranscriptLine:
    """The `usage` object of a response."""
    fresh, output, creation, hour, read, searches, thinking = counts
    return {
        "input_tokens": fresh,
        "output_tokens": output,
        "output_tokens_details": {"thinking_tokens": thinking},
        "cache_creation_input_tokens": creation,
        "cache_read_input_tokens": read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": creation - hour,
            "ephemeral_1h_input_tokens": hour,
        },
        "server_tool_use": {"web_search_requests": searches},
        "service_tier": "standard",
        "speed": "standard",
    }


def _iso_time(at_us: int) -> str:
    at = datetime.fromtimestamp(at_us // SECOND_US, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at_us // 1000 % 1000:03}Z"
