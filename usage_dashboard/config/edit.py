"""Sets and unsets single settings in `config.json`, which people edit too."""

from __future__ import annotations

import json
import os
import shlex

from usage_dashboard.config import settings
from usage_dashboard.model.errors import SettingsError
from usage_dashboard.runtime.atomic_file import write_text


def set_value(path: str, name: str, value: object) -> None:
    """Set `name` (dotted) in the settings file `path`, keeping everything else in it.

    Raises:
        SettingsError: the file is not a JSON object, or cannot be written; it was left as it is.
    """
    raw = settings.read_raw(path)
    *parents, last = name.split(".")
    nested = raw
    for part in parents:
        inner = nested.get(part)
        if not isinstance(inner, dict):
            inner = nested[part] = {}
        nested = inner
    nested[last] = value
    _write(path, raw)


def unset_value(path: str, name: str) -> bool:
    """Remove `name` (dotted) from the settings file `path`; return whether it was there.

    Raises:
        SettingsError: the file is not a JSON object, or cannot be written; it was left as it is.
    """
    raw = settings.read_raw(path)
    if not _remove(raw, name.split(".")):
        return False
    _write(path, raw)
    return True


def _remove(nested: dict[str, object], parts: list[str]) -> bool:
    """Remove the key at `parts`, and every object that this leaves empty; return whether it was there."""
    first, *rest = parts
    if first not in nested:
        return False
    if rest:
        inner = nested[first]
        if not isinstance(inner, dict) or not _remove(inner, rest):
            return False
        if inner:
            return True
    del nested[first]
    return True


def _write(path: str, raw: dict[str, object]) -> None:
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        write_text(path, json.dumps(raw, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        hint = f"chmod u+rwx {shlex.quote(folder)}"
        raise SettingsError(f"`{path}` cannot be written", hint=hint) from error
