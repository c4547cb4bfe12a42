"""The client's own telemetry in Claude Code's settings: switched on for us, restored, and never shared.

Claude Code reads these variables from the user's and the administrator's settings and from its
environment; a project's settings are not heard (code.claude.com/docs/en/monitoring-usage). One of them
is our own: it names our port, and says that the others were set by us.
"""

from __future__ import annotations

import copy
import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from usage_dashboard.ingest.telemetry import launch
from usage_dashboard.install import settings_file, settings_paths
from usage_dashboard.model.errors import SettingsError, UsageDashboardError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Settings = dict[str, object]

INTERVAL = "OTEL_LOGS_EXPORT_INTERVAL"
INTERVAL_MS = 2000
"""A client that is killed loses what it has not sent; the receiver needs part of this to start."""

HEADERS = "otelHeadersHelper"
_FOREIGN_STARTS = ("OTEL_", "CLAUDE_CODE_OTEL_", "ANT_OTEL_")
_FOREIGN = ("CLAUDE_CODE_ENABLE_TELEMETRY", "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA")


@dataclass(frozen=True)
class Applying:
    """The settings files whose telemetry Claude Code heeds: the user's and the administrator's."""

    user: str
    managed: str

    @classmethod
    def here(cls) -> Applying:
        """Those of this user on this machine."""
        return cls(settings_paths.user_file(), settings_paths.managed_file())

    def files(self) -> Iterator[str]:
        """Every file, with the parts of the managed ones and what an organization sent."""
        yield self.user
        yield os.path.join(os.path.dirname(self.user), "remote-settings.json")
        yield self.managed
        folder = os.path.join(os.path.dirname(self.managed), "managed-settings.d")
        if os.path.isdir(folder):
            names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))
            yield from (os.path.join(folder, name) for name in names)


def entries(port: int) -> dict[str, str]:
    """The variables that have Claude Code send its events, and nothing of what is said, to our `port`."""
    return {
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        INTERVAL: str(INTERVAL_MS),
        launch.VARIABLE: str(port),
    }


def add(value: Mapping[str, object], port: int) -> Settings:
    """The settings `value` with telemetry sent to `port`; equal to `value` if it is already.

    An `env` that is null counts as absent.

    Raises:
        ValueError: `env` has a shape that Claude Code does not know.
    """
    result = copy.deepcopy(dict(value))
    if result.get("env") is None:
        result["env"] = {}
    env = result["env"]
    if not isinstance(env, dict):
        raise ValueError("`env` is not an object")  # noqa: TRY004 - one error for every unusable file
    for name, text in entries(port).items():
        if name != INTERVAL or name not in env:
            env[name] = text
    return result


def remove(value: Mapping[str, object], before: Mapping[str, object] | None = None) -> Settings:
    """The settings `value` without the entries that still hold what we put there.

    An `env` that only we filled goes, unless `before`, what the file held without us, had it empty or null.
    """
    result = copy.deepcopy(dict(value))
    names = ours(value)
    env = result.get("env")
    if not names or not isinstance(env, dict):
        return result
    for name in names:
        del env[name]
    if not env and (before is None or "env" not in before):
        del result["env"]
    elif not env and before is not None and before["env"] is None:
        result["env"] = None
    return result


def ours(value: Mapping[str, object]) -> list[str]:
    """The names of the variables in the settings `value` that hold what we put there."""
    env, port = _env(value), port_in(value)
    return [] if port is None else [name for name, text in entries(port).items() if env.get(name) == text]


def port_in(value: Mapping[str, object]) -> int | None:
    """The port that the settings `value` send telemetry to for us; None if they do not."""
    return _our_port(_env(value))


def refuse_foreign(applying: Applying, environ: Mapping[str, str]) -> None:
    """Refuse to go near telemetry that is somebody else's: it would be cut off, or ours would go there.

    Raises:
        SettingsError: a variable or setting of somebody else's exists; says which and where. Or a file
            cannot be read.
    """
    for path in applying.files():
        value = settings_file.read(path).value
        for name in [*foreign(_env(value)), *([HEADERS] if HEADERS in value else [])]:
            hint = f'Remove "{name}" from `{path}`, then usage-dashboard setup --telemetry'
            raise SettingsError(f"`{name}` in `{path}` is telemetry of somebody else's", hint=hint)
    for name in foreign(environ):
        hint = f"unset {shlex.quote(name)} && usage-dashboard setup --telemetry"
        raise SettingsError(f"`{name}` in the environment is telemetry of somebody else's", hint=hint)


def refuse_project(scope: str | None, projects: list[str]) -> None:
    """Refuse to switch telemetry on where only single projects are recorded.

    Raises:
        UsageDashboardError: `scope` is a project's, or `projects` are those that recording is limited to.
    """
    if scope == "project" or (scope is None and projects):
        raise UsageDashboardError(
            "Claude Code takes telemetry settings for all projects or none, never from a project's settings",
            hint="usage-dashboard setup --scope user --telemetry",
        )


def chosen_port(home: str, asked: int | None, applying: Applying, environ: Mapping[str, str]) -> int:
    """The port to send telemetry to: the one that was asked for, else as before, else the usual one.

    Raises:
        SettingsError: telemetry of somebody else's exists.
        UsageDashboardError: the port is another program's.
    """
    from usage_dashboard.ingest.telemetry import health  # noqa: PLC0415 - brings an HTTP client along

    refuse_foreign(applying, environ)
    port = asked or port_in(settings_file.read(applying.user).value) or launch.DEFAULT_PORT
    if not health.is_port_usable(home, port):
        hint = f"usage-dashboard setup --telemetry --port {port + 1}"
        raise UsageDashboardError(f"Port {port} is used by another program", hint=hint)
    return port


def foreign(env: Mapping[str, object]) -> list[str]:
    """The names of variables in `env` that steer telemetry and were not set by us."""
    port = _our_port(env)
    own = {} if port is None else entries(port)
    return [
        name
        for name, text in env.items()
        if (name.startswith(_FOREIGN_STARTS) or name in _FOREIGN)
        and own.get(name) != text
        and not (own and name == INTERVAL)
    ]


def _our_port(env: Mapping[str, object]) -> int | None:
    text = env.get(launch.VARIABLE)
    return launch.parse_port(text) if isinstance(text, str) else None


def _env(value: Mapping[str, object]) -> dict[str, object]:
    env = value.get("env")
    return env if isinstance(env, dict) else {}
