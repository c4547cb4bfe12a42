"""The settings files that Claude Code reads, and those of them that setup writes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from usage_dashboard.config import paths

if TYPE_CHECKING:
    from collections.abc import Iterable

_MANAGED = {
    "darwin": "/Library/Application Support/ClaudeCode/managed-settings.json",
    "win32": r"C:\Program Files\ClaudeCode\managed-settings.json",
}


def managed_file() -> str:
    """The administrator's settings for this machine; they take precedence over all others."""
    return _MANAGED.get(sys.platform, "/etc/claude-code/managed-settings.json")


def managed_files(managed: str) -> list[str]:
    """The file `managed` and the drop-ins beside it, in the order in which they take precedence, last wins.

    As Claude Code reads them: names that end in `.json` and do not start with a dot, sorted
    (code.claude.com/docs/en/settings).
    """
    folder = os.path.join(os.path.dirname(managed), "managed-settings.d")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    drop_ins = [name for name in names if name.endswith(".json") and not name.startswith(".")]
    return [managed, *(os.path.join(folder, name) for name in drop_ins)]


def remote_file(root: str | None = None) -> str:
    """The settings that an organization sends; where there are some, they come before all files."""
    return os.path.join(os.path.dirname(user_file(root)), "remote-settings.json")


def user_file(root: str | None = None) -> str:
    """The settings for every project in the Claude Code folder `root`, by default the one in use."""
    return os.path.join(root or paths.claude_config_dirs()[0], "settings.json")


def project_file(project: str) -> str:
    """The settings of a project for this machine only, not meant for version control."""
    return os.path.join(project, ".claude", "settings.local.json")


def shared_file(project: str) -> str:
    """The settings of a project that everybody working on it shares."""
    return os.path.join(project, ".claude", "settings.json")


def project_of(folder: str) -> str:
    """The project that `folder` belongs to: the nearest folder above with `.git` or `.claude`, else itself.

    The home folder holds `.claude` for other reasons and is a project only when it is `folder`.
    """
    start = current = os.path.realpath(folder)
    home = os.path.realpath(paths.user_home())
    while current not in (home, os.path.dirname(current)):
        if os.path.exists(os.path.join(current, ".git")) or os.path.isdir(os.path.join(current, ".claude")):
            return current
        current = os.path.dirname(current)
    return start


def config_roots(recorded: list[str]) -> list[str]:
    """Every Claude Code folder to look into: the one in use, the default ones, then the `recorded`."""
    return list(dict.fromkeys([*paths.claude_config_dirs(), *recorded]))


def written_files(roots: list[str], projects: list[str]) -> list[str]:
    """Every settings file that may hold our entries, each once."""
    of_users = [
        file for root in roots for file in (user_file(root), os.path.join(root, "settings.local.json"))
    ]
    of_projects = [file for project in projects for file in (project_file(project), shared_file(project))]
    return each_once([*of_users, *of_projects])


def each_once(files: Iterable[str]) -> list[str]:
    """`files` without those that links make the same file as an earlier one."""
    by_real_path: dict[str, str] = {}
    for path in files:
        by_real_path.setdefault(os.path.realpath(path), path)
    return list(by_real_path.values())
