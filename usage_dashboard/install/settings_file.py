"""Claude Code's settings files: read, rendered in their own style, written with a backup beside them."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shlex
import stat
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
    return parse_settings(path, text)


def parse_settings(path: str, text: str) -> SettingsFile:
    """Parse the `text` of the settings file at `path`.

    Raises:
        SettingsError: it does not hold a JSON object.
    """
    hint = f"Correct `{path}`, then run the command again; it was left as it is"
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
    kept = _read_bytes(backup_path(change.path))
    try:
        if change.copy == "made" and change.before is not None:
            _write_backup(change.path, change.before)
        _write_after(change)
        if change.copy == "dropped" and os.path.exists(backup_path(change.path)):
            os.unlink(backup_path(change.path))
    except OSError as error:
        _restore_backup(change.path, kept)
        raise _describe_unwritable(change, error) from error


def _write_after(change: FileChange) -> None:
    target = os.path.realpath(change.path)
    if change.after is None:
        os.unlink(target)
        return
    os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
    write_text(change.path, change.after)


def _restore_backup(path: str, kept: bytes | None) -> None:
    """Leave no copy of a file that stayed as it was, or the copy that was there before."""
    with contextlib.suppress(OSError):
        if kept is None:
            os.unlink(backup_path(path))
        elif _read_bytes(backup_path(path)) != kept:
            write_text(backup_path(path), kept.decode("utf-8", "surrogateescape"))


def _describe_unwritable(change: FileChange, error: OSError) -> SettingsError:
    """An error with a hint that can work: a mode can be changed by its owner, a mounted file cannot."""
    target = os.path.realpath(change.path)
    folder = shlex.quote(os.path.dirname(target))
    if error.errno == errno.ENOSPC:
        hint = f"df -h {folder}"
    elif error.errno == errno.EACCES and _lacks_only_mode(os.path.dirname(target)):
        hint = f"chmod u+w {folder}"
    elif change.copy == "dropped":
        hint = f"Remove the entries that name usage_dashboard where `{target}` is made"
    else:
        hint = f"usage-dashboard setup --dry-run  # shows what to add where `{target}` is made"
    why = os.strerror(error.errno or 0)
    return SettingsError(f"`{change.path}` cannot be written ({why})", hint=hint)


def _lacks_only_mode(folder: str) -> bool:
    """Whether the user owns `folder` and could allow itself to write there."""
    try:
        status = os.stat(folder)
    except OSError:
        return False
    return os.name == "nt" or (status.st_uid == os.geteuid() and not status.st_mode & stat.S_IWUSR)


def _read_bytes(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


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
