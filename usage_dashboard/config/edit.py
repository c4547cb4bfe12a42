"""Changing single settings in files that people also edit."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
from typing import TYPE_CHECKING

from usage_dashboard.config import settings
from usage_dashboard.model.errors import SettingsError
from usage_dashboard.runtime.atomic_file import write_text

if TYPE_CHECKING:
    from collections.abc import Iterator


def change(path: str, name: str, value: object) -> None:
    """Set `name` (dotted) in the settings file `path`, keeping everything else in it.

    Raises:
        SettingsError: the file is not a JSON object; it was left as it is.
    """
    raw = settings.read_raw(path)
    *folders, last = name.split(".")
    place = raw
    for part in folders:
        nested = place.get(part)
        if not isinstance(nested, dict):
            nested = place[part] = {}
        place = nested
    place[last] = value
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    write_text(path, json.dumps(raw, indent=2, ensure_ascii=False) + "\n")


def put(path: str, name: str, value: object) -> None:
    """Set `name` (dotted) in the file `path`.

    Raises:
        SettingsError: the file is not a JSON object, or cannot be written.
    """
    with _writing(path):
        change(path, name, value)


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
        write_text(path, json.dumps(raw, indent=2, ensure_ascii=False) + "\n")
    return True


@contextlib.contextmanager
def _writing(path: str) -> Iterator[None]:
    """Turn the system's refusal to write `path` into a sentence."""
    try:
        yield
    except OSError as error:
        hint = f"chmod u+rwx {shlex.quote(os.path.dirname(path))}"
        raise SettingsError(f"`{path}` cannot be written", hint=hint) from error
