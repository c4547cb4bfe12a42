"""The command lines of our scripts in a settings file: written, and recognized again.

POSIX: a shell line that falls silent when the interpreter or the package is gone, since Claude Code
takes the exit code 2 of `python missing.py` for "block this tool call"::

    [ -x PY ] && [ -f HOOK ] && exec PY -I -S HOOK; exit 0

Windows: the exec form, an executable and its arguments, because no one shell is sure to be there.

A status line has no exec form. On POSIX its line names the command that was there before, which our script
runs too, and which runs in its place when the interpreter or the package is gone::

    export USAGE_DASHBOARD_STATUSLINE=COMMAND; [ -x PY ] && [ -f HOOK ] && exec PY -I -S HOOK;
    exec sh -c "$USAGE_DASHBOARD_STATUSLINE"

On Windows a line is bare words, or run by PowerShell where the interpreter's path has a space.
"""

from __future__ import annotations

import ntpath
import os
import re
import shlex
import sys
from dataclasses import dataclass

import usage_dashboard
from usage_dashboard.config import paths
from usage_dashboard.model.errors import UsageDashboardError

COUNTER, ALERT, STATUSLINE = SCRIPTS = ("counter.py", "alert.py", "statusline.py")
OPTIONS = ("-I", "-S")

CHAIN = "USAGE_DASHBOARD_STATUSLINE"
"""The variable that passes the user's own command to our status line."""

# What `shlex.quote` makes of a word: bare where every character is safe, else in single quotes.
_WORD = r"""(?:[A-Za-z0-9@%+=:,./_-]+|'(?:[^']|'"'"')*')"""
_LINE = re.compile(
    rf"(?:export USAGE_DASHBOARD_HOME=(?P<home>{_WORD}); )?"
    rf"(?:export {CHAIN}=(?P<chain>{_WORD}); (?P<inherited>: inherited; )?)?"
    rf"\[ -x (?P<python>{_WORD}) \] && \[ -f (?P<hook>{_WORD}) \] && "
    rf'exec (?P=python) -I -S (?P=hook); (?(chain)exec sh -c "\${CHAIN}"|exit 0)'
)
_POWERSHELL = "powershell -NoProfile -Command"
_BARE = re.compile(r"[A-Za-z0-9@%+=:,./_-]+")
# Single quotes come from earlier releases.
_WINDOWS_WORDS = re.compile(rf'(?P<python>{_WORD}) -I -S (?P<hook>{_WORD}|"[^"]*")')
_IN_SINGLE = r"""(?:[^'"]|'')*"""
_WINDOWS_POWERSHELL = re.compile(
    rf"""{_POWERSHELL} "& '(?P<python>{_IN_SINGLE})' '-I' '-S' '(?P<hook>{_IN_SINGLE})'["]"""
)

# A folder named after a patch release is gone after the next upgrade; the link beside it stays.
_PATCH_FOLDERS = (
    (re.compile(r"/Cellar/([^/]+)/[^/]+/"), r"/opt/\1/"),
    (re.compile(r"/(cpython-\d+\.\d+)\.\d+([^/]*)/"), r"/\1\2/"),
)


@dataclass(frozen=True)
class HookCommand:
    """How one of our scripts runs: its interpreter, its path, and the folder of its ledger if moved.

    `chain` is the user's own command that our status line runs too; it is `inherited` if it comes from
    another settings file.
    """

    python: str
    path: str
    home: str | None
    chain: str | None = None
    inherited: bool = False

    @property
    def script(self) -> str:
        """One of `SCRIPTS`."""
        return ntpath.basename(self.path)


def base_interpreter() -> str:
    """The path of the Python below this one: not a virtual environment or a shim, which start more slowly.

    It is the real file, except if a folder names the patch release and a link beside it does not.
    """
    return lasting_path(os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable))


def lasting_path(path: str) -> str:
    """`path`, or another path of the same file that outlives an upgrade (Homebrew, uv)."""
    for pattern, replacement in _PATCH_FOLDERS:
        other = pattern.sub(replacement, path, count=1)
        if other != path and os.path.exists(other) and os.path.samefile(other, path):
            return other
    return path


def script_path(script: str) -> str:
    """The absolute path of the hook `script`: inside the installed package, or in the checkout around it.

    Raises:
        UsageDashboardError: this installation has no such script.
    """
    package = os.path.dirname(os.path.abspath(usage_dashboard.__file__))
    for folder in (package, os.path.dirname(package)):
        path = os.path.join(folder, "hooks", script)
        if os.path.isfile(path):
            return path
    hint = "pipx reinstall usage-dashboard"
    raise UsageDashboardError(f"`{script}` is missing from the installation in `{package}`", hint=hint)


def is_temporary(path: str) -> bool:
    """Whether `path` is in an installation made for a single run (`uvx`, `pipx run`)."""
    parts = path.replace("\\", "/").split("/")
    return any(part.startswith("archive-v") for part in parts) or {".cache", "pipx"} <= set(parts)


