"""The settings files that decide whether our hooks run, as doctor finds them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from usage_dashboard.install import entries, settings_file, settings_paths, statusline
from usage_dashboard.install.plugins import plugins
from usage_dashboard.model.errors import SettingsError


@dataclass(frozen=True)
class Source:
    """One settings file: whose it is, what it holds, or why it could not be read."""

    path: str
    scope: Literal["user", "project", "managed"]
    value: dict[str, object]
    error: SettingsError | None = None

    @property
    def ours(self) -> list[entries.Found]:
        """The hooks of ours in it."""
        return entries.ours(self.value)

    @property
    def statusline(self) -> entries.Found | None:
        """Our status line in it."""
        return statusline.found(self.value)

    @property
    def plugins(self) -> list[str]:
        """The plugins of ours that it enables."""
        return plugins(self.value)


@dataclass(frozen=True)
class Sources:
    """Every settings file that counts, each once; the user's that is in force comes first."""

    users: list[Source]
    projects: list[Source]
    managed: Source | None

    @property
    def in_force(self) -> Source:
        """The user's settings that Claude Code reads when started from this shell."""
        return self.users[0]

    def above(self, source: Source) -> list[Source]:
        """Those that win over `source`, a user's or a project's own, where both apply."""
        projects = self.projects if source.scope == "user" else []
        return [*projects, *([self.managed] if self.managed else [])]

    @property
    def all(self) -> list[Source]:
        """All of them."""
        return [*self.users, *self.projects, *([self.managed] if self.managed else [])]


def read(roots: list[str], projects: list[str], managed: str) -> Sources:
    """The settings in the Claude Code folders `roots`, in `projects` and in the file `managed`."""
    seen: set[str] = set()
    users = _read_each([settings_paths.user_file(root) for root in roots], "user", seen)
    files = [
        file(project)
        for project in projects
        for file in (settings_paths.project_file, settings_paths.shared_file)
    ]
    found = _read_each(files, "project", seen)
    ruled = _read_each([managed], "managed", seen)
    return Sources(users, found, ruled[0] if ruled and os.path.exists(managed) else None)


def _read_each(
    files: list[str], scope: Literal["user", "project", "managed"], seen: set[str]
) -> list[Source]:
    sources = []
    for path in files:
        if os.path.realpath(path) not in seen:
            seen.add(os.path.realpath(path))
            sources.append(_read(path, scope))
    return sources


def _read(path: str, scope: Literal["user", "project", "managed"]) -> Source:
    try:
        return Source(path, scope, settings_file.read(path).value)
    except SettingsError as error:
        return Source(path, scope, {}, error)
