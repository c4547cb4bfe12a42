"""Transcripts of Cowork, which Claude's desktop app keeps in a folder of its own for each session."""

from __future__ import annotations

import os

from usage_dashboard.ingest.transcripts.linked_folders import list_transcripts_below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

AUDIT = "audit.jsonl"

DEEPEST = 4
"""Sessions lie this deep at most: `<account>/<organization>/local_<id>` was seen."""


def list_cowork_files(folder: str, depth: int = 0) -> Iterator[os.DirEntry[str]]:
    """Every session's audit and transcripts below `folder`, and none of the user's own files there."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        return
    names = {entry.name for entry in entries}
    if AUDIT in names or ".claude" in names:
        yield from (entry for entry in entries if entry.name == AUDIT)
        yield from list_transcripts_below(os.path.join(folder, ".claude", "projects"))
    elif depth < DEEPEST:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from list_cowork_files(entry.path, depth + 1)
