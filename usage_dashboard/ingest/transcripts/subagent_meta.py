"""What Claude Code keeps beside a subagent's transcript: who started it."""

from __future__ import annotations

from usage_dashboard.model.events import Starter
from usage_dashboard.model.ids import id_hash
from usage_dashboard.runtime.json_fields import text_field
from usage_dashboard.runtime.json_light import parse_json

MOST_BYTES = 1 << 16


def read_starter(transcript: str) -> Starter | None:
    """Who started the subagent whose transcript that is; None while Claude Code has not told it.

    The file also holds the task's description, which is the user's text and goes no further.
    """
    try:
        with open(transcript.removesuffix(".jsonl") + ".meta.json", "rb") as file:
            told = parse_json(file.read(MOST_BYTES).decode("utf-8", "replace"))
    except (OSError, ValueError):
        return None
    if not isinstance(told, dict):
        return None
    parent, tool = text_field(told, "parentAgentId"), text_field(told, "toolUseId")
    main = 0 if told.get("spawnDepth") == 1 else None
    return Starter(id_hash(parent) if parent else main, id_hash(tool) if tool else None)
