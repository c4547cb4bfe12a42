"""What setup notes in `config.json`: the Claude Code folders and the projects that it was run for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from usage_dashboard.config import paths, settings
from usage_dashboard.config.edit import put, unset

if TYPE_CHECKING:
    pass


def roots(home: str) -> list[str]:
    """The Claude Code folders that setup was run for.

    Raises:
        SettingsError: `config.json` is no JSON object.
    """
    return _texts(home, "roots")


def projects(home: str) -> list[str]:
    """The projects that recording is limited to; empty: all.

    Raises:
        SettingsError: `config.json` is no JSON object.
    """
    return _texts(home, "projects")


def note_user(home: str, root: str) -> None:
    """Note that the hooks are registered in the Claude Code folder `root`, for every project."""
    if root not in roots(home):
        put(paths.config_file(home), "roots", [*roots(home), root])
    if projects(home):
        unset(paths.config_file(home), "projects")


def note_project(home: str, project: str) -> None:
    """Note that the hooks are registered in the folder `project`."""
    if project not in projects(home):
        put(paths.config_file(home), "projects", [*projects(home), project])


def forget(home: str) -> None:
    """Take out what setup noted; a file that held nothing else goes."""
    path = paths.config_file(home)
    for name in ("roots", "projects"):
        unset(path, name)
    if os.path.exists(path) and settings.read_raw(path) == {}:
        os.unlink(path)


def _texts(home: str, name: str) -> list[str]:
    # Only this one setting: a fault in another must not keep the hooks from being taken out.
    value = settings.nested_value(settings.read_raw(paths.config_file(home)), name, [])
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
