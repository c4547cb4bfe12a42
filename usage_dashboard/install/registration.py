"""Plans which files setup and uninstall change, and how; `settings_file.apply_change` writes them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from usage_dashboard.ingest.telemetry.launch import VARIABLE
from usage_dashboard.install import (
    command_line,
    hook_entries,
    settings_file,
    settings_paths,
    setup_record,
    statusline_entry,
    telemetry_settings,
)
from usage_dashboard.install.hook_entries import registered_hooks
from usage_dashboard.install.plugins import enabled_plugins
from usage_dashboard.install.statusline_entry import registered_statusline
from usage_dashboard.model.errors import SettingsError, UsageDashboardError

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_dashboard.install.client_events import Vocabulary
    from usage_dashboard.install.hook_entries import Settings
    from usage_dashboard.install.settings_file import FileChange, SettingsFile

if TYPE_CHECKING:
    Step = Callable[[Settings], Settings]
    """Turns a settings object into the changed one; raises ValueError for one that cannot be used."""


@dataclass(frozen=True)
class Registration:
    """The files to hold hooks and status line, and the changes that this takes (empty if they do already).

    `projects` are those that recording is limited to (empty: all); `plugin` is what runs the hooks instead.
    """

    paths: list[str]
    projects: list[str]
    plugin: str | None
    changes: list[FileChange]


def plan_update(
    home: str, vocabulary: Vocabulary, port: int | None = None, *, status: bool = True
) -> Registration:
    """Plan what updates the hooks in the scope that setup was run with before, by default the user's.

    `vocabulary`, `port` and `status` are as in `plan_for_user`; `port` applies to the user's scope alone.

    Raises:
        UsageDashboardError: every project that recording is limited to is gone.
        SettingsError: a settings file or `config.json` cannot be used.
    """
    limited_to = setup_record.recorded_projects(home)
    projects = [project for project in limited_to if os.path.isdir(project)]
    if limited_to and not projects:
        message = f"Recording is limited to `{limited_to[0]}`, which is gone"
        raise UsageDashboardError(message, hint="cd <project> && usage-dashboard setup --scope project")
    if projects:
        return _for_projects(home, vocabulary, projects, status=status)
    return plan_for_user(home, vocabulary, port, status=status)


def plan_for_user(
    home: str, vocabulary: Vocabulary, port: int | None = None, *, status: bool = True
) -> Registration:
    """Plan what registers the hooks for every project of the user, and removes them from single projects.

    Nothing is registered but what is in `vocabulary`, what the installed clients bear. Hooks in other Claude
    Code folders of the user are updated. Telemetry is sent to `port`, switched off if
    that is 0, and left as it is if that is None. Without `status`, our status line is removed.

    Raises:
        SettingsError: a settings file or `config.json` cannot be used.
    """
    file = settings_file.read_settings(settings_paths.user_file())
    plugin = None if registered_hooks(file.value) else next(iter(enabled_plugins(file.value)), None)
    status_step = _statusline_step(home, vocabulary, wanted=status)
    changes = _plan_change(
        file,
        _hooks_step(home, vocabulary) if plugin is None else None,
        status_step,
        _telemetry_step(file, port),
    )
    for path in settings_paths.each_once(
        map(settings_paths.user_file, settings_paths.config_roots(setup_record.recorded_roots(home)))
    ):
        other = _read_if_ours(path) if not _same_file(path, file.path) else None
        if other is not None and (registered_hooks(other.value) or registered_statusline(other.value)):
            changes += _plan_change(
                other, _hooks_step(home, vocabulary) if registered_hooks(other.value) else None, status_step
            )
    elsewhere = [settings_paths.project_file(project) for project in setup_record.recorded_projects(home)]
    return Registration([file.path], [], plugin, changes + plan_removal(elsewhere))


def plan_for_project(home: str, vocabulary: Vocabulary, folder: str, *, status: bool = True) -> Registration:
    """Plan what registers the hooks for the project around `folder` only, as `plan_for_user` does for all.

    Raises:
        UsageDashboardError: the hooks are registered for every project already.
        SettingsError: a settings file or `config.json` cannot be used.
    """
    for root in settings_paths.config_roots(setup_record.recorded_roots(home)):
        file = settings_file.read_settings(settings_paths.user_file(root))
        if registered_hooks(file.value) or enabled_plugins(file.value):
            raise UsageDashboardError(
                f"The hooks are registered for every project in `{file.path}`",
                hint="usage-dashboard uninstall && usage-dashboard setup --scope project",
            )
    return _for_projects(home, vocabulary, [settings_paths.project_of(folder)], status=status)


def record_registration(home: str, registration: Registration) -> None:
    """Record in `config.json` where the hooks are registered now.

    Raises:
        SettingsError: `config.json` cannot be used.
    """
    for project in registration.projects:
        setup_record.record_project(home, project)
    if not registration.projects:
        setup_record.record_user(home, os.path.dirname(registration.paths[0]))


def list_replaced(changes: list[FileChange]) -> list[tuple[str, str]]:
    """Each file with the folder of another installation, whose entries `changes` replace in it."""
    own = os.path.dirname(command_line.script_path(command_line.COUNTER))
    replaced = []
    for change in changes:
        value = settings_file.parse_settings(change.path, change.before or "{}").value
        hooks = [*registered_hooks(value), *filter(None, [registered_statusline(value)])]
        folders = {os.path.dirname(ours.hook.path) for ours in hooks}
        replaced += [(change.path, folder) for folder in sorted(folders) if not _same_file(folder, own)]
    return replaced


def plan_removal(files: list[str]) -> list[FileChange]:
    """Plan what removes our entries from `files`.

    A file that setup changed gets back its exact text from before, or is removed if there was none.

    Raises:
        SettingsError: a file names our hooks and cannot be parsed.
    """
    changes = []
    for path in files:
        file = _read_if_ours(path)
        if file is not None and _holds_ours(file.value):
            changes.append(settings_file.FileChange(path, file.text, _text_before(file), "dropped"))
    return changes


def settings_files(home: str, folder: str) -> list[str]:
    """Every settings file that may hold our entries, the project around `folder` included.

    Raises:
        SettingsError: `config.json` cannot be used.
    """
    roots = settings_paths.config_roots(setup_record.recorded_roots(home))
    return settings_paths.written_files(
        roots, [*setup_record.recorded_projects(home), settings_paths.project_of(folder)]
    )


def _for_projects(home: str, vocabulary: Vocabulary, projects: list[str], *, status: bool) -> Registration:
    files, changes = [], []
    for project in projects:
        file = settings_file.read_settings(settings_paths.project_file(project))
        files.append(file.path)
        status_step = _statusline_step(home, vocabulary, _statusline_below(project), wanted=status)
        changes += _plan_change(file, _hooks_step(home, vocabulary), status_step)
    return Registration(files, projects, None, changes)


def _statusline_below(project: str) -> Settings:
    """The settings of lower precedence whose status line the project file overrides, or {}."""
    shared, users = (
        _read_if_ours(settings_paths.shared_file(project)),
        _read_if_ours(settings_paths.user_file()),
    )
    each = [file.value for file in (shared, users) if file is not None]
    return next((value for value in each if statusline_entry.NAME in value), {})


def _same_file(first: str, second: str) -> bool:
    return os.path.realpath(first) == os.path.realpath(second)


def _hooks_step(home: str, vocabulary: Vocabulary) -> Step:
    return lambda value: hook_entries.add_hooks(value, hook_entries.wanted_entries(home, vocabulary))


def _statusline_step(
    home: str, vocabulary: Vocabulary, beneath: Settings | None = None, *, wanted: bool
) -> Step:
    if not wanted:
        return statusline_entry.remove_statusline
    return lambda value: statusline_entry.add_statusline(
        value,
        command_line.installed_hook(command_line.STATUSLINE, home),
        beneath,
        refresh=statusline_entry.REFRESH in vocabulary.fields,
    )


def _telemetry_step(file: SettingsFile, port: int | None) -> Step | None:
    if port is None:
        return None
    if port:
        return lambda value: telemetry_settings.add_telemetry(value, port)
    copy = _backup_without_us(file)
    return lambda value: telemetry_settings.remove_telemetry(value, None if copy is None else copy.value)


def _plan_change(file: SettingsFile, *steps: Step | None) -> list[FileChange]:
    """Plan the change of `file` that `steps` make; empty if they change nothing."""
    value = file.value
    try:
        for step in filter(None, steps):
            value = step(value)
    except ValueError as error:
        hint = f"Correct `{file.path}`, then run the command again; it was left as it is"
        raise SettingsError(f"{error} in `{file.path}`", hint=hint) from error
    if value == file.value:
        return []
    after = settings_file.render_settings(value, file.text)
    return [
        settings_file.FileChange(file.path, file.text, after, "left" if _has_good_backup(file) else "made")
    ]


def _has_good_backup(file: SettingsFile) -> bool:
    """Whether the backup of `file` is what `file` would be without us; a newer one would be worse."""
    copy = _backup_without_us(file)
    return copy is not None and settings_file.is_same_json(_without_us(file.value, copy.value), copy.value)


def _backup_without_us(file: SettingsFile) -> SettingsFile | None:
    """The backup from before setup; None if there is none, or it holds our entries."""
    copy = settings_file.read_backup(file.path)
    return None if copy is None or _holds_ours(copy.value) else copy


def _holds_ours(value: dict[str, object]) -> bool:
    ours = (registered_hooks(value), telemetry_settings.our_variables(value), registered_statusline(value))
    return any(ours)


def _without_us(value: dict[str, object], before: dict[str, object] | None) -> dict[str, object]:
    value = telemetry_settings.remove_telemetry(value, before)
    return hook_entries.remove_hooks(statusline_entry.remove_statusline(value, before), before)


def _text_before(file: SettingsFile) -> str | None:
    copy = _backup_without_us(file)
    value = _without_us(file.value, None if copy is None else copy.value)
    if copy is not None and settings_file.is_same_json(value, copy.value):
        if file.text == settings_file.render_settings(file.value, copy.text):
            return copy.text
    elif not value:
        return None
    return settings_file.render_settings(value, file.text)


def _read_if_ours(path: str) -> SettingsFile | None:
    """Read the file at `path`; None if it cannot be parsed and does not name our hooks."""
    try:
        return settings_file.read_settings(path)
    except SettingsError:
        try:
            with open(path, "rb") as file:
                text = file.read()
        except OSError:
            return None
        if any(word.encode() in text for word in (*command_line.SCRIPTS, VARIABLE)):
            raise
        return None
