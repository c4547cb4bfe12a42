"""What setup records in `config.json`: the Claude Code folders and the projects that it was run for."""

from __future__ import annotations

import os

from usage_dashboard.config import paths, settings
from usage_dashboard.config.edit import set_value, unset_value


def recorded_roots(home: str) -> list[str]:
    """The Claude Code folders that setup was run for.

    Raises:
        SettingsError: `config.json` is not a JSON object.
    """
    return _read_texts(home, "roots")


def recorded_projects(home: str) -> list[str]:
    """The projects that recording is limited to; empty means all.

    Raises:
        SettingsError: `config.json` is not a JSON object.
    """
    return _read_texts(home, "projects")


def record_user(home: str, root: str) -> None:
    """Record that the hooks are registered in the Claude Code folder `root`, for every project."""
    if root not in recorded_roots(home):
        set_value(paths.config_file(home), "roots", [*recorded_roots(home), root])
    if recorded_projects(home):
        unset_value(paths.config_file(home), "projects")


def record_project(home: str, project: str) -> None:
    """Record that the hooks are registered in the folder `project`."""
    if project not in recorded_projects(home):
        set_value(paths.config_file(home), "projects", [*recorded_projects(home), project])


def remove_record(home: str) -> None:
    """Remove what setup recorded, and the file if it held nothing else."""
    path = paths.config_file(home)
    for name in ("roots", "projects"):
        unset_value(path, name)
    if os.path.exists(path) and settings.read_raw(path) == {}:
        os.unlink(path)


def _read_texts(home: str, name: str) -> list[str]:
    # Only this one setting: an error in another must not keep the hooks from being removed.
    value = settings.nested_value(settings.read_raw(paths.config_file(home)), name, [])
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
