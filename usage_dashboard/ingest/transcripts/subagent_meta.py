"""What Claude Code keeps beside a subagent's transcript: who started it."""

from __future__ import annotations

from usage_dashboard.model.events import Starter
from usage_dashboard.model.ids import id_hash
from usage_dashboard.runtime.json_fields import text_field
from usage_dashboard.runtime.json_light import parse_json

MOST_BYTES = 1 << 16


def read_starter(transcript: str) -> Starter | None:
    """Read who started the subagent of a transcript; None while Claude Code has not reported it.

    The file also holds the task's description, which is the user's text and goes no further.
    """
    try:
        with open(transcript.removesuffix(".jsonl") + ".meta.json", "rb") as file:
            meta = parse_json(file.read(MOST_BYTES).decode("utf-8", "replace"))
    except (OSError, ValueError):
        return None
    if not isinstance(meta, dict):
        return None
    parent, tool = text_field(meta, "parentAgentId"), text_field(meta, "toolUseId")
    main = 0 if meta.get("spawnDepth") == 1 else None
    return Starter(id_hash(parent) if parent else main, id_hash(tool) if tool else None)
