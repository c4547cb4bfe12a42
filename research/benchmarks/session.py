"""A session that goes on while it is measured: a transcript that grows, and the events that hooks get."""

from __future__ import annotations

import json
import time
from random import Random
from typing import TYPE_CHECKING

import lines
from thread import FOLDER, new_uuid, resumed_thread

if TYPE_CHECKING:
    from pathlib import Path

    from peers import Place
    from thread import Thread

AT_END = ("Stop", "StopFailure", "SubagentStop", "SessionEnd", "SessionStart", "PreCompact")
"""Events after a finished reply, at which a hook has nothing to wait for."""


class LiveSession:
    """A transcript of about so many bytes in `place`, with one subagent."""

    def __init__(self, place: Place, number: int, size: int) -> None:
        draw = Random(f"session {number}")
        self.name = new_uuid(draw).decode()
        self.agent = f"a{draw.getrandbits(64):016x}"
        folder = place.claude / "projects" / "-home-dev-shop"
        self.path = folder / f"{self.name}.jsonl"
        self.agent_path = folder / self.name / "subagents" / f"agent-{self.agent}.jsonl"
        self.agent_path.parent.mkdir(parents=True)
        self._input = place.home / f"{self.name}.json"
        now_ms = time.time_ns() // 1_000_000
        self._main = resumed_thread(draw, self.name, "", now_ms)
        self._sub = resumed_thread(draw, self.name, self.agent, now_ms)
        self._main.plain = False
        with self.path.open("wb") as file:
            while file.tell() < size:
                file.writelines(lines.exchange(self._main, last=False))
        self._main.plain = True
        self._grow(self.agent_path, self._sub, last=True)

    def event(self, name: str) -> str:
        """Write what a hook gets on standard input to a file, and what led to the event to the transcript."""
        if name == "SubagentStop":
            tool = self._grow(self.agent_path, self._sub, last=True)
        else:
            tool = self._grow(self.path, self._main, last=name in AT_END)
        common = {
            "session_id": self.name,
            "transcript_path": str(self.path),
            "cwd": FOLDER.decode(),
        }
        more = _status() if name == "statusLine" else {"hook_event_name": name, **self._more(name, tool)}
        self._input.write_text(json.dumps(common | more))
        return str(self._input)

    def _grow(self, path: Path, thread: Thread, *, last: bool) -> str:
        """Append a response with its result to a transcript; return the id of its tool call."""
        written = list(lines.exchange(thread, last=last))
        with path.open("ab") as file:
            file.writelines(written)
        return "" if last else json.loads(written[-1])["message"]["content"][0]["tool_use_id"]

    def _more(self, name: str, tool: str) -> dict[str, object]:
        call: dict[str, object] = {
            "tool_name": "Bash",
            "tool_input": {"command": "make test"},
            "tool_use_id": tool,
        }
        answer = {"stdout": "41 passed", "stderr": "", "interrupted": False}
        events: dict[str, dict[str, object]] = {
            "PreToolUse": call,
            "PostToolUse": {**call, "tool_response": answer, "duration_ms": 412},
            "PostToolUseFailure": {**call, "error": "Exit code 1", "is_interrupt": False, "duration_ms": 31},
            "PostToolBatch": {"tool_calls": [{**call, "tool_response": "41 passed"}]},
            "Stop": {"stop_hook_active": False, "last_assistant_message": "Done."},
            "StopFailure": {"error": "rate_limit"},
            "SubagentStop": {
                "agent_id": self.agent,
                "agent_type": "general-purpose",
                "agent_transcript_path": str(self.agent_path),
            },
            "PreCompact": {"trigger": "auto", "custom_instructions": None},
            "SessionStart": {"source": "resume"},
            "SessionEnd": {"reason": "other"},
        }
        return {"prompt_id": self.name, "permission_mode": "default", **events.get(name, {})}


def _status() -> dict[str, object]:
    now = int(time.time())
    return {
        "model": {"id": "claude-opus-5-5", "display_name": "Opus 5.5"},
        "workspace": {"current_dir": FOLDER.decode(), "project_dir": FOLDER.decode()},
        "version": "2.1.330",
        "cost": {"total_cost_usd": 1.25, "total_duration_ms": 90_000, "total_api_duration_ms": now % 10**6},
        "rate_limits": {
            "five_hour": {"used_percentage": 23.5, "resets_at": now + 3600},
            "seven_day": {"used_percentage": 41.2, "resets_at": now + 200_000},
        },
    }
