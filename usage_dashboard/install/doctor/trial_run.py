"""Runs what is registered: which Python an interpreter is, and whether a hook answers as it should."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from typing import TYPE_CHECKING

from usage_dashboard.install import command_line
from usage_dashboard.install.doctor.finding import Finding

if TYPE_CHECKING:
    pass

if TYPE_CHECKING:
    from usage_dashboard.install.hook_entries import RegisteredHook

OLDEST = (3, 11)
LIMIT_SECONDS = 5.0
SETUP = "usage-dashboard setup"

_ASK_VERSION = "import sys; print('%d.%d.%d' % sys.version_info[:3])"


def try_interpreter(python: str) -> Finding:
    """Examine whether the file `python` exists, may be run, and is a Python that our hooks run on."""
    named = f"The interpreter `{python}` of the registered hooks"
    if not os.path.exists(python):
        return Finding("problem", "interpreter", f"{named} is gone, so nothing is recorded", SETUP)
    if not os.access(python, os.X_OK):
        hint = f"chmod +x {shlex.quote(python)}"
        return Finding("problem", "interpreter", f"{named} is not executable, so nothing is recorded", hint)
    version = _python_version(python)
    if version is None:
        return Finding("problem", "interpreter", f"{named} does not say which Python it is", SETUP)
    text = ".".join(map(str, version))
    if version[:2] < OLDEST:
        return Finding("problem", "interpreter", f"{named} is Python {text}, and the hooks need 3.11", SETUP)
    return Finding("ok", "interpreter", f"The hooks run on Python {text} (`{python}`)")


def try_hook(registered: RegisteredHook) -> Finding:
    """Run a registered hook once on an empty event; it should end with exit code 0 and print nothing.

    It runs as Claude Code runs it, and is stopped after five seconds. A status line may print text, and
    runs without the user's command that it is registered around.
    """
    name = f"The hook `{registered.hook.script}`"
    begin = time.perf_counter()
    try:
        done = subprocess.run(  # noqa: S603 - only a line that has our exact form comes here
            _command_words(registered), input=b"{}", capture_output=True, timeout=LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Finding(
            "problem", "hook", f"{name} did not end within {LIMIT_SECONDS:g} s", _manual_command(registered)
        )
    except OSError as error:
        return Finding(
            "problem", "hook", f"{name} cannot be started ({os.strerror(error.errno or 0)})", SETUP
        )
    if done.returncode != 0:
        message = f"{name} ends with exit code {done.returncode} instead of 0"
        return Finding("problem", "hook", message, _manual_command(registered))
    if done.stdout.strip() and registered.hook.script != command_line.STATUSLINE:
        return Finding(
            "problem", "hook", f"{name} prints text on an empty event", _manual_command(registered)
        )
    return Finding("ok", "hook", f"{name} ran in {(time.perf_counter() - begin) * 1000:.0f} ms")


def _python_version(python: str) -> tuple[int, ...] | None:
    try:
        done = subprocess.run(  # noqa: S603 - an interpreter that the user registered
            [python, "-I", "-S", "-c", _ASK_VERSION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        parts = tuple(int(part) for part in done.stdout.decode("ascii").split("."))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return parts if len(parts) == 3 and done.returncode == 0 else None


def _command_words(registered: RegisteredHook) -> list[str]:
    arguments = registered.entry.get("args")
    if isinstance(arguments, list):
        return [str(registered.entry["command"]), *map(str, arguments)]
    if registered.hook.script == command_line.STATUSLINE:
        return [registered.hook.python, *command_line.OPTIONS, registered.hook.path]
    return ["/bin/sh", "-c", str(registered.entry["command"])]


def _manual_command(registered: RegisteredHook) -> str:
    """The same run at a prompt, where its traceback can be read."""
    words = [registered.hook.python, "-I", "-S", registered.hook.path]
    return f"echo '{{}}' | {shlex.join(words)}"
