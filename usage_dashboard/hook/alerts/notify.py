"""Beside the message in the session: a sign to the terminal, and a program of the user's."""

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


def send_notifications(
    answer: Answer, concerns: list[ReachedLevel], settings: Settings, session: str
) -> None:
    """Where the settings want it, have the terminal notify and a program of the user's run.

    The first is a part of `answer`; the second is given each of the `concerns` that are said.
    """
    if settings.alerts_notify == "on":
        first = "".join(c for c in (answer.message or answer.ask).splitlines()[0] if c.isprintable())
        # OSC 9 is the notification of iTerm2, WezTerm, Ghostty, Windows Terminal and kitty.
        answer.signal = f"\x1b]9;{first}\x07"
    if settings.alerts_command:
        for found in concerns:
            _run_detached(settings.alerts_command, level_document(found, session))


def level_document(concern: ReachedLevel, session: str) -> bytes:
    """What the user's program reads on its standard input: one JSON object."""
    fields = (
        ("event", quoted("level")),
        ("session_id", quoted(session)),
        ("window", quoted(concern.identity)),
        ("level", str(concern.level)),
        ("used_percent", f"{concern.percent:.1f}"),
        ("resets_at", _stamp(concern.resets_us)),
        ("source", quoted(concern.source)),
        ("message", quoted(concern.text)),
    )
    return ('{"version": 1, ' + ", ".join(f'"{name}": {value}' for name, value in fields) + "}\n").encode()


def _stamp(at_us: int) -> str:
    return quoted(iso_utc(at_us)) if at_us else "null"


def _run_detached(command: str, data: bytes) -> None:
    """Run `command` away from the session, for at most ten seconds; nobody waits for it."""
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
    """Wait for the end of the process `pid`, and end our own group, which it is in, if it takes too long."""
    deadline = time.monotonic() + COMMAND_SECONDS
    while time.monotonic() < deadline:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return
        time.sleep(LOOK_SECONDS)
    os.killpg(0, SIGKILL)
