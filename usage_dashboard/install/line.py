"""How one of our hooks stands in a settings file: written, and recognized again.

POSIX: a shell line that falls silent when the interpreter or the package is gone, since Claude Code
takes the exit code 2 of `python missing.py` for "block this tool call"::

    [ -x PY ] && [ -f HOOK ] && exec PY -I -S HOOK; exit 0

Windows: the exec form, an executable and its arguments, because no one shell is sure to be there.
"""

from __future__ import annotations

import ntpath
import os
import re
import shlex
import sys
from dataclasses import dataclass

import usage_dashboard
from usage_dashboard import paths
from usage_dashboard.errors import UsageDashboardError

SCRIPTS = ("counter.py", "alert.py")
OPTIONS = ("-I", "-S")

# What `shlex.quote` makes of a word: bare where every character is safe, else in single quotes.
_WORD = r"""(?:[A-Za-z0-9@%+=:,./_-]+|'(?:[^']|'"'"')*')"""
_LINE = re.compile(
    rf"(?:export USAGE_DASHBOARD_HOME=(?P<home>{_WORD}); )?"
    rf"\[ -x (?P<python>{_WORD}) \] && \[ -f (?P<hook>{_WORD}) \] && "
    r"exec (?P=python) -I -S (?P=hook); exit 0"
)

# A folder named after a patch release is gone after the next upgrade; the link beside it stays.
_PATCH_FOLDERS = (
    (re.compile(r"/Cellar/([^/]+)/[^/]+/"), r"/opt/\1/"),
    (re.compile(r"/(cpython-\d+\.\d+)\.\d+([^/]*)/"), r"/\1\2/"),
)


@dataclass(frozen=True)
class Hook:
    """One hook of ours as it was found: its interpreter, its script and the ledger it writes to."""

    python: str
    path: str
    home: str | None

    @property
    def script(self) -> str:
        """`counter.py` or `alert.py`."""
        return ntpath.basename(self.path)


def interpreter() -> str:
    """The path of the Python below this one: no virtual environment and no shim, whose start costs more.

    It is the real file, except where a folder names the patch release and a link beside it does not.
    """
    return lasting(os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable))


def lasting(path: str) -> str:
    """`path`, or the same file by a name that outlives an upgrade (Homebrew, uv)."""
    for pattern, replacement in _PATCH_FOLDERS:
        other = pattern.sub(replacement, path, count=1)
        if other != path and os.path.exists(other) and os.path.samefile(other, path):
            return other
    return path


def script_path(script: str) -> str:
    """The absolute path of the hook `script`: inside the installed package, or in the checkout around it.

    Raises:
        UsageDashboardError: this installation carries no such script.
    """
    package = os.path.dirname(os.path.abspath(usage_dashboard.__file__))
    for folder in (package, os.path.dirname(package)):
        path = os.path.join(folder, "hooks", script)
        if os.path.isfile(path):
            return path
    hint = "pipx reinstall usage-dashboard"
    raise UsageDashboardError(f"`{script}` is missing from the installation in `{package}`", hint=hint)


def fleeting(path: str) -> bool:
    """Whether `path` is in an installation made for one run (`uvx`, `pipx run`), which does not stay."""
    parts = path.replace("\\", "/").split("/")
    return any(part.startswith("archive-v") for part in parts) or {".cache", "pipx"} <= set(parts)


def entry(python: str, path: str, home: str, *, windows: bool = os.name == "nt") -> dict[str, object]:
    """What a settings file holds to run the hook `path` with `python` for the ledger in `home`.

    On Windows the exec form has no place for a variable: a moved ledger has to be named in the
    environment that Claude Code starts in.
    """
    if windows:
        return {"type": "command", "command": python, "args": [*OPTIONS, path]}
    start = ""
    if os.path.abspath(home) != os.path.join(paths.user_home(), ".claude-usage"):
        start = f"export USAGE_DASHBOARD_HOME={shlex.quote(os.path.abspath(home))}; "
    py, hook = shlex.quote(python), shlex.quote(path)
    line = f"{start}[ -x {py} ] && [ -f {hook} ] && exec {py} -I -S {hook}; exit 0"
    return {"type": "command", "command": line}


def parse(found: object) -> Hook | None:
    """The hook of ours that the settings entry `found` runs, from whichever installation; None for any other.

    Only the exact forms that `entry` writes are ours, so that no look-alike is ever changed.
    """
    if not isinstance(found, dict) or found.get("type") != "command":
        return None
    command, arguments = found.get("command"), found.get("args")
    if not isinstance(command, str):
        return None
    hook = _from_line(command) if arguments is None else _from_arguments(command, arguments)
    return hook if hook is not None and _is_our_script(hook.path) else None


def _from_line(command: str) -> Hook | None:
    match = _LINE.fullmatch(command)
    if match is None:
        return None
    home = match["home"]
    return Hook(_word(match["python"]), _word(match["hook"]), None if home is None else _word(home))


def _from_arguments(command: str, arguments: object) -> Hook | None:
    if not isinstance(arguments, list) or len(arguments) != 3 or tuple(arguments[:2]) != OPTIONS:
        return None
    if not isinstance(arguments[2], str) or not ntpath.basename(command).lower().startswith("python"):
        return None
    return Hook(command, arguments[2], None)


def _is_our_script(path: str) -> bool:
    folder, script = ntpath.split(path)
    return script in SCRIPTS and ntpath.basename(folder) == "hooks"


def _word(quoted: str) -> str:
    return shlex.split(quoted)[0]
