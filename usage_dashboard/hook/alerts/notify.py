"""Notifications besides the message in the session: by the terminal, and by the user's own program."""

from __future__ import annotations

import os
import time

from usage_dashboard.model.humanize import iso_utc
from usage_dashboard.runtime import spawn
from usage_dashboard.runtime.json_light import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.config.settings import Settings
    from usage_dashboard.hook.alerts.levels import ReachedLevel
    from usage_dashboard.hook.edge import Answer

COMMAND_SECONDS = 10
LOOK_SECONDS = 0.1
SIGKILL = 9


def send_notifications(answer: Answer, reached: list[ReachedLevel], settings: Settings, session: str) -> None:
    """Let the terminal notify and run the user's program, as far as the settings ask for it.

    The first becomes a part of `answer`; the second is run with each of the `reached` levels.
    """
    if settings.alerts_notify == "on":
        first = "".join(c for c in (answer.message or answer.ask).splitlines()[0] if c.isprintable())
        # OSC 9 is the notification of iTerm2, WezTerm, Ghostty, Windows Terminal and kitty.
        answer.signal = f"\x1b]9;{first}\x07"
    if settings.alerts_command:
        for level in reached:
            _run_detached(settings.alerts_command, level_document(level, session))


def level_document(level: ReachedLevel, session: str) -> bytes:
    """Return the JSON object that the user's program reads on its standard input."""
    fields = (
        ("event", quoted("level")),
        ("session_id", quoted(session)),
        ("window", quoted(level.identity)),
        ("level", str(level.level)),
        ("used_percent", f"{level.percent:.1f}"),
        ("resets_at", _stamp(level.resets_us)),
        ("source", quoted(level.source)),
        ("message", quoted(level.text)),
    )
    return ('{"version": 1, ' + ", ".join(f'"{name}": {value}' for name, value in fields) + "}\n").encode()


def _stamp(at_us: int) -> str:
    return quoted(iso_utc(at_us)) if at_us else "null"


def _run_detached(command: str, data: bytes) -> None:
    """Run `command` for at most ten seconds in a process of its own, which the hook does not wait for."""
    if not hasattr(os, "fork"):
        import subprocess  # noqa: PLC0415 - Windows

        subprocess.Popen(command, stdin=subprocess.PIPE, shell=True).stdin.write(data)  # type: ignore[union-attr]  # noqa: S602
        return
    if os.fork():
        return
    try:
        os.setsid()
        # The client waits for the end of our output, which this process would hold open.
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nowhere, number)
        _wait_or_kill(spawn.start_command(command, data))
    finally:
        os._exit(0)


def _wait_or_kill(pid: int) -> None:
    """Wait for the process `pid`; if it takes too long, kill the process group that it and we are in."""
    deadline = time.monotonic() + COMMAND_SECONDS
    while time.monotonic() < deadline:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return
        time.sleep(LOOK_SECONDS)
    os.killpg(0, SIGKILL)
