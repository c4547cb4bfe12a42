"""Claude Code's settings files: read, rendered in their own style, written with a backup beside them."""

from __future__ import annotations

import json
import os
import re
import shlex
from dataclasses import dataclass
from typing import Literal

from usage_dashboard.model.errors import SettingsError
from usage_dashboard.runtime.atomic_file import write_text

BACKUP_ENDING = ".usage-dashboard-backup"

_FIRST_INDENT = re.compile(r"\n([ \t]+)\S")


@dataclass(frozen=True)
class SettingsFile:
    """A settings file: its exact text (None if there is no file) and the object in it."""

    path: str
    text: str | None
    value: dict[str, object]


@dataclass(frozen=True)
class FileChange:
    """The change of one file: its text before and after; None means that there is no file.

    `copy` is what happens to the backup beside the file: it is made of the text before, left because it
    is older than our hooks, or dropped because none of our hooks remains.
    """

    path: str
    before: str | None
    after: str | None
    copy: Literal["made", "left", "dropped"]


def read_settings(path: str) -> SettingsFile:
    """Read the settings file at `path`; an absent or empty one holds an empty object.

    Raises:
        SettingsError: the file cannot be read or does not hold a JSON object.
    """
    hint = f"Correct `{path}`, then run the command again; it was left as it is"
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8")
    except FileNotFoundError:
        return SettingsFile(path, None, {})
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise SettingsError(f"`{path}` cannot be read ({why})", hint=f"ls -ld {shlex.quote(path)}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"`{path}` is not UTF-8 text", hint=hint) from error
    bare = text.removeprefix("\ufeff")
    try:
        value = (
            json.loads(bare, parse_constant=_refuse_constant, parse_float=_finite_float)
            if bare.strip()
            else {}
        )
    except (ValueError, RecursionError) as error:
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise SettingsError(f"`{path}` is not valid JSON{place}", hint=hint) from error
    if not isinstance(value, dict):
        raise SettingsError(f"`{path}` holds no JSON object", hint=hint)
    return SettingsFile(path, text, value)


def render_settings(value: dict[str, object], like: str | None) -> str:
    """Render `value` with the byte order mark, indentation and line endings of the text `like`."""
    like = like or "{\n}\n"
    indent = _FIRST_INDENT.search(like)
    text = json.dumps(value, indent=indent[1] if indent else 2, ensure_ascii=False, allow_nan=False)
    if like.endswith("\n") or not like.strip("\ufeff \t\r\n"):
        text += "\n"
    if "\r\n" in like:
        text = text.replace("\n", "\r\n")
    # A lone surrogate has no UTF-8; JSON keeps it as an escape, which is what this error handler writes.
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return ("\ufeff" if like.startswith("\ufeff") else "") + text


def is_same_json(first: object, second: object) -> bool:
    """Whether two JSON values are written alike; the order of keys matters, and 1 is not 1.0."""
    return json.dumps(first) == json.dumps(second)


def apply_change(change: FileChange) -> None:
    """Write `change` in one step, following a symlink.

    Raises:
        SettingsError: the file has been changed since `change` was planned, or cannot be written.
    """
    if read_settings(change.path).text != change.before:
        hint = "Run the command again"
        raise SettingsError(f"`{change.path}` was changed by another program meanwhile", hint=hint)
    target = os.path.realpath(change.path)
    try:
        if change.copy == "made" and change.before is not None:
            _write_backup(change.path, change.before)
        if change.after is None:
            os.unlink(target)
        else:
            os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
            write_text(change.path, change.after)
        if change.copy == "dropped" and os.path.exists(backup_path(change.path)):
            os.unlink(backup_path(change.path))
    except OSError as error:
        hint = f"chmod u+w {shlex.quote(os.path.dirname(target))}"
        raise SettingsError(f"`{change.path}` cannot be written", hint=hint) from error


def backup_path(path: str) -> str:
    """The path of the backup of the settings file `path`: beside it, where people look."""
    return path + BACKUP_ENDING


def read_backup(path: str) -> SettingsFile | None:
    """Read the backup of the settings file `path`; None if there is none that can be used."""
    try:
        backup = read_settings(backup_path(path))
    except SettingsError:
        return None
    return None if backup.text is None else backup


def _write_backup(path: str, text: str) -> None:
    mode = os.stat(path).st_mode & 0o7777
    write_text(backup_path(path), text, new_mode=mode)
    os.chmod(backup_path(path), mode)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _finite_float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number
