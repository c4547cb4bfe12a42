"""Claude Code's settings files: read, rendered in their own style, written with a copy kept beside them."""

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
    """A settings file: its exact text (None where there is no file) and the object in it."""

    path: str
    text: str | None
    value: dict[str, object]


@dataclass(frozen=True)
class Change:
    """What becomes of one file: its text before and after; None is no file.

    `copy` says what becomes of the copy beside the file: made of the text before, left as it is
    because it is older than our hooks, or dropped because none of them is left.
    """

    path: str
    before: str | None
    after: str | None
    copy: Literal["made", "left", "dropped"]


def read(path: str) -> SettingsFile:
    """The settings file at `path`; an absent or empty one holds an empty object.

    Raises:
        SettingsError: the file cannot be read or holds no JSON object.
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
        value = json.loads(bare, parse_constant=_constant, parse_float=_number) if bare.strip() else {}
    except (ValueError, RecursionError) as error:
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise SettingsError(f"`{path}` is not valid JSON{place}", hint=hint) from error
    if not isinstance(value, dict):
        raise SettingsError(f"`{path}` holds no JSON object", hint=hint)
    return SettingsFile(path, text, value)


def render(value: dict[str, object], like: str | None) -> str:
    """`value` as text, with the byte order mark, indentation, line ends and last line end of `like`."""
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


def same(first: object, second: object) -> bool:
    """Whether two JSON values would be written alike: the order of keys and 1 against 1.0 count."""
    return json.dumps(first) == json.dumps(second)


def apply(change: Change) -> None:
    """Carry out `change` in one step, through a symlink.

    Raises:
        SettingsError: the file is no longer what `change` was made for, or cannot be written.
    """
    if read(change.path).text != change.before:
        hint = "Run the command again"
        raise SettingsError(f"`{change.path}` was changed by another program meanwhile", hint=hint)
    target = os.path.realpath(change.path)
    try:
        if change.copy == "made" and change.before is not None:
            _keep_copy(change.path, change.before)
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
    """Where the copy of the settings file `path` is kept: beside it, so that it is found."""
    return path + BACKUP_ENDING


def read_backup(path: str) -> SettingsFile | None:
    """The copy kept of the settings file `path`; None where there is none that can be used."""
    try:
        found = read(backup_path(path))
    except SettingsError:
        return None
    return None if found.text is None else found


def _keep_copy(path: str, text: str) -> None:
    mode = os.stat(path).st_mode & 0o7777
    write_text(backup_path(path), text, new_mode=mode)
    os.chmod(backup_path(path), mode)


def _constant(name: str) -> None:
    raise ValueError(name)


def _number(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number
