"""Which files setup and uninstall change, and how; nothing is written before `settings.apply`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from usage_dashboard.ingest.telemetry.launch import VARIABLE
from usage_dashboard.install import (
    command_line,
    entries,
    settings_file,
    settings_paths,
    setup_record,
    statusline,
    telemetry,
)
from usage_dashboard.install.plugins import plugins
from usage_dashboard.model.errors import SettingsError, UsageDashboardError

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_dashboard.install.entries import Settings
    from usage_dashboard.install.settings_file import Change, SettingsFile

if TYPE_CHECKING:
    Step = Callable[[Settings], Settings]
    """What becomes of a settings object; raises ValueError for one that cannot be used."""


@dataclass(frozen=True)
class Registration:
    """Where hooks and status line are to stand, and the changes that get them there; none if they do.

    `projects` are those that recording is limited to (empty: all); `plugin` runs the hooks instead.
    """

    paths: list[str]
    projects: list[str]
    plugin: str | None
    changes: list[Change]


def again(home: str, port: int | None = None, *, status: bool = True) -> Registration:
    """What brings the hooks up to date in the scope that setup was run with before, at first the user's.

    `port` and `status` are as in `for_user`, `port` for the user's scope alone.

    Raises:
        UsageDashboardError: every project that recording is limited to is gone; it is not widened unasked.
        SettingsError: a settings file or `config.json` cannot be used.
    """
    limited_to = setup_record.recorded_projects(home)
    projects = [project for project in limited_to if os.path.isdir(project)]
    if limited_to and not projects:
        message = f"Recording is limited to `{limited_to[0]}`, which is gone"
        raise UsageDashboardError(message, hint="cd <project> && usage-dashboard setup --scope project")
    return _for_projects(home, projects, status=status) if projects else for_user(home, port, status=status)


def for_user(home: str, port: int | None = None, *, status: bool = True) -> Registration:
    """What registers the hooks for every project of the user, and takes them out of single projects.

    Where they stand in other Claude Code folders of the user, they are brought up to date. Telemetry is
    sent to `port`, no longer sent if that is 0, and left as it is without one. The status line is the
    user's alone unless `status`.

    Raises:
        SettingsError: a settings file or `config.json` cannot be used.
    """
    file = settings_file.read(settings_paths.user_file())
    plugin = None if entries.ours(file.value) else next(iter(plugins(file.value)), None)
    shown = _status(home, wanted=status)
    changes = _changed(file, _hooks(home) if plugin is None else None, shown, _telemetry(file, port))
    for path in settings_paths.each_once(
        map(settings_paths.user_file, settings_paths.config_roots(setup_record.recorded_roots(home)))
    ):
        other = _readable(path) if not _same_file(path, file.path) else None
        if other is not None and (entries.ours(other.value) or statusline.found(other.value)):
            changes += _changed(other, _hooks(home) if entries.ours(other.value) else None, shown)
    elsewhere = [settings_paths.project_file(project) for project in setup_record.recorded_projects(home)]
    return Registration([file.path], [], plugin, changes + removed(elsewhere))


def for_project(home: str, folder: str, *, status: bool = True) -> Registration:
    """What registers the hooks for the project around `folder` only; `status` is as in `for_user`.

    Raises:
        UsageDashboardError: the hooks are registered for every project already.
        SettingsError: a settings file or `config.json` cannot be used.
    """
    for root in settings_paths.config_roots(setup_record.recorded_roots(home)):
        file = settings_file.read(settings_paths.user_file(root))
        if entries.ours(file.value) or plugins(file.value):
            raise UsageDashboardError(
                f"The hooks are registered for every project in `{file.path}`",
                hint="usage-dashboard uninstall && usage-dashboard setup --scope project",
            )
    return _for_projects(home, [settings_paths.project_of(folder)], status=status)


def note(home: str, registration: Registration) -> None:
    """Note in `config.json` where the hooks stand now.

    Raises:
        SettingsError: `config.json` cannot be used.
    """
    for project in registration.projects:
        setup_record.record_project(home, project)
    if not registration.projects:
        setup_record.record_user(home, os.path.dirname(registration.paths[0]))


def removed(files: list[str]) -> list[Change]:
    """What takes every entry of ours out of `files`.

    A file that setup wrote gets back the exact text from before, or goes if there was none.

    Raises:
        SettingsError: a file names our hooks and cannot be parsed.
    """
    changes = []
    for path in files:
        file = _readable(path)
        if file is not None and _holds_ours(file.value):
            changes.append(settings_file.Change(path, file.text, _text_before(file), "dropped"))
    return changes


def everywhere(home: str, folder: str) -> list[str]:
    """Every settings file that may hold an entry of ours, the project around `folder` included.

    Raises:
        SettingsError: `config.json` cannot be used.
    """
    roots = settings_paths.config_roots(setup_record.recorded_roots(home))
    return settings_paths.written_files(
        roots, [*setup_record.recorded_projects(home), settings_paths.project_of(folder)]
    )


def _for_projects(home: str, projects: list[str], *, status: bool) -> Registration:
    files, changes = [], []
    for project in projects:
        file = settings_file.read(settings_paths.project_file(project))
        files.append(file.path)
        changes += _changed(file, _hooks(home), _status(home, _beneath(project), wanted=status))
    return Registration(files, projects, None, changes)


def _beneath(project: str) -> Settings:
    """The settings whose status line that of the project's own file hides; none where there is none."""
    shared, users = _readable(settings_paths.shared_file(project)), _readable(settings_paths.user_file())
    each = [file.value for file in (shared, users) if file is not None]
    return next((value for value in each if statusline.NAME in value), {})


