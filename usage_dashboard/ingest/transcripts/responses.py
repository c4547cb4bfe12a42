"""One transcript line to what it says about usage: a sighting of a response, or tool results.

The format is Claude Code's own and changes between releases: every field is optional here, lines of
unknown types are nothing, and damage in a line costs that line only. Observed on 2.1.330 and read
from the public record of older releases (research/EVIDENCE.md).
"""

from __future__ import annotations

from usage_dashboard.model.events import Response, ToolResult, ToolUse
from usage_dashboard.model.ids import id_hash
from usage_dashboard.runtime.json_fields import (
    json_size,
    list_field,
    object_field,
    parse_instant,
    read_count,
    text_field,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

IMAGE_BYTES = 6_000
"""What an image in a tool result weighs: at most about 1,600 tokens, whatever its file size."""

EXTRA_ITERATIONS = ("compaction", "advisor_message")
"""Iterations billed beside the usage at the top (Messages API types, anthropic 2.12.0)."""


class Origin:
    """Where a line stands: the session and subagent of its file, and the lines before it.

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
        """The time of the last line before this one whose time can be read; no line is looked at twice."""
        for place in range(self.place - 1, self._looked - 1, -1):
            _, found, rest = self._lines[place].rpartition(b'"timestamp"')
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
        Absurd: a token count is no count.
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
    seen = _placed(line, name, model, origin)
    _count(seen, usage)
    seen.final = message.get("stop_reason") is not None
    seen.aborted = line.get("isAbortedMidStream") is True
    _measure_blocks(seen, line, list_field(message, "content"))
    return [seen, *_beside(seen, line, name, list_field(usage, "iterations"), origin)]


def tool_results(line: dict[str, object], origin: Origin) -> list[ToolResult]:
    """The tool results that `line` hands to the next request."""
    if line.get("type") != "user":
        return []
    found = []
    subagent = _subagent(line, origin)
    for block in list_field(object_field(line, "message"), "content"):
        if not isinstance(block, dict) or block.get("type") != "tool_result":
            continue
        if text_field(block, "tool_use_id"):
            failed = block.get("is_error") is True
            size = content_bytes(block.get("content"))
            found.append(
                ToolResult(id_hash(text_field(block, "tool_use_id")), size, failed=failed, subagent=subagent)
            )
    return found


def _placed(line: dict[str, object], name: str, model: str, origin: Origin) -> Response:
    """A response with its place: whose it is, when it came."""
    # A fork copies its parent's lines; `requestSessionId` names the session that was billed.
    session = text_field(line, "requestSessionId") or text_field(line, "sessionId") or origin.session
    subagent = _subagent(line, origin)
    seen = Response(id_hash(name), session, subagent, model, origin.time_of(line))
    seen.request = id_hash(text_field(line, "requestId")) if text_field(line, "requestId") else None
    seen.answers = id_hash(text_field(line, "requestRef")) if text_field(line, "requestRef") else None
    seen.agent = text_field(line, "attributionAgent")
    skill, plugin = text_field(line, "attributionSkill"), text_field(line, "attributionPlugin")
    seen.marks = (skill, plugin, text_field(line, "attributionMcpServer"))
    return seen


def _subagent(line: dict[str, object], origin: Origin) -> str:
    """The id of the subagent whose line this is, empty for the main thread's."""
    subagent = text_field(line, "agentId") or origin.subagent
    if not subagent and line.get("isSidechain") is True:
        return "sidechain"  # older releases kept subagents in the session's own file, unnamed
    return subagent


def _count(seen: Response, usage: dict[str, object]) -> None:
    """Take the token counts of a `usage` object (Messages API reference, `usage`)."""
    split = object_field(usage, "cache_creation")
    seen.cache_1h = read_count(split, "ephemeral_1h_input_tokens")
    written = seen.cache_1h + read_count(split, "ephemeral_5m_input_tokens")
    # A copy made by a fork after a compaction has its total zeroed but not the split.
    seen.cache_creation = max(read_count(usage, "cache_creation_input_tokens"), written)
    seen.input = read_count(usage, "input_tokens")
    seen.output = read_count(usage, "output_tokens")
    seen.cache_read = read_count(usage, "cache_read_input_tokens")
    details = object_field(usage, "output_tokens_details")
    if details.get("thinking_tokens") is not None:
        seen.thinking = min(read_count(details, "thinking_tokens"), seen.output)
    seen.searches = read_count(object_field(usage, "server_tool_use"), "web_search_requests")
    names = ("speed", "inference_geo", "service_tier")
    seen.speed, seen.geo, seen.tier = (text_field(usage, name) for name in names)
    seen.prompt = _longest_prompt(seen, list_field(usage, "iterations"))


def _longest_prompt(seen: Response, iterations: list[object]) -> int:
    """Tokens of the prompt that decides the price tier: per iteration where there were several."""
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    prompts = [
        sum(read_count(entry, name) for name in names)
        for entry in iterations
        if isinstance(entry, dict) and entry.get("type") == "message"
    ]
    return max(prompts, default=0) or seen.input + seen.cache_creation + seen.cache_read


def _beside(
    seen: Response, line: dict[str, object], name: str, iterations: list[object], origin: Origin
) -> list[Response]:
    """Iterations that the usage at the top does not contain, as responses of their own."""
    extra = []
    for position, entry in enumerate(iterations):
        if isinstance(entry, dict) and entry.get("type") in EXTRA_ITERATIONS:
            model = text_field(entry, "model") or seen.model
            other = _placed(line, f"{name}:{position}", model, origin)
            _count(other, {**entry, "speed": seen.speed, "inference_geo": seen.geo})
            other.tier, other.final = seen.tier, seen.final
            extra.append(other)
    return extra


def _measure_blocks(seen: Response, line: dict[str, object], blocks: list[object]) -> None:
    """Note the sizes by which the output is shared out, and which blocks they are of.

    A block is known by its index in the response or, before releases wrote that, by its line's uuid,
    so that a line seen twice weighs once.
    """
    index = line.get("apiBlockIndex")
    first = index if isinstance(index, int) and index >= 0 else id_hash(text_field(line, "uuid"))
    for position, block in enumerate(blocks):
        if not isinstance(block, dict):
            continue
        seen.blocks |= 1 << (first + position) % 62
        kind = block.get("type")
        if kind == "text":
            seen.text_bytes += json_size(block.get("text"))
        elif kind in ("thinking", "redacted_thinking"):
            seen.thinking_bytes += json_size(block.get("thinking") or block.get("data"))
        elif text_field(block, "id") and text_field(block, "name"):
            size = json_size(block.get("input"))
            tool = ToolUse(id_hash(text_field(block, "id")), text_field(block, "name"), size)
            seen.tools.append(tool)


def content_bytes(content: object) -> int:
    """The weight of a tool result: its texts, and a flat weight for each image."""
    if isinstance(content, str):
        return json_size(content)
    if not isinstance(content, list):
        return 0
    size = 0
    for block in content:
        if isinstance(block, dict) and block.get("type") in ("image", "document"):
            size += IMAGE_BYTES
        else:
            size += json_size(block.get("text")) if isinstance(block, dict) else json_size(block)
    return size
