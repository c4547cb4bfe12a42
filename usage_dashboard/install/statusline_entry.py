"""Our status line in Claude Code's settings: registered around the user's own, which it runs too.

Our line holds the user's command, so that it can be restored from there, and still runs when the package
is gone. Every other field of `statusLine` stays as the user set it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from usage_dashboard.install import command_line
from usage_dashboard.install.hook_entries import RegisteredHook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from usage_dashboard.install.hook_entries import Settings

NAME = "statusLine"

REFRESH, REFRESH_SECONDS = "refreshInterval", 60
"""How often the line is drawn while nothing happens: its countdown and ages are in minutes."""


def add_statusline(
    settings: Mapping[str, object],
    hook: command_line.HookCommand,
    beneath: Mapping[str, object] | None = None,
    *,
    windows: bool = os.name == "nt",
    refresh: bool = True,
) -> Settings:
    """Return `settings` with the status line `hook`; equal to `settings` if it is already there.

    With `refresh` it is drawn again while nothing happens, as often as the user set, else each minute.

    Ours runs the user's status line too, also one that it would hide: that of `beneath`, the settings of
    lower precedence, whose other fields Claude Code merges in. One that cannot be run this way stays: one of
    a shape that Claude Code does not know, and any on Windows, where its shell is not known.
    """
    fields = fields_of(settings)
    own, hidden = _own_command(fields), _own_command(fields_of(beneath or {}))
    if (NAME in settings and fields is None) or (windows and (own, hidden) != (None, None)):
        return dict(settings)
    chain, inherited = (own, False) if own is not None else (hidden, hidden is not None)
    ours = command_line.HookCommand(hook.python, hook.path, hook.home, chain, inherited)
    command = command_line.status_command(ours, windows=windows)
    line = {**(fields or {"type": "command"}), "command": command}
    if refresh:
        line.setdefault(REFRESH, REFRESH_SECONDS)
    return {**settings, NAME: line}


def remove_statusline(settings: Mapping[str, object], before: Mapping[str, object] | None = None) -> Settings:
    """Return `settings` without our status line; the user's own from before is restored.

    `before` is what the file held before: an interval that is equal to ours stays if it was there then.
    """
    result, ours = dict(settings), registered_statusline(settings)
    if ours is None:
        return result
    own = _own_command(ours.entry)
    if own is None:
        del result[NAME]
        return result
    line = {**ours.entry, "command": own}
    if line.get(REFRESH) == REFRESH_SECONDS and REFRESH not in (fields_of(before or {}) or {}):
        del line[REFRESH]
    result[NAME] = line
    return result


def registered_statusline(settings: Mapping[str, object]) -> RegisteredHook | None:
    """Our status line in `settings`; None if there is none, or another one."""
    fields = fields_of(settings)
    hook = command_line.parse_entry(fields)
    if fields is None or hook is None or hook.script != command_line.STATUSLINE:
        return None
    return RegisteredHook(NAME, None, fields, hook)


def fields_of(settings: Mapping[str, object]) -> Settings | None:
    """The status line in `settings`; None if there is none, or its shape is not known."""
    value = settings.get(NAME)
    if not isinstance(value, dict) or value.get("type") != "command":
        return None
    return value if isinstance(value.get("command"), str) else None


def _own_command(fields: Mapping[str, object] | None) -> str | None:
    """The user's command in a status line: the one that ours replaced, else the command itself."""
    if fields is None:
        return None
    hook = command_line.parse_entry(fields)
    if hook is None:
        return str(fields["command"])
    return None if hook.inherited else hook.chain
