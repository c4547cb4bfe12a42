"""The server that receives Claude Code's own telemetry: OTLP over HTTP, JSON, on loopback only.

It answers before the ledger is written: a client that ends waits for its last answer.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING

from usage_dashboard.ingest.telemetry import http_body, otlp
from usage_dashboard.ingest.telemetry.counters import RefusedRecord
from usage_dashboard.ingest.telemetry.http_body import RefusedBody
from usage_dashboard.ingest.telemetry.launch import QUEUE

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_dashboard.ingest.telemetry.counters import ReceiverCounts
    from usage_dashboard.ingest.telemetry.queue import RequestQueue
    from usage_dashboard.model.api_request import ApiRequest

LOOPBACK = "127.0.0.1"
HOSTS = (LOOPBACK, "localhost")
LOGS = "/v1/logs"
IGNORED = ("/v1/metrics", "/v1/traces")
HEALTH = "/healthz"

TICK_SECONDS = 1.0
SILENCE_SECONDS = 5.0
MOST_CONNECTIONS = 32

_NOT_IMPLEMENTED, _NOT_ALLOWED = 501, 405


class Receiver(ThreadingMixIn, TCPServer):
    """Listens on 127.0.0.1 and puts what it receives into `queue`, once `run` is called.

    `about` is what its health report says about it. Port 0 is any free one. `listening` is the
    descriptor of a socket that listens already, and is used instead.

    Raises:
        OSError: the port is taken, or may not be used.
    """

    daemon_threads = True
    block_on_close = False
    # On Windows the same option would let two programs listen on one port.
    allow_reuse_address = os.name == "posix"
    request_queue_size = QUEUE

    def __init__(
        self,
        port: int,
        queue: RequestQueue,
        counts: ReceiverCounts,
        about: dict[str, object],
        listening: int | None = None,
    ) -> None:
        self.queue = queue
        self.counts = counts
        self.about = about
        self.stopped = self.ended = False
        self._arrived = threading.Event()
        self._last_activity = time.monotonic()
        self._free = threading.BoundedSemaphore(MOST_CONNECTIONS)
        super().__init__((LOOPBACK, port), _Connection, bind_and_activate=listening is None)
        if listening is not None:
            self.socket.close()
            self.socket = socket.socket(fileno=listening)
            self.server_address = self.socket.getsockname()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    def run(self, idle_seconds: float, on_tick: Callable[[], None] = lambda: None) -> None:
        """Serve until nobody has sent anything for `idle_seconds`, or `stop` was called.

        This thread stores what the others receive, so that a locked ledger keeps no client waiting.
        `on_tick` is called after that, and at least once a second.
        """
        accepting = threading.Thread(target=self.serve_forever, args=(TICK_SECONDS,), daemon=True)
        self._last_activity = time.monotonic()
        accepting.start()
        try:
            while not self.stopped and time.monotonic() - self._last_activity < idle_seconds:
                self._arrived.wait(min(TICK_SECONDS, idle_seconds))
                self._arrived.clear()
                self.queue.hand_over()
                on_tick()
        finally:
            self.shutdown()
            # A client that sends now is turned away at once, not kept in a backlog that nobody reads.
            self.server_close()
            accepting.join()
            self.ended = True

    def stop(self) -> None:
        """End `run` at once. A signal handler sets `stopped` instead, and it ends within a second."""
        self.stopped = True
        self._arrived.set()

    def note_activity(self) -> None:
        """Note that somebody sent something."""
        self._last_activity = time.monotonic()

    def queue_requests(self, requests: list[ApiRequest]) -> None:
        """Let `requests` be stored."""
        self.queue.put(requests)
        self._arrived.set()

    def process_request(self, request: object, client_address: object) -> None:
        """Serve a connection in a thread of its own; one too many is closed unread."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)  # type: ignore[arg-type]
            return
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Serve one connection."""
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the base class's
        """Keep our own errors for the fault log; a client that disconnects is not one."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.counts.keep_fault(error)


class _Connection(BaseHTTPRequestHandler):
    """One request; the connection is closed after it."""

    server: Receiver
    timeout = SILENCE_SECONDS

    def do_POST(self) -> None:
        self.server.note_activity()
        try:
            self._receive_logs()
        except RefusedBody as refused:
            self._send_refusal(refused)
        else:
            self._send_json(200, {})

    def do_GET(self) -> None:
        try:
            report = self._health_report()
        except RefusedBody as refused:
            self._send_refusal(refused)
        else:
            self._send_json(200, report)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Refuse what the base class cannot read, without its page that repeats the request."""
        self._send_refusal(RefusedBody(_NOT_ALLOWED if code == _NOT_IMPLEMENTED else code))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Print nothing: nobody would read it."""

    def version_string(self) -> str:
        """The product's name, without the interpreter's version."""
        return "usage-dashboard"

    def _receive_logs(self) -> None:
        self._check_host()
        if self.path not in (LOGS, *IGNORED):
            raise RefusedBody(404)
        data = http_body.read_body(self.headers, self.rfile)
        if self.path != LOGS:
            return
        try:
            requests, refused = otlp.read_api_requests(http_body.unpack_body(self.headers, data))
        except ValueError as error:
            raise RefusedBody(400) from error
        self.server.counts.add_count("refused_records", refused, RefusedRecord())
        self.server.queue_requests(requests)

    def _health_report(self) -> dict[str, object]:
        self._check_host()
        if self.path != HEALTH:
            raise RefusedBody(_NOT_ALLOWED if self.path in (LOGS, *IGNORED) else 404)
        server = self.server
        return {**server.about, **server.counts.to_dict(), "waiting": len(server.queue)}

    def _check_host(self) -> None:
        """Refuse a web page that has its own host name point to this machine."""
        name, colon, port = self.headers.get("host", "").strip().partition(":")
        if name.lower() not in HOSTS or (colon and not port.isdecimal()):
            raise RefusedBody(403)

    def _send_refusal(self, refused: RefusedBody) -> None:
        self.server.counts.add_count("refused_bodies", 1, refused)
        self._send_json(refused.status, {})

    def _send_json(self, status: int, value: dict[str, object]) -> None:
        data = json.dumps(value).encode()
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
