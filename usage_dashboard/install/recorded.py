"""What setup notes in `config.json`: the Claude Code folders and the projects that it was run for."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
from typing import TYPE_CHECKING

from usage_dashboard import paths
from usage_dashboard.config import settings, write
from usage_dashboard.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def put(path: str, name: str, value: object) -> None:
    """Set `name` (dotted) in the file `path`.

    Raises:
        SettingsError: the file is not a JSON object, or cannot be written.
    """
    with _writing(path):
        write.change(path, name, value)


def unset(path: str, name: str) -> bool:
    """Take the setting `name` (dotted) out of the file `path`; whether it was there.

    Raises:
        SettingsError: the file is not a JSON object, or cannot be written.
    """
    raw = settings.read_raw(path)
    *folders, last = name.split(".")
    chain = [raw]
    for part in folders:
        inner = chain[-1].get(part)
        if not isinstance(inner, dict):
            return False
        chain.append(inner)
    if last not in chain[-1]:
        return False
    del chain[-1][last]
    for outer, part in reversed(list(zip(chain, folders, strict=False))):
        if outer[part] == {}:
            del outer[part]
    with _writing(path):
        write.replace_text(path, json.dumps(raw, indent=2, ensure_ascii=False) + "\n", mode=0o600)
    return True


@contextlib.contextmanager
def _writing(path: str) -> Iterator[None]:
    """Turn the system's refusal to write `path` into a sentence."""
    try:
        yield
    except OSError as error:
        hint = f"chmod u+rwx {shlex.quote(os.path.dirname(path))}"
        raise SettingsError(f"`{path}` cannot be written", hint=hint) from error


def _texts(home: str, name: str) -> list[str]:
    # Only this one setting: a fault in another must not keep the hooks from being taken out.
    value = settings.inner(settings.read_raw(paths.config_file(home)), name, [])
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
