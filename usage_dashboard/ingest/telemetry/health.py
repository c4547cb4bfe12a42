"""Asking whether a receiver lives, and ending it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import time

from usage_dashboard.ingest.telemetry import state_file
from usage_dashboard.ingest.telemetry.server import HEALTH, LOOPBACK
from usage_dashboard.model.ids import id_hash
from usage_dashboard.runtime.json_light import decode

ANSWER_SECONDS = 2.0
END_SECONDS = 5.0
LOOK_SECONDS = 0.02
_MOST_BYTES = 4096


def ledger_mark(home: str) -> str:
    """What tells the receiver of one ledger from those of others; it is no secret."""
    return f"{id_hash(os.path.realpath(home)):016x}"


def living(home: str, port: int | None = None) -> dict[str, object] | None:
    """What the receiver for the ledger in `home` says of itself; None if it does not run.

    It is looked for on `port` and on the port that it wrote down.
    """
    known = state_file.read(home)["port"]
    for candidate in dict.fromkeys((port, known)):
        found = _ask(candidate) if candidate else None
        if found is not None and found.get("ledger") == ledger_mark(home):
            return found
    return None


def usable(home: str, port: int) -> bool:
    """Whether a receiver for the ledger in `home` runs on `port`, or could."""
    if living(home, port) is not None and state_file.read(home)["port"] == port:
        return True
    with socket.socket() as listener:
        if (
            os.name == "posix"
        ):  # as the receiver itself does: a connection that has just ended is no hindrance
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def end(home: str) -> bool:
    """End the receiver for the ledger in `home`; False if it still runs after five seconds."""
    found = living(home)
    if found is None:
        return True
    process = found.get("pid")
    if isinstance(process, int) and process > 0:
        try:
            os.kill(process, signal.SIGTERM)
        except ProcessLookupError:
            return True
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        if state_file.read(home)["pid"] != process and living(home) is None:
            return True
        time.sleep(LOOK_SECONDS)
    return False


def _ask(port: int) -> dict[str, object] | None:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", HEALTH)
        answer = connection.getresponse()
        said = decode(answer.read(_MOST_BYTES).decode("utf-8")) if answer.status == 200 else None
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return said if isinstance(said, dict) else None
