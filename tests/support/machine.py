"""A user's machine in a folder: home, Claude Code's settings, the ledger's folder, an installed package."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from usage_dashboard.install import command_line, hook_entries, statusline_entry

# A hook that ends well and says nothing, but leaves a trace of what it got.
TRACE = "import os, sys; open(os.environ['TRACE'], 'a').write(sys.stdin.read() + '\\n')"


@dataclass(frozen=True)
class Machine:
    home: Path

    @property
    def claude(self) -> Path:
        return self.home / ".claude"

    @property
    def settings(self) -> Path:
        return self.claude / "settings.json"

    @property
    def copy(self) -> Path:
        return self.claude / "settings.json.usage-dashboard-backup"

    @property
    def ledger(self) -> Path:
        return self.home / ".claude-usage"

    def write(self, value: object, path: Path | None = None) -> Path:
        path = path or self.settings
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value, indent=2) + "\n")
        return path

    def project(self, name: str) -> Path:
        folder = self.home / name
        (folder / ".git").mkdir(parents=True)
        return folder

    def transcript(self) -> None:
        """A session that has just spent 10 input and 20 output tokens."""
        usage = {"input_tokens": 10, "output_tokens": 20}
        message = {
            "id": "msg_1",
            "model": "claude-opus-4-6",
            "role": "assistant",
            "content": [],
            "usage": usage,
        }
        session = {"sessionId": "5e0e7b9c-0000-4000-8000-000000000001", "requestId": "req_1", "uuid": "u"}
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = {"type": "assistant", **session, "timestamp": at, "cwd": "/home/dev/shop", "message": message}
        self.write(json.dumps(line) + "\n", self.claude / "projects" / "-home-dev-shop" / "s.jsonl")

    def install(self, script: str = "", *, at: str = "package", python: str = "") -> hook_entries.Entries:
        """A package whose hooks run `script`; what settings hold to run them with `python`."""
        hooks = self.home / at / "usage_dashboard" / "hooks"
        hooks.mkdir(parents=True, exist_ok=True)
        paths = {}
        for name in command_line.SCRIPTS:
            (hooks / name).write_text(script)
            paths[name] = str(hooks / name)
        return hook_entries.entries_for(python or os.path.realpath(sys.executable), paths, str(self.ledger))

    def install_client(self, version: str) -> Path:
        """A client as the native installer keeps it, which is never run to say its version."""
        path = self.home / ".local" / "share" / "claude" / "versions" / version
        return program(path, "exit 1")

    def registered(
        self,
        script: str = "",
        *,
        before: hook_entries.Settings | None = None,
        at: str = "package",
        python: str = "",
    ) -> hook_entries.Settings:
        """Settings that were `before`, with hooks and status line of a package as from `install`."""
        hooks = hook_entries.add_hooks(before or {}, self.install(script, at=at, python=python))
        path = str(self.home / at / "usage_dashboard" / "hooks" / command_line.STATUSLINE)
        hook = command_line.HookCommand(python or os.path.realpath(sys.executable), path, None)
        return statusline_entry.add_statusline(hooks, hook)


def program(path: Path, *lines: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    path.chmod(0o755)
    return path