def _same_file(first: str, second: str) -> bool:
    return os.path.realpath(first) == os.path.realpath(second)


def _hooks(home: str) -> Step:
    return lambda value: entries.add(value, entries.wanted(home))


def _status(home: str, beneath: Settings | None = None, *, wanted: bool) -> Step:
    if not wanted:
        return statusline.remove
    return lambda value: statusline.add(value, command_line.here(command_line.STATUSLINE, home), beneath)


def _telemetry(file: SettingsFile, port: int | None) -> Step | None:
    if port is None:
        return None
    if port:
        return lambda value: telemetry.add(value, port)
    copy = _copy_without_us(file)
    return lambda value: telemetry.remove(value, None if copy is None else copy.value)


def _changed(file: SettingsFile, *steps: Step | None) -> list[Change]:
    """What becomes of `file` when each of `steps` is taken."""
    value = file.value
    try:
        for step in filter(None, steps):
            value = step(value)
    except ValueError as error:
        hint = f"Correct `{file.path}`, then run the command again; it was left as it is"
        raise SettingsError(f"{error} in `{file.path}`", hint=hint) from error
    if value == file.value:
        return []
    after = settings_file.render(value, file.text)
    return [settings_file.Change(file.path, file.text, after, "left" if _has_good_copy(file) else "made")]


def _has_good_copy(file: SettingsFile) -> bool:
    """Whether the copy beside `file` is what `file` would be without us; a newer one would be worse."""
    copy = _copy_without_us(file)
    return copy is not None and settings_file.same(_without_us(file.value, copy.value), copy.value)


def _copy_without_us(file: SettingsFile) -> SettingsFile | None:
    """The copy from before us; None where there is none, or one that holds entries of ours."""
    copy = settings_file.read_backup(file.path)
    return None if copy is None or _holds_ours(copy.value) else copy


def _holds_ours(value: dict[str, object]) -> bool:
    return bool(entries.ours(value) or telemetry.ours(value) or statusline.found(value))


def _without_us(value: dict[str, object], before: dict[str, object] | None) -> dict[str, object]:
    return entries.remove(statusline.remove(telemetry.remove(value, before)), before)


def _text_before(file: SettingsFile) -> str | None:
    copy = _copy_without_us(file)
    value = _without_us(file.value, None if copy is None else copy.value)
    if copy is not None and settings_file.same(value, copy.value):
        if file.text == settings_file.render(file.value, copy.text):
            return copy.text
    elif not value:
        return None
    return settings_file.render(value, file.text)


def _readable(path: str) -> SettingsFile | None:
    """The file at `path`; None if it cannot be parsed and does not concern us."""
    try:
        return settings_file.read(path)
    except SettingsError:
        try:
            with open(path, "rb") as file:
                text = file.read()
        except OSError:
            return None
        if any(word.encode() in text for word in (*command_line.SCRIPTS, VARIABLE)):
            raise
        return None
