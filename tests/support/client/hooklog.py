"""A hook that keeps every payload it is given, for tests that ask what the client said and when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EVENTS = (
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PostToolBatch",
    "Notification",
    "UserPromptSubmit",
    "UserPromptExpansion",
    "SessionStart",
    "SessionEnd",
    "Stop",
    "StopFailure",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
    "PostCompact",
    "PreModelSwitch",
    "PostModelSwitch",
    "PermissionRequest",
    "PermissionDenied",
    "TaskCreated",
    "TaskCompleted",
    "ConfigChange",
    "CwdChanged",
)


def registration(command: str, events: Sequence[str] = EVENTS) -> dict[str, Any]:
    """The `hooks` part of settings.json that runs `command` at each of `events`."""
    return {"hooks": {event: [{"hooks": [{"type": "command", "command": command}]}] for event in events}}


class HookLog:
    """The payloads that one command was given, each in a file of its own below a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    @property
    def settings(self) -> dict[str, Any]:
        """Settings that register this log for every hook event."""
        return registration(self._command)

    @property
    def status_line(self) -> dict[str, Any]:
        """Settings that register this log as the status line command."""
        return {"statusLine": {"type": "command", "command": self._command}}

    @property
    def _command(self) -> str:
        # The file gets its final name only when it is whole, so that a killed command leaves none.
        name = f"'{self._folder}/'$(date +%s%N)-$$"
        return f"n={name}; cat > $n.part && mv $n.part $n.json"

    def payloads(self) -> list[dict[str, Any]]:
        """Every payload so far, in the order in which the commands started."""
        return [json.loads(path.read_bytes()) for path in sorted(self._folder.glob("*.json"))]
