"""Our status line in Claude Code's settings: registered around one of the user's, which it runs too.

The user's own command stands in our line. So it is restored from there, and still runs when the package
is gone; every other field of `statusLine` stays as the user set it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from usage_dashboard.install import command_line, entries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from usage_dashboard.install.entries import Settings

NAME = "statusLine"


def add(
    settings: Mapping[str, object],
    hook: command_line.Hook,
    beneath: Mapping[str, object] | None = None,
    *,
    windows: bool = os.name == "nt",
) -> Settings:
    """`settings` with the status line `hook` in them; equal to `settings` if it is already.

    A status line of the user's is run by ours, as is one that ours would hide: that of `beneath`, the
    settings below, whose other fields Claude Code merges in. One that cannot be run so stays: a shape that
    Claude Code does not know, and any on Windows, where it is not known for which shell it was written.
    """
    fields = fields_of(settings)
    own, hidden = _own_command(fields), _own_command(fields_of(beneath or {}))
    if (NAME in settings and fields is None) or (windows and (own, hidden) != (None, None)):
        return dict(settings)
    chain, inherited = (own, False) if own is not None else (hidden, hidden is not None)
    ours = command_line.Hook(hook.python, hook.path, hook.home, chain, inherited)
    command = command_line.status_command(ours, windows=windows)
    return {**settings, NAME: {**(fields or {"type": "command"}), "command": command}}


def remove(settings: Mapping[str, object]) -> Settings:
    """`settings` without our status line; one of the user's that stood there stands there again."""
    result, ours = dict(settings), found(settings)
    if ours is None:
        return result
    own = _own_command(ours.entry)
    if own is None:
        del result[NAME]
    else:
        result[NAME] = {**ours.entry, "command": own}
    return result


def found(settings: Mapping[str, object]) -> entries.Found | None:
    """Our status line in `settings`; None if there is none, or another."""
    fields = fields_of(settings)
    hook = command_line.parse(fields)
    if fields is None or hook is None or hook.script != command_line.STATUSLINE:
        return None
    return entries.Found(NAME, None, fields, hook)


def fields_of(settings: Mapping[str, object]) -> Settings | None:
    """The status line in `settings`; None if there is none of the shape that Claude Code knows."""
    value = settings.get(NAME)
    if not isinstance(value, dict) or value.get("type") != "command":
        return None
    return value if isinstance(value.get("command"), str) else None


def _own_command(fields: Mapping[str, object] | None) -> str | None:
    """The user's command in a status line: the one that ours took the place of, else the whole."""
    if fields is None:
        return None
    hook = command_line.parse(fields)
    if hook is None:
        return str(fields["command"])
    return None if hook.inherited else hook.chain
