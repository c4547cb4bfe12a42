"""The hook event: the fields of its JSON that hooks need."""

from __future__ import annotations

from usage_dashboard.model.events import ToolResult
from usage_dashboard.model.ids import id_hash
from usage_dashboard.runtime.json_fields import object_field, text_field
from usage_dashboard.runtime.json_light import parse_json_bytes

MOST_MS = 10**10


class Event:
    """One hook event. Every field is optional in some release, so every field may be empty.

    `source` is why a session started, `error` why a turn failed, `asked_agent` the type of agent that a
    call would start; `tool` is the outcome of a tool call, if the event is about one.
    """

    __slots__ = (
        "agent_id", "agent_type", "asked_agent", "cwd", "duration_ms", "error", "mode", "name", "session",
        "source", "tool", "tool_name", "transcript",
    )  # fmt: skip

    def __init__(self, fields: dict[str, object]) -> None:
        self.name = text_field(fields, "hook_event_name")
        self.session = text_field(fields, "session_id")
        self.transcript = text_field(fields, "transcript_path")
        self.cwd = text_field(fields, "cwd")
        self.agent_id = text_field(fields, "agent_id")
        self.agent_type = text_field(fields, "agent_type")
        self.tool_name = text_field(fields, "tool_name")
        self.source = text_field(fields, "source")
        self.error = text_field(fields, "error")
        self.mode = text_field(fields, "permission_mode")
        self.asked_agent = text_field(object_field(fields, "tool_input"), "subagent_type")
        self.tool: ToolResult | None = None
        tool_id = text_field(fields, "tool_use_id")
        if tool_id and self.tool_name and self.name in ("PostToolUse", "PostToolUseFailure"):
            self.tool = ToolResult(id_hash(tool_id), 0, failed=self.name == "PostToolUseFailure")
        duration = fields.get("duration_ms")
        usable = (
            isinstance(duration, (int, float)) and not isinstance(duration, bool) and 0 <= duration < MOST_MS
        )
        self.duration_ms = int(duration) if usable and isinstance(duration, (int, float)) else None


def read_event(data: bytes) -> Event | None:
    """Parse the bytes of a hook's standard input; None if they are not a JSON object."""
    try:
        fields = parse_json_bytes(data)
    except ValueError:
        return None
    return Event(fields) if isinstance(fields, dict) else None
