"""The operating system at a price that a hook can pay: the module in C below `os`, without `os`.

An interpreter that was started with `-I -S` has not imported `os` yet, and importing it takes a hook 1.1 of
13 ms, most of it for the abstract collections that `os.environ` is one of. What a hook does on nearly
every event takes these names instead. They mean what `os` and `os.path` mean by them, which serve in their
place on Windows.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os as calls
else:
    try:
        import posix as calls
    except ImportError:  # Windows, where a path is more than its text
        import os as calls

POSIX = calls.__name__ == "posix"
SEPARATOR = "/" if POSIX else calls.sep
leave = calls._exit

FILE_KIND, PLAIN_FILE = 0o170000, 0o100000
"""The bits of a file's mode with its type, and their value for a plain file."""


def getenv(name: str, default: str = "") -> str:
    """Return the environment variable `name`, or `default`."""
    if not POSIX:
        return calls.environ.get(name, default)
    environ: dict[bytes, bytes] = calls.environ  # type: ignore[assignment]
    value = environ.get(name.encode())
    return default if value is None else value.decode(sys.getfilesystemencoding(), "surrogateescape")


def file_size(path: str) -> int:
    """Return the size of the file at `path` in bytes; -1 if there is none."""
    try:
        return calls.stat(path).st_size
    except (OSError, ValueError):  # ValueError: no path at all, such as one with a null byte
        return -1


def is_file(path: str) -> bool:
    """Whether a plain file is at `path`, or a link to one."""
    try:
        return calls.stat(path).st_mode & FILE_KIND == PLAIN_FILE
    except (OSError, ValueError):
        return False


def join_path(folder: str, *names: str) -> str:
    """Join `folder` and `names` to a path."""
    if not POSIX:
        return calls.path.join(folder, *names)
    for name in names:
        folder = name if name.startswith("/") or not folder else f"{folder.removesuffix('/')}/{name}"
    return folder


def parent_folder(path: str) -> str:
    """Return the folder part of `path`."""
    if not POSIX:
        return calls.path.dirname(path)
    folder = path[: path.rfind("/") + 1]
    return folder.rstrip("/") or folder


def real_path(path: str) -> str:
    """Return `path` with symbolic links resolved."""
    if POSIX and _is_real(path):
        return path
    import os  # noqa: PLC0415 - seldom

    return os.path.realpath(path)


def _is_real(path: str) -> bool:
    """Whether `path` is absolute, and no part of it is a symbolic link, `.`, `..` or empty."""
    first, *parts = path.split("/")
    if first or not parts or any(part in ("", ".", "..") for part in parts):
        return False
    for part in parts:
        first += "/" + part
        try:
            calls.readlink(first)
        except OSError:  # no link
            continue
        return False
    return True


__all__ = [
    "POSIX", "SEPARATOR", "calls", "file_size", "getenv", "is_file", "join_path", "leave", "parent_folder",
    "real_path",
]  # fmt: skip