def hook_entry(
    python: str, path: str, home: str, *, windows: bool = os.name == "nt", exec_form: bool = True
) -> dict[str, object]:
    """The entry of a settings file that runs the hook `path` with `python` for the ledger in `home`.

    On Windows neither form can set a variable: a moved ledger has to be named in the environment that
    Claude Code starts in. Without `exec_form`, for clients that do not know it, it is a line.
    """
    if windows and exec_form:
        return {"type": "command", "command": python, "args": [*OPTIONS, path]}
    if windows:
        return {"type": "command", "command": windows_line(python, path)}
    return {"type": "command", "command": _shell_line(HookCommand(python, path, _moved_home(home)))}


def windows_line(python: str, path: str) -> str:
    """A line that Git Bash, PowerShell and cmd.exe read alike: quotes only where a path needs them.

    PowerShell takes a quoted program for a text unless `&` stands before it, which the others read
    differently. So one with a space is run by a PowerShell of its own, which starts more slowly. Tested as
    text only.
    """
    python, path = (word.replace("\\", "/") for word in (python, path))
    if _BARE.fullmatch(python):
        quoted = path if _BARE.fullmatch(path) else f'"{path}"'
        return " ".join((python, *OPTIONS, quoted))
    inner = " ".join(f"'{word}'" for word in (python.replace("'", "''"), *OPTIONS, path.replace("'", "''")))
    return f'{_POWERSHELL} "& {inner}"'


def installed_hook(script: str, home: str) -> HookCommand:
    """How this installation runs `script` for the ledger in `home`.

    Raises:
        UsageDashboardError: this installation has no such script.
    """
    return HookCommand(base_interpreter(), script_path(script), _moved_home(home))


def status_command(hook: HookCommand, *, windows: bool = os.name == "nt") -> str:
    """The `command` of a status line that runs `hook`; on Windows it has no place for a chained command."""
    return windows_line(hook.python, hook.path) if windows else _shell_line(hook)


def parse_entry(entry: object) -> HookCommand | None:
    """Parse the settings entry of one of our scripts, from any installation; None for other entries.

    Only the exact forms that are written here count as ours, so that nothing similar is ever changed.
    """
    if not isinstance(entry, dict) or entry.get("type") != "command":
        return None
    command, arguments = entry.get("command"), entry.get("args")
    if not isinstance(command, str):
        return None
    if arguments is not None:
        hook = _from_arguments(command, arguments)
    else:
        hook = _from_line(command) or _from_words(command)
    return hook if hook is not None and _is_our_script(hook.path) else None


def _moved_home(home: str) -> str | None:
    """The absolute path of the ledger's folder `home`; None for the default one."""
    home = os.path.abspath(home)
    return None if home == os.path.join(paths.user_home(), ".claude-usage") else home


def _shell_line(hook: HookCommand) -> str:
    start, end = "", "exit 0"
    if hook.home is not None:
        start = f"export USAGE_DASHBOARD_HOME={shlex.quote(hook.home)}; "
    if hook.chain is not None:
        start += f"export {CHAIN}={shlex.quote(hook.chain)}; " + (": inherited; " if hook.inherited else "")
        end = f'exec sh -c "${CHAIN}"'
    python, path = shlex.quote(hook.python), shlex.quote(hook.path)
    return f"{start}[ -x {python} ] && [ -f {path} ] && exec {python} -I -S {path}; {end}"


def _from_line(command: str) -> HookCommand | None:
    match = _LINE.fullmatch(command)
    if match is None:
        return None
    home, chain = (None if word is None else _unquote(word) for word in match.group("home", "chain"))
    return HookCommand(
        _unquote(match["python"]), _unquote(match["hook"]), home, chain, match["inherited"] is not None
    )


def _from_words(command: str) -> HookCommand | None:
    match = _WINDOWS_WORDS.fullmatch(command)
    if match is not None:
        words = [_unquote(match["python"]), _unquote(match["hook"])]
    else:
        match = _WINDOWS_POWERSHELL.fullmatch(command)
        if match is None:
            return None
        words = [word.replace("''", "'") for word in match.group("python", "hook")]
    python, path = words
    drives = all(ntpath.splitdrive(word)[0] for word in words)
    return HookCommand(python, path, None) if drives and _is_python(python) else None


def _from_arguments(command: str, arguments: object) -> HookCommand | None:
    if not isinstance(arguments, list) or len(arguments) != 3 or tuple(arguments[:2]) != OPTIONS:
        return None
    if not isinstance(arguments[2], str) or not _is_python(command):
        return None
    return HookCommand(command, arguments[2], None)


def _is_python(path: str) -> bool:
    return ntpath.basename(path).lower().startswith("python")


def _is_our_script(path: str) -> bool:
    folder, script = ntpath.split(path)
    return script in SCRIPTS and ntpath.basename(folder) == "hooks"


def _unquote(quoted: str) -> str:
    return shlex.split(quoted)[0]
