"""Writing files that people also edit: whole or not at all, through symlinks, private by default."""

from __future__ import annotations

import json
import os
import tempfile

from usage_dashboard.config import settings


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
