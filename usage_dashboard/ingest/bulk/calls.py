"""A response and a tool call while their file is read: what their lines say, brought together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model.ids import id_hash
from usage_dashboard.runtime.json_fields import json_size
from usage_dashboard.store.write.rows import ABORTED, FINAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.ingest.bulk.line_schema import Block, Iteration, Line, Message, Usage


WORDS = ("text", "thinking", "redacted_thinking")
"""Types of blocks that are no tool calls."""


class Tool:
    """A tool call; the fields are those of `store.rows.ToolRow`.

    What most calls leave as it is stands in the class: setting it for each would take a third of the time.
    """

    carrier: Call | None = None
    result_bytes: int | None = None
    failed: int | None = None
    waits = False
    """Whether its result was seen, and waits for a carrier or has one."""
    output = cost_output = input = cache_creation = cache_1h = cost_prompt = 0

    def __init__(self, tool_id: str, name: str, input_bytes: int, response: Call) -> None:
        self.id = id_hash(tool_id)
        self.name = name
        self.input_bytes = input_bytes
        self.response = response


class Call:
    """A billed response; the fields are those of `store.rows.ResponseRow`, merged as `store.writer` does."""

    usage: Usage | None = None
    request: int | None = None
    thinking: int | None = None
    input = output = cache_creation = cache_1h = cache_read = searches = prompt = final = 0
    text_bytes = thinking_bytes = blocks = 0
    speed = geo = tier = ""
    cost: int | None = None
    cost_prompt: int | None = None
    cost_read: int | None = None
    tools: Sequence[Tool] = ()
    carried: Sequence[Tool] = ()

    def __init__(self, line: Line, message: Message, session: int, subagent: int, at_us: int) -> None:
        self.id = id_hash(message.id or "")
        self.model = message.model or ""
        self.session = session
        self.subagent = subagent
        self.at_us = at_us
        self.stamp = line.timestamp or ""
        self.thread = line.agentId, line.sessionId, line.requestSessionId, line.isSidechain
        self.agent = line.attributionAgent
        self.marks = line.attributionSkill, line.attributionPlugin, line.attributionMcpServer
        if line.requestId:
            self.request = id_hash(line.requestId)

    def take(self, line: Line, usage: Usage, stop: str | None) -> None:
        """Let in what a line of it tells."""
        if usage != self.usage:
            self.usage = usage
            self._count(usage)
        if stop is not None:
            self.final |= FINAL
        if line.isAbortedMidStream is True:
            self.final |= ABORTED

    def _count(self, usage: Usage) -> None:
        """Let in token counts: of each the most that a line tells."""
        fresh, output = usage.input_tokens or 0, usage.output_tokens or 0
        written, read = usage.cache_creation_input_tokens or 0, usage.cache_read_input_tokens or 0
        split = usage.cache_creation
        if split is not None:
            hour = split.ephemeral_1h_input_tokens or 0
            self.cache_1h = max(self.cache_1h, hour)
            hour += split.ephemeral_5m_input_tokens or 0
            written = max(written, hour)
        self.input = max(self.input, fresh)
        self.output = max(self.output, output)
        self.cache_creation = max(self.cache_creation, written)
        self.cache_read = max(self.cache_read, read)
        details = usage.output_tokens_details
        if details is not None and details.thinking_tokens is not None:
            self.thinking = max(self.thinking or 0, min(details.thinking_tokens, output))
        if usage.server_tool_use is not None:
            self.searches = max(self.searches, usage.server_tool_use.web_search_requests or 0)
        self.speed = self.speed or usage.speed or ""
        self.geo = self.geo or usage.inference_geo or ""
        self.tier = self.tier or usage.service_tier or ""
        prompt = _longest(usage.iterations) if usage.iterations else 0
        prompt = prompt or fresh + written + read
        self.prompt = max(self.prompt, prompt)

    def measure(self, line: Line, blocks: list[Block], tools: dict[str, Tool]) -> None:
        """Note the sizes of blocks, unless they were seen before, and the tools they call in `tools`."""
        index = line.apiBlockIndex
        first = index if index is not None and index >= 0 else id_hash(line.uuid or "")
        bits = 0
        for position, block in enumerate(blocks):
            bits |= 1 << (first + position) % 62
            if block.id and block.name and block.id not in tools and block.type not in WORDS:
                tool = tools[block.id] = Tool(block.id, block.name, json_size(block.input), self)
                self.tools = [*self.tools, tool]
        if bits & ~self.blocks:
            self.blocks |= bits
            for block in blocks:
                if block.type == "text":
                    self.text_bytes += json_size(block.text)
                elif block.type in WORDS:
                    self.thinking_bytes += json_size(block.thinking or block.data)


def _longest(iterations: list[Iteration]) -> int:
    """Tokens of the longest prompt of several."""
    return max(
        (
            (entry.input_tokens or 0)
            + (entry.cache_creation_input_tokens or 0)
            + (entry.cache_read_input_tokens or 0)
            for entry in iterations
            if entry.type == "message"
        ),
        default=0,
    )
