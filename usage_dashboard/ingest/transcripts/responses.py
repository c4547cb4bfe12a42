"""One transcript line to what it says about usage: a sighting of a response, or tool results.

The format is Claude Code's own and changes between releases: every field is optional here, lines of
unknown types are nothing, and damage in a line costs that line only. Observed on 2.1.330 and read
from the public record of older releases (research/EVIDENCE.md).
"""

from __future__ import annotations

from usage_dashboard.model.attribution import weigh_blocks, weigh_result
from usage_dashboard.model.events import Response, ToolResult, ToolUse
from usage_dashboard.model.ids import billed_session, id_hash, subagent_of
from usage_dashboard.model.rows import FINAL, final_bits
from usage_dashboard.model.token_counts import EXTRA_ITERATIONS, OWN_ITERATION, TokenCounts
from usage_dashboard.runtime.json_fields import (
    list_field,
    object_field,
    parse_instant,
    read_count,
    text_field,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.model.attribution import Block

PROMPT_FIELDS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class Origin:
    """Where a line is: the session and subagent of its file, and the lines before it.

    `dated_us` is the time of the last of them that has one, as far as that was asked for, else 0; `at_us`
    the time that those before the first such line are given.
    """

    __slots__ = ("_lines", "_looked", "at_us", "dated_us", "place", "session", "subagent")

    def __init__(self, session: str, subagent: str, at_us: int) -> None:
        self.session = session
        self.subagent = subagent
        self.at_us = at_us
        self.dated_us = 0
        self.enter([])

    def enter(self, lines: Sequence[bytes]) -> None:
        """Go on with the next `lines` of the file; `place` is the one that is looked at."""
        self._lines = lines
        self.place = self._looked = 0

    def time_of(self, line: dict[str, object]) -> int:
        """When `line` was written, UTC microseconds: where it does not say, with the last line that does."""
        at_us = parse_instant(text_field(line, "timestamp"))
        return self.before() if at_us is None else at_us

    def before(self) -> int:
        """The time of the last line before this one that has a valid time; no line is looked at twice."""
        for place in range(self.place - 1, self._looked - 1, -1):
            _, found, rest = self._lines[place].rpartition(b'"timestamp"')
            if not found:
                _, found, rest = self._lines[place].rpartition(b'"_audit_timestamp"')
            quoted = rest[:40].split(b'"')
            at_us = parse_instant(quoted[1].decode("ascii", "replace")) if found and len(quoted) > 1 else None
            if at_us is not None:
                self.dated_us = at_us
                break
        self._looked = self.place
        return self.dated_us or self.at_us


def responses(line: dict[str, object], origin: Origin) -> list[Response]:
    """The response that `line` shows, followed by what was billed beside it; empty for other lines.

    Raises:
        InvalidField: a token count is no count.
    """
    message = object_field(line, "message")
    usage = object_field(message, "usage")
    if line.get("type") != "assistant" or not usage:
        return []
    model = text_field(message, "model")
    if not model or model == "<synthetic>":
        return []
    name = text_field(message, "id") or text_field(line, "requestId") or text_field(line, "uuid")
    if not name:
        return []
    seen = _sighting(line, name, model, origin, usage)
    stopped, aborted = message.get("stop_reason") is not None, line.get("isAbortedMidStream") is True
    seen.final = final_bits(stopped=stopped, aborted=aborted)
    _measure_blocks(seen, line, list_field(message, "content"))
    return [seen, *_beside(seen, line, name, origin, list_field(usage, "iterations"))]


def tool_results(line: dict[str, object], origin: Origin) -> list[ToolResult]:
    """The tool results that `line` hands to the next request."""
    if line.get("type") != "user":
        return []
    found = []
    subagent = _subagent(line, origin)
    for block in list_field(object_field(line, "message"), "content"):
        if (
            isinstance(block, dict)
            and block.get("type") == "tool_result"
            and text_field(block, "tool_use_id")
        ):
            failed = block.get("is_error") is True
            size = weigh_result(block.get("content"))
            found.append(
                ToolResult(id_hash(text_field(block, "tool_use_id")), size, failed=failed, subagent=subagent)
            )
    return found


def _sighting(
    line: dict[str, object], name: str, model: str, origin: Origin, usage: dict[str, object]
) -> Response:
    """A response by its `name`, with its thread, its time and what `usage` counts."""
    session = billed_session(
        text_field(line, "requestSessionId"), text_field(line, "sessionId") or origin.session
    )
    seen = Response(
        id_hash(name), (session, _subagent(line, origin)), model, origin.time_of(line), _counts(usage)
    )
    seen.request = id_hash(text_field(line, "requestId")) if text_field(line, "requestId") else None
    seen.answers = id_hash(text_field(line, "requestRef")) if text_field(line, "requestRef") else None
    seen.agent = text_field(line, "attributionAgent")
    skill, plugin = text_field(line, "attributionSkill"), text_field(line, "attributionPlugin")
    server, asked = text_field(line, "attributionMcpServer"), text_field(line, "requestedModel")
    seen.marks = (skill, plugin, server, asked)
    seen.speed, seen.geo, seen.tier = (
        text_field(usage, n) for n in ("speed", "inference_geo", "service_tier")
    )
    return seen


def _subagent(line: dict[str, object], origin: Origin) -> str:
    """The id of the line's subagent, empty for the main thread."""
    return subagent_of(
        text_field(line, "agentId"), origin.subagent, is_sidechain=line.get("isSidechain") is True
    )


def _counts(usage: dict[str, object]) -> TokenCounts:
    """The token counts of a `usage` object.

    Raises:
        InvalidField: one is no count.
    """
    split, details = object_field(usage, "cache_creation"), object_field(usage, "output_tokens_details")
    thinking = None if details.get("thinking_tokens") is None else read_count(details, "thinking_tokens")
    return TokenCounts(
        (
            read_count(usage, "input_tokens"),
            read_count(usage, "output_tokens"),
            read_count(usage, "cache_read_input_tokens"),
        ),
        (
            read_count(usage, "cache_creation_input_tokens"),
            read_count(split, "ephemeral_5m_input_tokens"),
            read_count(split, "ephemeral_1h_input_tokens"),
        ),
        (thinking, read_count(object_field(usage, "server_tool_use"), "web_search_requests")),
        [
            sum(read_count(entry, name) for name in PROMPT_FIELDS)
            for entry in list_field(usage, "iterations")
            if isinstance(entry, dict) and entry.get("type") == OWN_ITERATION
        ],
    )


def _beside(
    seen: Response, line: dict[str, object], name: str, origin: Origin, iterations: list[object]
) -> list[Response]:
    """Iterations that the usage at the top does not contain, as responses of their own."""
    extra = []
    for position, entry in enumerate(iterations):
        if isinstance(entry, dict) and entry.get("type") in EXTRA_ITERATIONS:
            model = text_field(entry, "model") or seen.model
            usage = {**entry, "speed": seen.speed, "inference_geo": seen.geo, "service_tier": seen.tier}
            other = _sighting(line, f"{name}:{position}", model, origin, usage)
            other.final = seen.final & FINAL
            extra.append(other)
    return extra


def _measure_blocks(seen: Response, line: dict[str, object], blocks: list[object]) -> None:
    """Measure the content blocks by which the output is shared out, and note the tool calls in them."""
    seen.blocks, seen.text_bytes, seen.thinking_bytes, tools = weigh_blocks(
        [_block(block) if isinstance(block, dict) else None for block in blocks],
        line.get("apiBlockIndex"),
        text_field(line, "uuid"),
    )
    seen.tools = [ToolUse(id_hash(tool_id), name, size) for tool_id, name, size in tools]


def _block(block: dict[str, object]) -> Block:
    thinking = block.get("thinking") or block.get("data")
    return (
        block.get("type"), block.get("text"), thinking, text_field(block, "id"), text_field(block, "name"),
        block.get("input"),
    )  # fmt: skip
