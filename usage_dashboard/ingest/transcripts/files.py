"""Where transcripts are, and which project a folder belongs to."""

from __future__ import annotations

from usage_dashboard.config import paths
from usage_dashboard.runtime.os_light import SEPARATOR, calls, join_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

UNKNOWN = "unknown"
DEEPEST = 12
STILL_US = 60_000_000
"""How long after its last change nobody goes on with a line that a process left without its newline."""


def closed_since_ns(now_us: int, *, ended: bool = False) -> int:
    """Files changed before this time, in nanoseconds, end with their last line, newline or not.

    That is a minute before `now_us`, or any time where the session `ended`.
    """
    return (now_us + STILL_US if ended else now_us - STILL_US) * 1000


def subagent_files(transcript: str) -> Iterator[os.DirEntry[str]]:
    """The transcripts of a session's subagents, which lie in a folder beside its own file."""
    return jsonl_files(join_path(transcript.removesuffix(".jsonl"), "subagents"))


def jsonl_files(folder: str, depth: int = 0, links: list[str] | None = None) -> Iterator[os.DirEntry[str]]:
    """Every `*.jsonl` file below `folder`, in the order of the names; a folder that is gone has none.

    Links to folders are added to `links` and not followed; without it, those in `folder` itself are.
    """
    try:
        with calls.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if _is_folder(entry, follow=depth == 0 and links is None):
            if depth < DEEPEST:
                yield from jsonl_files(entry.path, depth + 1, links)
        elif links is not None and entry.is_symlink() and _is_folder(entry, follow=True):
            links.append(entry.path)
        elif entry.name.endswith(".jsonl"):
            yield entry


def _is_folder(entry: os.DirEntry[str], *, follow: bool) -> bool:
    try:
        return entry.is_dir(follow_symlinks=follow)
    except OSError:  # a link to itself
        return False


def thread_of(path: str) -> tuple[str, str]:
    """(session, subagent) by the name of a transcript; subagent is empty for the session's own."""
    parts = path.removesuffix(".jsonl").split(SEPARATOR)
    if "subagents" in parts[:-1]:
        place = len(parts) - 1 - parts[::-1].index("subagents")
        return parts[place - 1], parts[-1].removeprefix("agent-")
    return parts[-1], ""


def project_of(folder: str) -> str:
    """The name of the project that `folder` belongs to: its repository's, or its own.

    A worktree belongs to the repository that it was made from; the home folder is `~`.
    """
    import os  # noqa: PLC0415 - once per session, and a hook pays for it

    if not folder:
        return UNKNOWN
    home = paths.user_home()
    folder = folder.rstrip("/\\") or folder
    made_from, found, _ = folder.replace("\\", "/").partition("/.claude/worktrees/")
    if found:
        folder = made_from
    root = folder
    homes = (home, os.path.realpath(home))
    while os.path.isabs(root) and root not in homes and os.path.dirname(root) != root:
        repository = _repository(root)
        if repository:
            folder = repository
            break
        root = os.path.dirname(root)
    if folder in homes:
        return "~"
    return folder.replace("\\", "/").rstrip("/").rpartition("/")[2] or UNKNOWN


def _repository(folder: str) -> str:
    """The repository's folder if `folder` is the top of one or of a worktree of one; else empty."""
    import os  # noqa: PLC0415 - as above

    mark = join_path(folder, ".git")
    try:
        if os.path.isdir(mark):
            return folder
        with open(mark, encoding="utf-8", errors="replace") as file:
            target = file.read(4096).strip().removeprefix("gitdir:").strip()
    except (OSError, ValueError):  # ValueError: no path at all, such as one with a null byte
        return ""
    target = os.path.normpath(os.path.join(folder, target)).replace("\\", "/")
    made_from, found, _ = target.rpartition("/worktrees/")
    if not found:
        return folder
    # A repository keeps its own files in `.git` or, if it is bare, in `.bare` or in `name.git`.
    parent, _, last = made_from.rpartition("/")
    return parent if last in (".git", ".bare") else made_from.removesuffix(".git")
