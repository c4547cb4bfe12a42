"""A plain second count of transcripts, which shares nothing with the product: the judge of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Counts = dict[str, int]
FIELDS = ("input", "output", "write_5m", "write_1h", "read", "thinking", "web_searches")


def by_message(config: Path) -> dict[str, Counts]:
    """Token counts of each message in the transcripts below `config`: the maximum of each field."""
    messages: dict[str, Counts] = {}
    for path in sorted(config.rglob("*.jsonl")):
        for line in _lines(path):
            message = line.get("message") or {}
            if line.get("type") != "assistant" or message.get("model") == "<synthetic>":
                continue
            seen = messages.setdefault(message["id"], dict.fromkeys(FIELDS, 0))
            for field, value in _usage(message["usage"]).items():
                seen[field] = max(seen[field], value)
    return messages


def total(messages: dict[str, Counts]) -> Counts:
    """The sum of each field over `messages`."""
    return {field: sum(counts[field] for counts in messages.values()) for field in FIELDS}


def client_total(transcript: Path) -> Counts:
    """What the client itself last wrote down for the session of `transcript`, all models together.

    It includes calls that no transcript shows, and after a fork those of the parent.
    """
    states = [line for line in _lines(transcript) if line.get("type") == "cost-state"]
    totals = dict.fromkeys(FIELDS, 0)
    for model in states[-1]["modelUsage"].values() if states else ():
        totals["input"] += model["inputTokens"]
        totals["output"] += model["outputTokens"]
        totals["write_5m"] += model["cacheCreationEphemeral5mInputTokens"]
        totals["write_1h"] += model["cacheCreationEphemeral1hInputTokens"]
        totals["read"] += model["cacheReadInputTokens"]
        totals["thinking"] += model["thinkingTokens"]
        totals["web_searches"] += model["webSearchRequests"]
    return totals


def _usage(usage: dict[str, Any]) -> Counts:
    written = usage.get("cache_creation") or {}
    return {
        "input": usage["input_tokens"],
        "output": usage["output_tokens"],
        "write_5m": written.get("ephemeral_5m_input_tokens", 0),
        "write_1h": written.get("ephemeral_1h_input_tokens", 0),
        "read": usage["cache_read_input_tokens"],
        "thinking": (usage.get("output_tokens_details") or {}).get("thinking_tokens", 0),
        "web_searches": (usage.get("server_tool_use") or {}).get("web_search_requests", 0),
    }


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().splitlines():
        yield json.loads(line)
