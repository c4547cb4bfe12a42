"""Finds the clients that could read these settings, with their versions, running as few as possible."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from usage_dashboard.config import paths, settings
from usage_dashboard.install import client_places, hook_entries, settings_file, settings_paths, setup_record
from usage_dashboard.install.client_events import (
    format_version,
    is_harmed_by,
    parse_version,
)
from usage_dashboard.install.seen_client import KEEPS_UNKNOWN_EVENTS, Version, find_last
from usage_dashboard.model.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT_SECONDS = 5.0
"""How long a client may take to say its version."""

_SCRIPT_START = 1000

# As the native installer, Homebrew and the desktop app, and the editors name their folders. A bare number
# in a path is no evidence: it may be that of Node.js.
_VERSIONED = re.compile(
    r"/(?:claude/versions/|claude-code(?:@\w+)?/|anthropic\.claude-code-)(\d+\.\d+\.\d+)(?![\d.])"
)


@dataclass(frozen=True)
class Client:
    """One client; `version` is None if it cannot be read.

    One that was `seen` left its version in transcripts, and `path` is their folder.
    """

    path: str
    version: Version | None
    seen: bool = False

    def __str__(self) -> str:
        version = "of unknown version" if self.version is None else format_version(self.version)
        return f"Claude Code {version} ({'last seen in ' if self.seen else ''}`{self.path}`)"


def find_all(home: str) -> list[Client]:
    """Find every installed client, and those that were seen and could be harmed."""
    return [*find_installed(home), *find_seen(home)]


def find_seen(home: str) -> list[Client]:
    """Find old clients by what they wrote last, in each Claude Code folder with hooks of ours.

    One that wrote last before the settings were changed does not count if it would be harmed by them: it
    was replaced since, or setup would have kept to what it knows.
    """
    try:
        recorded = setup_record.recorded_roots(home)
    except SettingsError:
        recorded = []
    each = [_seen_in(root) for root in settings_paths.config_roots(recorded)]
    return [client for client in each if client is not None]


def _seen_in(root: str) -> Client | None:
    path = settings_paths.user_file(root)
    try:
        events = {
            ours.event for ours in hook_entries.registered_hooks(settings_file.read_settings(path).value)
        }
        last, changed = find_last(root), os.path.getmtime(path)
    except (SettingsError, OSError):
        return None
    if last is None or not events or last[0] >= KEEPS_UNKNOWN_EVENTS:
        return None
    version, time = last
    if time <= changed and any(is_harmed_by(version, event) for event in events):
        return None
    return Client(os.path.join(root, "projects"), version, seen=True)


def find_installed(home: str, environ: Mapping[str, str] | None = None) -> list[Client]:
    """Find every client of this user, each once; also that of the setting `claude.path` in the ledger `home`.

    One whose version stands neither in its path nor in its package is run with `--version`.
    """
    environ = os.environ if environ is None else environ
    named = _named_path(home)
    # One that the user names counts even if it is not there now, as one of unknown version.
    by_file = {} if not named else {_client_file(named) or named: Client(named, read_version(named))}
    for path in client_places.list_candidates(environ, paths.user_home()):
        key = _client_file(path)
        if key is not None and key not in by_file:
            by_file[key] = Client(path, read_version(path))
    return list(by_file.values())


def read_version(path: str) -> Version | None:
    """The version of the client at `path`, a package's folder or an executable; None if it says none."""
    real = os.path.realpath(path)
    return _package_version(real) or _path_version(real) or _script_version(real) or _ask_version(path)


def _named_path(home: str) -> str:
    # Only this one setting: an error in another must not keep the clients from being found.
    try:
        raw = settings.read_raw(paths.config_file(home))
    except SettingsError:
        return ""
    value = settings.nested_value(raw, "claude.path", "")
    if not isinstance(value, str):
        return ""
    return os.path.join(paths.user_home(), value[2:]) if value.startswith("~/") else value


def _client_file(path: str) -> str | None:
    """The real package or executable of `path`, by which a client is known; None if there is none."""
    real = os.path.realpath(path)
    folder = real if os.path.isdir(real) else os.path.dirname(real)
    for _ in range(3):
        if _read_package(folder) is not None:
            return folder
        folder = os.path.dirname(folder)
    is_client = os.access(real, os.X_OK) or os.path.basename(real) == "cli.js" or _VERSIONED.search(real)
    return real if is_client and os.path.isfile(real) else None


def _package_version(real: str) -> Version | None:
    folder = real if os.path.isdir(real) else os.path.dirname(real)
    for _ in range(3):
        version = _read_package(folder)
        if version is not None:
            return version
        folder = os.path.dirname(folder)
    return _beside_script(real)


def _beside_script(real: str) -> Version | None:
    """The version of the package beside one of npm's start scripts on Windows."""
    return _read_package(
        os.path.join(os.path.dirname(real), "node_modules", *client_places.PACKAGE.split("/"))
    )


def _read_package(folder: str) -> Version | None:
    """The version in the `package.json` of Claude Code's own package, or its extension, in `folder`."""
    try:
        with open(os.path.join(folder, "package.json"), encoding="utf-8") as file:
            value = json.load(file)
    except (OSError, ValueError):
        return None
    if not isinstance(value, dict):
        return None
    name, publisher = str(value.get("name")), str(value.get("publisher")).lower()
    ours = name.startswith(client_places.PACKAGE) or (name, publisher) == ("claude-code", "anthropic")
    return parse_version(str(value.get("version"))) if ours else None


def _path_version(real: str) -> Version | None:
    """The version that a path names: `claude/versions/2.1.332`, `anthropic.claude-code-2.1.332-linux-x64`."""
    match = _VERSIONED.search(real.replace("\\", "/"))
    return None if match is None else parse_version(match[1])


def _script_version(real: str) -> Version | None:
    """The version in the first lines of the client's script, `// Version: 2.1.87`."""
    if not real.endswith(".js"):
        return None
    try:
        with open(real, "rb") as file:
            start = file.read(_SCRIPT_START).decode("utf-8", "replace")
    except OSError:
        return None
    return parse_version(start.partition("// Version:")[2])


def _ask_version(path: str) -> Version | None:
    try:
        done = subprocess.run(  # noqa: S603 - the client that the user starts by this name too
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_version(done.stdout.decode("utf-8", "replace")) if done.returncode == 0 else None
