"""The real Claude Code client in a home of its own, talking to the fake API and to nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.support.client.api import FakeApi

_ROOT = Path(__file__).resolve().parents[3]
_PACKAGES = ".ci/client/node_modules/@anthropic-ai"
_INHERITED = ("PATH", "LANG", "LC_ALL", "SHELL", "USER", "LOGNAME")
# Read before any fixture tidies the environment.
_NAMED = os.environ.get("USAGE_DASHBOARD_TEST_CLAUDE")
_KEY = "dummy-key-for-a-server-on-this-machine"


def binary() -> Path:
    """The client's executable; skips the test where there is none."""
    found = [Path(_NAMED)] if _NAMED else sorted((_ROOT / _PACKAGES).glob("claude-code-*/claude*"))
    for path in found:
        if path.is_file() and os.access(path, os.X_OK):
            return path
    where = f"USAGE_DASHBOARD_TEST_CLAUDE names `{_NAMED}`" if _NAMED else f"`{_PACKAGES}` holds none"
    pytest.skip(f"no Claude Code client to run: {where}")


def old_script(version: str) -> Path:
    """The script of an old client, which Node.js runs; skips the test where it is not installed."""
    path = _ROOT / f".ci/client-{version}/node_modules/@anthropic-ai/claude-code/cli.js"
    if not os.access(path, os.X_OK):
        pytest.skip(f"no Claude Code client {version} to run: `{path.relative_to(_ROOT)}` is missing")
    return path


@dataclass(frozen=True)
class Run:
    """What one `claude -p` left: its exit code, the result that it printed, and its stderr."""

    exit_code: int
    result: dict[str, Any]
    stderr: str

    @property
    def session_id(self) -> str:
        """The session that the run belongs to."""
        return str(self.result["session_id"])


class Started:
    """A running `claude -p`; as a context manager it leaves nothing running.

    Its output goes to files, so that it can be read while it runs.
    """

    def __init__(self, command: list[str], folder: Path, env: Mapping[str, str]) -> None:
        written = Path(tempfile.mkdtemp(prefix="run-", dir=env["TMPDIR"]))
        self._out = written / "out"
        self._errors = written / "errors"
        with self._out.open("wb") as out, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=errors
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def output(self) -> str:
        """What it has printed so far."""
        return self._out.read_text(encoding="utf-8")

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def finish(self, timeout: float = 60.0) -> Run:
        """Wait for it to end by itself."""
        code = self._process.wait(timeout)
        return Run(code, _result(self.output()), self._errors.read_text(encoding="utf-8"))


class ClientHome:
    """A throw-away HOME, config folder and project folder, and the client started inside them.

    `env` is the whole environment that the client gets; tests may add to it.
    """

    def __init__(
        self, folder: Path, api: FakeApi, *, project: str = "project", config: str = "home/.claude"
    ) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.config = folder / config
        self.project = folder / project
        self._key_answer = "approved"
        temporary, self._on_path = folder / "tmp", folder / "bin"
        for path in (self.home, self.config, self.project, temporary, self._on_path):
            path.mkdir(parents=True, exist_ok=True)
        self.env = {name: os.environ[name] for name in _INHERITED if name in os.environ} | {
            "HOME": str(self.home),
            "TMPDIR": str(temporary),
            "CLAUDE_CODE_TMPDIR": str(temporary),
            "CLAUDE_CONFIG_DIR": str(self.config),
            "TERM": "xterm-256color",
            "TZ": "UTC",
            "ANTHROPIC_BASE_URL": api.url,
            "ANTHROPIC_API_KEY": _KEY,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "IS_SANDBOX": "1",
        }
        self.env["PATH"] = os.pathsep.join([str(self._on_path), self.env.get("PATH", "")])
        self.install(binary())

    def install(self, client: Path) -> None:
        """Make `client` the one that is started, and that `setup` finds on PATH."""
        self.binary = client
        link = self._on_path / "claude"
        link.unlink(missing_ok=True)
        link.symlink_to(client.resolve())

    def settings(self, *parts: Mapping[str, Any]) -> None:
        """Add `parts` to the user's settings.json; hooks of one event stand side by side."""
        path = self.config / "settings.json"
        merged = _read(path)
        for part in parts:
            hooks: dict[str, list[Any]] = merged.get("hooks", {})
            for event, entries in part.get("hooks", {}).items():
                hooks[event] = [*hooks.get(event, []), *entries]
            merged |= {**part, "hooks": hooks}
        path.write_text(json.dumps(merged, indent=1), encoding="utf-8")

    def trust(self) -> None:
        """Answer beforehand what a first interactive start asks: theme, API key, trust, permissions."""
        path = self.config / ".claude.json"
        known = _read(path)
        project = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
        known |= {
            "hasCompletedOnboarding": True,
            "theme": "dark",
            "customApiKeyResponses": {"approved": [], "rejected": [], self._key_answer: [_KEY[-20:]]},
            "projects": known.get("projects", {}) | {str(self.project): project},
        }
        path.write_text(json.dumps(known), encoding="utf-8")
        self.settings({"skipDangerousModePermissionPrompt": True})

    def decline_key(self) -> None:
        """Have the client's screen use no API key from the environment, as one who says no when it asks."""
        self._key_answer = "rejected"

    def start(
        self, prompt: str, *args: str, resume: str | None = None, env: Mapping[str, str] | None = None
    ) -> Started:
        """A `claude -p` that is left running, for whoever wants to end it in its own way."""
        options = ["--output-format", "json"]
        if resume:
            options += ["--resume", resume]
        command = [str(self.binary), "-p", prompt, *options, *permitted(args)]
        return Started(command, self.project, self.env | dict(env or {}))

    def run(
        self,
        prompt: str,
        *args: str,
        resume: str | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> Run:
        """A `claude -p` run to its end, which must be a success unless `check` is off."""
        with self.start(prompt, *args, resume=resume, env=env) as client:
            ended = client.finish()
        assert not check or (ended.exit_code == 0 and ended.result.get("is_error") is False), ended
        return ended

    def work_in(self, project: str) -> None:
        """Make `project`, a path below the home's folder, the folder that the client is started in."""
        self.project = self.folder / project
        self.project.mkdir(parents=True, exist_ok=True)

    def move_config(self, config: str) -> None:
        """Move the config folder, settings and transcripts included, to `config` below the home's folder."""
        moved = self.folder / config
        moved.parent.mkdir(parents=True, exist_ok=True)
        self.config = self.config.rename(moved)
        self.env["CLAUDE_CONFIG_DIR"] = str(moved)

    def git(self, *args: str) -> None:
        """Run git in the project folder, with nobody's settings."""
        who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *who, *args], cwd=self.project, env=self.env, check=True, timeout=30)

    def transcripts(self) -> list[Path]:
        """Every transcript file below the config folder, those of subagents included."""
        return sorted((self.config / "projects").rglob("*.jsonl"))

    def transcript(self, session_id: str) -> Path:
        """The main transcript of a session."""
        [path] = (self.config / "projects").glob(f"*/{session_id}.jsonl")
        return path


def permitted(args: Iterable[str]) -> list[str]:
    """`args`, with every permission given unless they choose a permission mode."""
    chosen = list(args)
    return chosen if "--permission-mode" in chosen else ["--dangerously-skip-permissions", *chosen]


def _result(out: str) -> dict[str, Any]:
    try:
        value = json.loads(out)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_bytes())) if path.exists() else {}
