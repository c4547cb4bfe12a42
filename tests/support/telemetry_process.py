"""The receiver as processes of their own, started as a hook or a user starts them, and ended by their ids."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import usage_dashboard
from tests.support.client.waiting import wait_until
from usage_dashboard.ingest.telemetry import health, state_file

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(usage_dashboard.__file__).parent
PYTHON = str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())


def free_port() -> int:
    """A port on which nobody listens."""
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def command(home: Path, port: int) -> list[str]:
    """The command with which a hook starts the receiver: no site-packages, no environment."""
    return [PYTHON, "-I", "-S", str(PACKAGE / "ingest" / "telemetry" / "__main__.py"), str(home), str(port)]


@contextlib.contextmanager
def running_command(home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A running `usage-dashboard WORDS` for the ledger in `home`; nothing of it is left afterwards."""
    # The group by itself, with the edge at which an expected failure becomes words.
    start = (
        "import sys; from usage_dashboard.cli.main import LazyGroup\n"
        "group = LazyGroup(name='usage-dashboard', places={'telemetry': 'telemetry:telemetry'})\n"
        "group(sys.argv[1:])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", start, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent), "USAGE_DASHBOARD_HOME": str(home)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def background(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A running receiver, started as a hook starts it; nothing of it is left afterwards."""
    home.mkdir(mode=0o700, exist_ok=True)
    process = subprocess.Popen(command(home, port), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: health.find_receiver(str(home), port), "the receiver to answer")
        yield process
    finally:
        process.kill()
        process.communicate()


def post(port: int, body: bytes, path: str = "/v1/logs") -> int:
    """The status of the answer to a body of logs."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", path, body, {"content-type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


def kill(answer: dict[str, Any]) -> None:
    """End the receiver that answered so, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(answer["pid"], signal.SIGKILL)


def state(home: Path) -> dict[str, int]:
    """What the receiver last wrote down."""
    return state_file.read_state(str(home))
