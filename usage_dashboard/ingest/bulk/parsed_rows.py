"""Rows while their file is read: the ledger's rows, with names where the ledger has numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model.attribution import weigh_blocks
from usage_dashboard.model.ids import id_hash
from usage_dashboard.model.rows import ResponseRow, ToolRow, final_bits
from usage_dashboard.model.sightings import add_blocks, merge_class, merge_counts, merge_facts, merge_marks
from usage_dashboard.model.token_counts import OWN_ITERATION, TokenCounts, prompt_bucket
from usage_dashboard.runtime.json_fields import parse_instant

if TYPE_CHECKING:
    from usage_dashboard.ingest.bulk.line_schema import Block, Iteration, Line, Message, UsageFields


class ParsedTool(ToolRow):
    """A tool call by its `name`."""

    def __init__(self, tool_id: str, name: str, response: ParsedResponse, input_bytes: int) -> None:
        super().__init__(id_hash(tool_id), response.session, response.subagent)
        self.name = name
        self.ask(response, input_bytes)


class ParsedResponse(ResponseRow):
    """A response by the names of its agent, its marks and its price class."""

    usage: UsageFields | None = None
    answers: str | None = None

    def __init__(self, line: Line, message: Message, session: int, subagent: int, at_us: int) -> None:
        super().__init__(id_hash(message.id or ""), session, subagent, at_us)
        self.stamp = line.timestamp or ""
        self.thread = line.agentId, line.sessionId, line.requestSessionId, line.isSidechain
        self.agent_name = line.attributionAgent or ""
        self.marks = _marks(line)
        self.price_class = (message.model or "", 0, "", "", "")
        if line.requestId:
            self.request = id_hash(line.requestId)

    def is_of(self, line: Line) -> bool:
        """Whether `line` is of the same thread, as those before it."""
        return (line.agentId, line.sessionId, line.requestSessionId, line.isSidechain) == self.thread

    def merge_again(self, line: Line, stamp: str) -> bool:
        """Merge what another line says about time, request and marks; False if its time cannot be read."""
        at_us = self.at_us
        if stamp < self.stamp or len(stamp) != len(self.stamp):  # times of one form sort as texts
            parsed = parse_instant(stamp)
            if parsed is None:
                return False
            if parsed < at_us:
                at_us, self.stamp = parsed, stamp
        request = id_hash(line.requestId) if self.request is None and line.requestId else None
        merge_facts(self, at_us, request, 0)
        marks = _marks(line)
        if marks != self.marks:
            self.marks = merge_marks(self.marks, marks)
        return True

    def merge_usage(self, line: Line, usage: UsageFields, stop_reason: str | None) -> None:
        """Merge what a line counts and whether it is the last; most lines of a response count the same."""
        if usage != self.usage:
            self.usage = usage
            counts = _token_counts(usage)
            merge_counts(self, counts)
            marks = usage.speed or "", usage.inference_geo or "", usage.service_tier or ""
            price_class = (self.price_class[0], prompt_bucket(counts.prompt), *marks)
            self.price_class = merge_class(self.price_class, price_class)
        aborted = line.isAbortedMidStream is True
        if aborted or stop_reason is not None:
            self.finish(final_bits(stopped=stop_reason is not None, aborted=aborted))

    def add_blocks(self, line: Line, blocks: list[Block], tools: dict[str, ParsedTool]) -> None:
        """Add the sizes of a line's blocks, and to `tools` the calls in them."""
        bits, text_bytes, thinking_bytes, asked = weigh_blocks(
            [(b.type, b.text, b.thinking or b.data, b.id, b.name, b.input) for b in blocks],
            line.apiBlockIndex,
            line.uuid or "",
        )
        add_blocks(self, bits, text_bytes, thinking_bytes)
        for tool_id, name, size in asked:
            if tool_id not in tools:
                tools[tool_id] = ParsedTool(tool_id, name, self, size)


def _marks(line: Line) -> tuple[str | None, str | None, str | None, str | None]:
    server, asked = line.attributionMcpServer, line.requestedModel
    return line.attributionSkill, line.attributionPlugin, server, asked


def _token_counts(usage: UsageFields) -> TokenCounts:
    split, details, server = usage.cache_creation, usage.output_tokens_details, usage.server_tool_use
    five_minutes, hour = 0, 0
    if split is not None:
        five_minutes, hour = split.ephemeral_5m_input_tokens or 0, split.ephemeral_1h_input_tokens or 0
    return TokenCounts(
        (usage.input_tokens or 0, usage.output_tokens or 0, usage.cache_read_input_tokens or 0),
        (usage.cache_creation_input_tokens or 0, five_minutes, hour),
        (
            details.thinking_tokens if details is not None else None,
            (server.web_search_requests or 0) if server is not None else 0,
        ),
        _prompts(usage.iterations) if usage.iterations else (),
    )


def _prompts(iterations: list[Iteration]) -> list[int]:
    return [
        (entry.input_tokens or 0)
        + (entry.cache_creation_input_tokens or 0)
        + (entry.cache_read_input_tokens or 0)
        for entry in iterations
        if entry.type == OWN_ITERATION
    ]
