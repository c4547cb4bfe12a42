"""The settings files of each scope, which decide whether our hooks run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from usage_dashboard.install import hook_entries, settings_file, settings_paths, statusline_entry
from usage_dashboard.install.plugins import enabled_plugins
from usage_dashboard.model.errors import SettingsError


@dataclass(frozen=True)
class SettingsScope:
    """One settings file: its scope, what it holds, or why it could not be read."""

    path: str
    scope: Literal["user", "project", "managed"]
    value: dict[str, object]
    error: SettingsError | None = None

    @property
    def ours(self) -> list[hook_entries.RegisteredHook]:
        """Our hooks in it."""
        return hook_entries.registered_hooks(self.value)

    @property
    def statusline(self) -> hook_entries.RegisteredHook | None:
        """Our status line in it."""
        return statusline_entry.registered_statusline(self.value)

    @property
    def plugins(self) -> list[str]:
        """Our plugins that it enables."""
        return enabled_plugins(self.value)


@dataclass(frozen=True)
class SettingsScopes:
    """Every settings file that counts, each once; the user's that is in use comes first.

    Of the administrator's files the last one takes precedence.
    """

    users: list[SettingsScope]
    projects: list[SettingsScope]
    managed: list[SettingsScope]

    @property
    def in_force(self) -> SettingsScope:
        """The user's settings that Claude Code reads when started from this shell."""
        return self.users[0]

    def scopes_above(self, lower: SettingsScope) -> list[SettingsScope]:
        """The settings that take precedence over `lower`, which are the user's or a project's own."""
        projects = self.projects if lower.scope == "user" else []
        return [*projects, *self.managed]

    def managed_setting(self, name: str) -> SettingsScope | None:
        """The administrator's file whose value of the setting `name` counts; None if none has it."""
        return next((scope for scope in reversed(self.managed) if name in scope.value), None)

    @property
    def all(self) -> list[SettingsScope]:
        """All of them."""
        return [*self.users, *self.projects, *self.managed]


def read_scopes(roots: list[str], projects: list[str], managed: str) -> SettingsScopes:
    """Read the settings in the Claude Code folders `roots`, in `projects`, and the file `managed`.

    Drop-ins beside `managed` are read too, and what an organization sent to the folder in use, which takes
    the place of all of them.
    """
    seen: set[str] = set()
    users = _read_each([settings_paths.user_file(root) for root in roots], "user", seen)
    files = [
        file(project)
        for project in projects
        for file in (settings_paths.project_file, settings_paths.shared_file)
    ]
    of_projects = _read_each(files, "project", seen)
    sent = _read_present([settings_paths.remote_file(root) for root in roots[:1]], seen)
    if not any(scope.value for scope in sent):
        sent += _read_present(settings_paths.managed_files(managed), seen)
    return SettingsScopes(users, of_projects, sent)


def with_home_project(scopes: SettingsScopes) -> SettingsScopes:
    """`scopes` with the settings for sessions that are started in the home folder itself."""
    seen = {os.path.realpath(scope.path) for scope in scopes.all}
    files = [os.path.join(os.path.dirname(scope.path), "settings.local.json") for scope in scopes.users]
    return SettingsScopes(
        scopes.users, [*scopes.projects, *_read_each(files, "project", seen)], scopes.managed
    )


def _read_present(files: list[str], seen: set[str]) -> list[SettingsScope]:
    return _read_each([path for path in files if os.path.exists(path)], "managed", seen)


def _read_each(
    files: list[str], scope: Literal["user", "project", "managed"], seen: set[str]
) -> list[SettingsScope]:
    scopes = []
    for path in files:
        if os.path.realpath(path) not in seen:
            seen.add(os.path.realpath(path))
            scopes.append(_read_scope(path, scope))
    return scopes


def _read_scope(path: str, scope: Literal["user", "project", "managed"]) -> SettingsScope:
    try:
        return SettingsScope(path, scope, settings_file.read_settings(path).value)
    except SettingsError as error:
        return SettingsScope(path, scope, {}, error)
