"""Transcripts below a folder and behind the links in it, each of them once."""

from __future__ import annotations

import os

from usage_dashboard.ingest.transcripts.files import jsonl_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SESSION_NAME = 36
"""Characters of a session's id, which its folder and its transcript are named by."""


def list_transcripts_below(folder: str, *, every_link: bool = False) -> Iterator[os.DirEntry[str]]:
    """Every `*.jsonl` file below `folder`, those behind links to folders last.

    Of the links inside projects only those to the folders of sessions are followed, unless `every_link`:
    the client lets users keep notes there, and one may lead to all that they have. A link to a folder that
    is listed already, or that `folder` itself lies in, is not followed.
    """
    links: list[str] = []
    yield from jsonl_files(folder, links=links)
    if not links:
        return
    listed = [os.path.realpath(folder)]
    while links:
        link = links.pop(0)
        target = os.path.realpath(link)
        is_listed = any(_contains(other, target) for other in listed)
        if not is_listed and not _contains(target, listed[0]) and (every_link or _is_usual(link)):
            listed.append(target)
            yield from jsonl_files(link, links=links)


def _contains(folder: str, inner: str) -> bool:
    return inner == folder or inner.startswith(folder.rstrip(os.sep) + os.sep)


def _is_usual(link: str) -> bool:
    """Whether `link` leads to a project, a session's folder, or its subagents."""
    parent, name = os.path.split(link)
    is_session = len(name) == SESSION_NAME and name.count("-") == 4
    is_project = os.path.basename(parent) == "projects"
    return is_project or is_session or name == "subagents" or os.path.isfile(f"{link}.jsonl")
