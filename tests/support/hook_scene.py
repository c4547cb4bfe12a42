"""The surroundings of a hook: recorded percentages, usage on disk, settings, and the time."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.hook_process import ROOT, hook_command
from tests.support.times import DAY_US, at
from tests.support.transcripts import SESSION, packed, response, usage
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.limits.current import record_readings
from usage_dashboard.model.events import Reading

Environ = dict[str, str]

NOW = at("2026-11-25T12:00:00+00:00")
RESET = at("2026-11-27T12:00:00+00:00")
"""Five of seven days of the week have passed."""

USE_CASES = {
    "record": ("record_event", "counter"),
    "check": ("check_event", "alert"),
    "status": ("status_line", "statusline"),
}
SCRIPT = (
    "import sys; sys.path.append(sys.argv[1]);"
    "from usage_dashboard.hook.{1} import {0};"
    "answer = {0}(sys.stdin.buffer.read(), sys.argv[2], int(sys.argv[3]));"
    "print(answer if isinstance(answer, str) else answer.json() if answer else '{{}}')"
)


class Scene:
    """A ledger as hooks meet it at an instant, `NOW` unless another is given."""

    def __init__(self, home: Path) -> None:
        self.ledger = home / ".claude-usage"
        self.claude = home / ".claude"
        self.project = self.claude / "projects" / "-home-dev-shop"
        self.project.mkdir(parents=True, exist_ok=True)

    def configure(self, **settings: Any) -> None:
        """Write settings; a double underscore stands for the dot in a name."""
        nested: dict[str, Any] = {}
        for name, value in settings.items():
            *outer, last = name.split("__")
            place = nested
            for part in outer:
                place = place.setdefault(part, {})
            place[last] = value
        self.ledger.mkdir(mode=0o700, exist_ok=True)
        (self.ledger / "config.json").write_text(json.dumps(nested))

    def record_percentage(
        self, used: float, window: str = "seven_day", at_us: int = NOW, resets_us: int = RESET, **by: str
    ) -> None:
        """Record an official percentage."""
        source = by.get("source", "statusline")
        reading = Reading(window, round(used * 1000), resets_us, at_us, source)
        record_readings(str(self.ledger), os.path.realpath(self.claude), [reading], at_us)

    def write_usage(
        self, tokens: int, message: str, at_us: int = NOW, session: str = SESSION, **fields: Any
    ) -> None:
        """Write a response with so many output tokens, of a subagent if `agentId` is given, and sweep."""
        path = self.project / f"{session}.jsonl"
        if agent := fields.get("agentId"):
            path = self.project / session / "subagents" / f"agent-{agent}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            fields["isSidechain"] = True
        lines = response(message, spent=usage(0, tokens), at=stamp(at_us), sessionId=session, **fields)
        with path.open("ab") as file:
            file.write(packed(lines))
        sweep(str(self.ledger), NOW)

    def event_before_tool(self, tool: str = "Bash", session: str = SESSION, **fields: Any) -> dict[str, Any]:
        """The event before a tool call."""
        return self.event("PreToolUse", session, tool_name=tool, tool_use_id="t1", **fields)

    def event(self, name: str, session: str = SESSION, **fields: Any) -> dict[str, Any]:
        """An event of a session."""
        transcript = str(self.project / f"{session}.jsonl")
        return {"session_id": session, "transcript_path": transcript, "hook_event_name": name, **fields}

    def answer(
        self, event: dict[str, Any], now_us: int = NOW, environ: Environ | None = None
    ) -> dict[str, Any]:
        """What the alert hook answers at an instant; an empty object for silence."""
        found = json.loads(self.run("check", event, now_us, environ))
        assert isinstance(found, dict)
        return found

    def message(
        self, event: dict[str, Any] | None = None, now_us: int = NOW, environ: Environ | None = None
    ) -> str:
        """The message that the alert hook shows; empty for silence."""
        found = self.answer(event or self.event_before_tool(), now_us, environ)
        assert set(found) <= {"systemMessage"}
        return str(found.get("systemMessage", ""))

    def show(self, event: dict[str, Any], now_us: int = NOW, environ: Environ | None = None) -> str:
        """What the status line shows at an instant."""
        return self.run("status", event, now_us, environ)

    def run(self, use_case: str, event: dict[str, Any], now_us: int, environ: Environ | None = None) -> str:
        """What a use case answers at an instant, in a process of its own: no fault is met with silence."""
        python, isolated, bare, _ = hook_command("alert")
        where = (str(ROOT), str(self.ledger), str(now_us))
        done = subprocess.run(
            [
                python,
                isolated,
                bare,
                "-c",
                SCRIPT.format(*USE_CASES[use_case]),
                *where,
            ],
            input=json.dumps(event).encode(),
            env={**os.environ, **(environ or {})},
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode().removesuffix("\n")


def stamp(at_us: int) -> str:
    """An instant as transcripts have it."""
    return datetime.fromtimestamp(at_us / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def days(number: float) -> int:
    """An instant `number` days after `NOW`."""
    return NOW + round(number * DAY_US)
