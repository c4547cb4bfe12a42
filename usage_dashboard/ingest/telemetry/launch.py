"""Starting the receiver from a hook: one look at the environment is all it costs while telemetry is off."""

from __future__ import annotations

import os
import sys

VARIABLE = "USAGE_DASHBOARD_TELEMETRY"
"""Holds the port that Claude Code sends its telemetry to.

`setup --telemetry` writes it beside the client's own variables, so that every hook knows the port, and
`uninstall` knows which variables we set.
"""

DEFAULT_PORT = 4327
"""Near the 4317 and 4318 of other OpenTelemetry receivers."""

QUEUE = 64
"""Connections that wait while the receiver starts."""

KEPT = ("HOME", "USERPROFILE", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
"""The variables that a receiver gets: it outlives the session, and its keys are not for the receiver."""


def parse_port(text: str | None) -> int | None:
    """The port in `text`, a value of the variable, or None if it is not one."""
    if not text or len(text) > 5 or not (text.isascii() and text.isdigit()):
        return None
    return int(text) if 0 < int(text) < 65536 else None


def ensure_running(home: str) -> bool:
    """Start the receiver for the ledger in `home` where telemetry is on and nobody listens.

    Whether one was started. It listens when this returns: the client does not send again what it could
    not send, and a short session ends sooner than an interpreter starts. Without `posix_spawn`
    (Windows) nothing is started.
    """
    port = parse_port(os.environ.get(VARIABLE))
    if port is None or not sys.executable or not hasattr(os, "posix_spawn"):
        return False
    listening = _open_listener(port)
    if listening is None:
        return False
    try:
        os.set_inheritable(listening, True)  # noqa: FBT003 - the function's own signature
        arguments = (os.path.abspath(home), str(port), str(listening))
        _start_process([sys.executable, "-I", "-S", _script_path(), *arguments])
    finally:
        os.close(listening)
    return True


def _open_listener(port: int) -> int | None:
    """The descriptor of a socket that listens on `port` of 127.0.0.1; None if the port is taken."""
    # `import socket` costs a hook more than its scan; the module in C below it is what every CPython has.
    try:
        import _socket as socket  # noqa: PLC0415 - only where telemetry is on
    except ImportError:  # pragma: no cover - no such CPython is known
        import socket  # type: ignore[no-redef]  # noqa: PLC0415
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(QUEUE)
        return listener.detach()
    except OSError:
        return None
    finally:
        listener.close()


def _script_path() -> str:
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "__main__.py")


def _start_process(command: list[str]) -> None:
    """Start `command` in a session of its own, away from the client's terminal and pipes."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    try:
        os.posix_spawn(command[0], command, environment, file_actions=nowhere, setsid=True)
    except NotImplementedError:  # a system that cannot spawn into a new session
        os.posix_spawn(command[0], command, environment, file_actions=nowhere, setpgroup=0)
