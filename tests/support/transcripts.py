"""Small synthetic transcripts, in the shape that Claude Code 2.1.330 was seen to write."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SESSION = "0020248b-fd95-4d67-a568-2e276c5cc993"
OTHER = "11112222-fd95-4d67-a568-2e276c5cc993"
MODEL = "claude-opus-5-5"

Line = dict[str, Any]


def usage(
    fresh: int = 10, output: int = 100, w5: int = 0, w1h: int = 0, read: int = 0, thinking: int | None = 0
) -> Line:
    """The `usage` object of a response."""
    found: Line = {
        "input_tokens": fresh,
        "output_tokens": output,
        "cache_creation_input_tokens": w5 + w1h,
        "cache_read_input_tokens": read,
        "cache_creation": {"ephemeral_5m_input_tokens": w5, "ephemeral_1h_input_tokens": w1h},
        "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
        "service_tier": "standard",
        "inference_geo": "",
        "iterations": [],
        "speed": "standard",
    }
    if thinking is not None:
        found["output_tokens_details"] = {"thinking_tokens": thinking}
    return found


def text(words: str = "Done.") -> Line:
    """A text block."""
    return {"type": "text", "text": words}


def tool_use(tool_id: str, name: str = "Bash", **arguments: Any) -> Line:
    """A tool_use block."""
    return {"type": "tool_use", "id": tool_id, "name": name, "input": arguments or {"command": "true"}}


def response(
    message: str,
    *blocks: Line,
    spent: Line | None = None,
    at: Any = "2026-11-22T10:00:00.000Z",
    **fields: Any,
) -> list[Line]:
    """The lines of one response: one for each content block, all with the same id and usage."""
    session = fields.pop("sessionId", SESSION)
    model = fields.pop("model", MODEL)
    stop = fields.pop(
        "stop_reason", "tool_use" if any(b["type"] == "tool_use" for b in blocks) else "end_turn"
    )
    return [
        {
            "isSidechain": False,
            "message": {
                "id": message,
                "type": "message",
                "role": "assistant",
                "model": model,
                "content": [block],
                "stop_reason": stop,
                "usage": spent or usage(),
            },
            "apiBlockIndex": index,
            "requestId": "req_" + message,
            "type": "assistant",
            "uuid": f"{message}-{index}",
            "timestamp": at,
            "entrypoint": "cli",
            "cwd": "/home/dev/shop",
            "sessionId": session,
            "version": "2.1.330",
            **fields,
        }
        for index, block in enumerate(blocks or (text(),))
    ]


def result(tool_id: str, content: Any = "ok", *, failed: bool = False, **fields: Any) -> Line:
    """The line of one tool result."""
    block = {"type": "tool_result", "tool_use_id": tool_id, "content": content, "is_error": failed}
    return {
        "type": "user",
        "message": {"role": "user", "content": [block]},
        "uuid": "u-" + tool_id,
        "timestamp": "2026-11-22T10:00:01.000Z",
        "cwd": "/home/dev/shop",
        "entrypoint": "cli",
        "sessionId": SESSION,
        **fields,
    }


def request(name: str, at: str, model: str = MODEL, session: str = SESSION) -> Line:
    """The line of a request that goes out; an answer refers to its name by `requestRef`."""
    params = {"model": model}
    return {"type": "api-request", "sessionId": session, "id": name, "timestamp": at, "params": params}


def failure(status: int | None) -> Line:
    """The line of a request that failed: with an HTTP status, or on its way."""
    return {"type": "system", "subtype": "api_error", "error": {"status": status}, "sessionId": SESSION}


def synthetic(**fields: Any) -> Line:
    """The line that stands in the place of a reply that did not come."""
    message = {"model": "<synthetic>", "usage": usage(0, 0), "content": [text("API Error")]}
    return {"type": "assistant", "isApiErrorMessage": True, "message": message, **fields}


def copied(line: Line, parent: str, session: str, *, zeroed: bool = False) -> Line:
    """A line of the session `parent`, or of one it is a fork of itself, in the file of the fork `session`."""
    copy = {**line, "sessionId": session}
    if line["type"] == "assistant":
        copy["requestSessionId"] = line.get("requestSessionId", parent)
        if zeroed and "isApiErrorMessage" not in line:
            copy["message"] = {**line["message"], "usage": usage(0, 0)}
    return copy


def packed(lines: Iterable[Line]) -> bytes:
    """`lines` as Claude Code writes them: compact JSON, one to a line."""
    rows = (json.dumps(line, separators=(",", ":"), ensure_ascii=False) for line in lines)
    return "".join(row + "\n" for row in rows).encode()


def write(folder: Path, lines: Iterable[Line], session: str = SESSION, subagent: str = "") -> Path:
    """A transcript in `folder`, of the session itself or of one of its subagents."""
    path = folder / f"{session}.jsonl"
    if subagent:
        path = folder / session / "subagents" / f"agent-{subagent}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(lines))
    return path
