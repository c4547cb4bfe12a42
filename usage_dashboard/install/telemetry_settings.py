"""The client's own telemetry in Claude Code's settings: switched on for us, restored, and never shared.

Claude Code reads these variables from the user's and the administrator's settings and from its
environment, but not from a project's settings (code.claude.com/docs/en/monitoring-usage). One variable is
our own: it names our port, and marks the others as set by us.
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
class TelemetryFiles:
    """The settings files from which Claude Code reads telemetry: the user's and the administrator's."""

    user: str
    managed: str

    @classmethod
    def of_this_machine(cls) -> TelemetryFiles:
        """The files of this user on this machine."""
        return cls(settings_paths.user_file(), settings_paths.managed_file())

    def all_paths(self) -> Iterator[str]:
        """The path of every file, with the parts of the managed settings and those an organization sent."""
        yield self.user
        yield os.path.join(os.path.dirname(self.user), "remote-settings.json")
        yield from settings_paths.managed_files(self.managed)


def telemetry_variables(port: int) -> dict[str, str]:
    """The variables that make Claude Code send its events, without any content, to our `port`."""
    return {
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        INTERVAL: str(INTERVAL_MS),
        launch.VARIABLE: str(port),
    }


def add_telemetry(value: Mapping[str, object], port: int) -> Settings:
    """Return the settings `value` with telemetry sent to `port`; equal to `value` if it already is.

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
    for name, text in telemetry_variables(port).items():
        if name != INTERVAL or name not in env:
            env[name] = text
    return result


def remove_telemetry(value: Mapping[str, object], before: Mapping[str, object] | None = None) -> Settings:
    """Return the settings `value` without the variables that still hold what we set.

    An `env` that held nothing else goes, unless `before`, the file without our entries, had it empty or null.
    """
    result = copy.deepcopy(dict(value))
    names = our_variables(value)
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


def our_variables(value: Mapping[str, object]) -> list[str]:
    """The names of the variables in the settings `value` that hold what we set."""
    env, port = _env(value), port_in(value)
    return (
        []
        if port is None
        else [name for name, text in telemetry_variables(port).items() if env.get(name) == text]
    )


def port_in(value: Mapping[str, object]) -> int | None:
    """Our port that the settings `value` send telemetry to; None if they do not."""
    return _our_port(_env(value))


def refuse_foreign(files: TelemetryFiles, environ: Mapping[str, str]) -> None:
    """Refuse to touch telemetry that others set up: it would be cut off, or ours would be sent there.

    Raises:
        SettingsError: a variable or setting that we did not set exists (the message names it and its file),
            or a file cannot be read.
    """
    for path in files.all_paths():
        value = settings_file.read_settings(path).value
        for name in [*foreign_variables(_env(value)), *([HEADERS] if HEADERS in value else [])]:
            hint = f'Remove "{name}" from `{path}`, then usage-dashboard setup --telemetry'
            raise SettingsError(f"`{name}` in `{path}` is telemetry of somebody else's", hint=hint)
    for name in foreign_variables(environ):
        hint = f"unset {shlex.quote(name)} && usage-dashboard setup --telemetry"
        raise SettingsError(f"`{name}` in the environment is telemetry of somebody else's", hint=hint)


def refuse_project(scope: str | None, projects: list[str]) -> None:
    """Refuse to switch telemetry on if only single projects are recorded.

    Raises:
        UsageDashboardError: `scope` is `project`, or recording is already limited to `projects`.
    """
    if scope == "project" or (scope is None and projects):
        raise UsageDashboardError(
            "Claude Code takes telemetry settings for all projects or none, never from a project's settings",
            hint="usage-dashboard setup --scope user --telemetry",
        )


def chosen_port(home: str, asked: int | None, files: TelemetryFiles, environ: Mapping[str, str]) -> int:
    """The port to send telemetry to: the `asked` one, else the one in use, else the default.

    Raises:
        SettingsError: there is telemetry that others set up.
        UsageDashboardError: the port is used by another program.
    """
    from usage_dashboard.ingest.telemetry import health  # noqa: PLC0415 - brings an HTTP client along

    refuse_foreign(files, environ)
    port = asked or port_in(settings_file.read_settings(files.user).value) or launch.DEFAULT_PORT
    if not health.is_port_usable(home, port):
        hint = f"usage-dashboard setup --telemetry --port {port + 1}"
        raise UsageDashboardError(f"Port {port} is used by another program", hint=hint)
    return port


def foreign_variables(env: Mapping[str, object]) -> list[str]:
    """The names of the variables in `env` that control telemetry and were not set by us."""
    port = _our_port(env)
    own = {} if port is None else telemetry_variables(port)
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
