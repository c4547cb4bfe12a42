"""The client that wrote the newest transcript of a Claude Code folder: its version is in the lines."""

from __future__ import annotations

import os

from usage_dashboard.runtime.json_light import parse_json

Version = tuple[int, int, int]

KEEPS_UNKNOWN_EVENTS = (2, 1, 101)
"""From here on settings with an unknown event stay in force (see client_events)."""

TAIL_BYTES = 64 * 1024


def find_last(root: str) -> tuple[Version, float] | None:
    """The version in the newest transcript of the folder `root`, and when that changed, in epoch seconds.

    It is looked for in the project where a session was begun last. None if there is none, or no line of its
    end names a version.
    """
    project = _newest(os.path.join(root, "projects"), "")
    transcript = None if project is None else _newest(project.path, ".jsonl")
    if transcript is None:
        return None
    try:
        version = _version_at_end(transcript.path)
        return None if version is None else (version, transcript.stat().st_mtime)
    except OSError:
        return None


def parse_numbers(text: object) -> Version | None:
    """The numbers of a whole version such as `2.1.332`."""
    parts = text.split(".") if isinstance(text, str) else []
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
        return None
    return int(parts[0]), int(parts[1]), int(parts[2])


def _newest(folder: str, ending: str) -> os.DirEntry[str] | None:
    """The entry of `folder` that changed last, of those with this `ending`; without one, a folder."""
    try:
        with os.scandir(folder) as listing:
            entries = [
                entry for entry in listing if entry.name.endswith(ending) and (ending or entry.is_dir())
            ]
            return max(entries, key=lambda entry: entry.stat().st_mtime_ns, default=None)
    except OSError:
        return None


def _version_at_end(path: str) -> Version | None:
    with open(path, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
        lines = file.read().split(b"\n")
    for line in reversed(lines):
        if b'"version"' in line:
            try:
                value = parse_json(line.decode())
            except ValueError:
                continue
            version = parse_numbers(value.get("version")) if isinstance(value, dict) else None
            if version is not None:
                return version
    return None
