"""Finding out whether a receiver runs, and stopping it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import time

from usage_dashboard.ingest.telemetry import state_file
from usage_dashboard.ingest.telemetry.server import HEALTH, LOOPBACK
from usage_dashboard.model.ids import id_hash
from usage_dashboard.runtime.json_light import parse_json

ANSWER_SECONDS = 2.0
END_SECONDS = 5.0
LOOK_SECONDS = 0.02
_MOST_BYTES = 4096


def ledger_fingerprint(home: str) -> str:
    """A text that distinguishes the receiver of one ledger from those of others; it is not a secret."""
    return f"{id_hash(os.path.realpath(home)):016x}"


def find_receiver(home: str, port: int | None = None) -> dict[str, object] | None:
    """The health report of the receiver for the ledger in `home`, None if it does not run.

    It is looked for on `port` and on the port in its state file.
    """
    noted_port = state_file.read_state(home)["port"]
    for candidate in dict.fromkeys((port, noted_port)):
        report = _ask_health(candidate) if candidate else None
        if report is not None and report.get("ledger") == ledger_fingerprint(home):
            return report
    return None


def is_port_usable(home: str, port: int) -> bool:
    """Whether a receiver for the ledger in `home` runs on `port`, or could."""
    if find_receiver(home, port) is not None and state_file.read_state(home)["port"] == port:
        return True
    with socket.socket() as listener:
        if os.name == "posix":  # as the receiver does: connections that have just ended do not matter
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def stop_receiver(home: str) -> bool:
    """Stop the receiver for the ledger in `home`; False if it still runs after five seconds."""
    report = find_receiver(home)
    if report is None:
        return True
    process = report.get("pid")
    if isinstance(process, int) and process > 0:
        try:
            os.kill(process, signal.SIGTERM)
        except ProcessLookupError:
            return True
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        if state_file.read_state(home)["pid"] != process and find_receiver(home) is None:
            return True
        time.sleep(LOOK_SECONDS)
    return False


def _ask_health(port: int) -> dict[str, object] | None:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", HEALTH)
        answer = connection.getresponse()
        report = parse_json(answer.read(_MOST_BYTES).decode("utf-8")) if answer.status == 200 else None
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return report if isinstance(report, dict) else None
