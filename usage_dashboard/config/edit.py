"""Writing files that people also edit: whole or not at all, through symlinks, private by default."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import tempfile
from typing import TYPE_CHECKING

from usage_dashboard.config import settings
from usage_dashboard.model.errors import SettingsError

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
    replace_text(path, json.dumps(raw, indent=2, ensure_ascii=False) + "\n", mode=0o600)


def replace_text(path: str, text: str, *, mode: int | None = None) -> None:
    """Give `path` the content `text` in one step; a reader sees the old file or the new one.

    A symlink is followed, so that the file it names is replaced and the link stays. `mode` is used
    for a new file; an existing one keeps its own.
    """
    target = os.path.realpath(path)
    try:
        kept: int | None = os.stat(target).st_mode & 0o7777
    except FileNotFoundError:
        kept = mode
    descriptor, draft = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".usage-dashboard-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if kept is not None:
            os.chmod(draft, kept)
        os.replace(draft, target)
    except BaseException:
        os.unlink(draft)
        raise


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
        replace_text(path, json.dumps(raw, indent=2, ensure_ascii=False) + "\n", mode=0o600)
    return True


@contextlib.contextmanager
def _writing(path: str) -> Iterator[None]:
    """Turn the system's refusal to write `path` into a sentence."""
    try:
        yield
    except OSError as error:
        hint = f"chmod u+rwx {shlex.quote(os.path.dirname(path))}"
        raise SettingsError(f"`{path}` cannot be written", hint=hint) from error
