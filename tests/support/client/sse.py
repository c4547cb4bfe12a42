"""What the fake Messages API says: content blocks, usage numbers and the events of a streamed reply."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Block = dict[str, Any]
Broken = Literal["cut", "error_event", "hang"]

# What a broken reply is said to have cost: more than the client has seen, less than the whole.
BROKEN_OUTPUT_TOKENS = 40
_PLACEHOLDER_OUTPUT_TOKENS = 3


@dataclass(frozen=True)
class Usage:
    """Token counts of one call in the API's five kinds; `thinking` is a part of `output`."""

    input: int
    output: int
    write_5m: int = 0
    write_1h: int = 0
    read: int = 0
    thinking: int = 0
    web_searches: int = 0

    def whole(self) -> dict[str, Any]:
        """The `usage` object of an answer that is not streamed."""
        return {**self.at_start(), **self.at_end()}

    def at_start(self) -> dict[str, Any]:
        """The `usage` object of `message_start`: the input is known, the output is a placeholder."""
        return {
            **self._input(),
            "output_tokens": _PLACEHOLDER_OUTPUT_TOKENS,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.write_5m,
                "ephemeral_1h_input_tokens": self.write_1h,
            },
            "service_tier": "standard",
            "inference_geo": "not_available",
        }

    def at_end(self) -> dict[str, Any]:
        """The `usage` object of `message_delta`: final, but without the split of cache writes."""
        return {
            **self._input(),
            "output_tokens": self.output,
            "output_tokens_details": {"thinking_tokens": self.thinking},
            "server_tool_use": {"web_search_requests": self.web_searches, "web_fetch_requests": 0},
        }

    def _input(self) -> dict[str, int]:
        return {
            "input_tokens": self.input,
            "cache_creation_input_tokens": self.write_5m + self.write_1h,
            "cache_read_input_tokens": self.read,
        }


def numbered(call: int) -> Usage:
    """Counts that no other call shares in any kind, so that each number names its call."""
    return Usage(
        input=10 + call,
        output=300 + 7 * call,
        write_5m=400 + 3 * call,
        write_1h=700 + 5 * call if call % 2 else 0,
        read=9000 + 11 * call,
        thinking=20 + call if call % 3 == 0 else 0,
    )


@dataclass(frozen=True)
class Reply:
    """One scripted answer.

    A `status` other than 200 is an error answer, which bills nothing and which the client retries.
    `broken` ends a stream within its last block, after it if `whole_blocks`, and before its first event if
    there are no blocks: `cut` closes the connection, `error_event` sends an `error` event, `hang` stays
    silent until the client leaves. `pause_seconds` passes before each event.
    `usage` replaces some of the numbered counts.
    """

    blocks: tuple[Block, ...] = ()
    stop_reason: str | None = None
    usage: Mapping[str, int] = field(default_factory=dict)
    status: int = 200
    broken: Broken | None = None
    whole_blocks: bool = False
    pause_seconds: float = 0.0

    def reason(self) -> str:
        """The stop reason: the given one, else by whether a tool is asked for."""
        tool = any(block["type"] == "tool_use" for block in self.blocks)
        return self.stop_reason or ("tool_use" if tool else "end_turn")

    def counts(self, call: int) -> Usage:
        """What call number `call` costs."""
        usage = replace(numbered(call), **self.usage)
        return replace(usage, output=BROKEN_OUTPUT_TOKENS, thinking=0) if self.broken else usage

    def breaks_at(self, event: str, index: int | None) -> bool:
        """Whether the stream ends instead of this event."""
        if self.broken is None:
            return False
        if not self.blocks:
            return True
        if self.whole_blocks:
            return event == "message_delta"
        return (event, index) == ("content_block_stop", len(self.blocks) - 1)

    def content(self, tag: str) -> list[Block]:
        """The blocks, each tool call with an id that begins with `tag`."""
        return [
            {**block, "id": f"toolu_{tag}_{index}"} if block["type"] == "tool_use" else block
            for index, block in enumerate(self.blocks)
        ]


def say(text: str, **options: Any) -> Reply:
    """A reply of one text block."""
    return Reply((text_block(text),), **options)


def use(*blocks: Block, **options: Any) -> Reply:
    """A reply of the given blocks, tool calls among them."""
    return Reply(blocks, **options)


def text_block(text: str) -> Block:
    """A text block."""
    return {"type": "text", "text": text}


def thinking_block(text: str) -> Block:
    """A thinking block, with the signature that the client must send back."""
    return {"type": "thinking", "thinking": text, "signature": "c2lnbmF0dXJl"}


def tool_block(tool: str, /, **tool_input: Any) -> Block:
    """A `tool_use` block; its id is given when it is sent."""
    return {"type": "tool_use", "name": tool, "input": tool_input}


def events(message: dict[str, Any], usage: Usage) -> Iterator[tuple[str, dict[str, Any]]]:
    """The server-sent events of a whole streamed reply, in order."""
    start = {**message, "content": [], "stop_reason": None, "usage": usage.at_start()}
    yield "message_start", {"message": start}
    for index, block in enumerate(message["content"]):
        yield "content_block_start", {"index": index, "content_block": _opening(block)}
        for delta in _deltas(block):
            yield "content_block_delta", {"index": index, "delta": delta}
        yield "content_block_stop", {"index": index}
    end = {key: message[key] for key in ("stop_reason", "stop_sequence", "stop_details")}
    yield "message_delta", {"delta": end, "usage": usage.at_end()}
    yield "message_stop", {}


def encode(event: str, data: Mapping[str, Any]) -> bytes:
    """One server-sent event as bytes."""
    return f"event: {event}\ndata: {json.dumps({'type': event, **data})}\n\n".encode()


def _opening(block: Block) -> Block:
    empty = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}}
    if "input" in block:
        return {**block, "input": {}}
    return {**block, **empty.get(block["type"], {})}


def _deltas(block: Block) -> Iterator[Block]:
    if block["type"] == "text":
        yield {"type": "text_delta", "text": block["text"]}
    elif block["type"] == "thinking":
        yield {"type": "thinking_delta", "thinking": block["thinking"]}
        yield {"type": "signature_delta", "signature": block["signature"]}
    elif "input" in block:
        text = json.dumps(block["input"])
        half = len(text) // 2
        yield {"type": "input_json_delta", "partial_json": text[:half]}
        yield {"type": "input_json_delta", "partial_json": text[half:]}
