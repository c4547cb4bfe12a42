"""HTTP servers on 127.0.0.1 for the real client: one way to start and stop them, and to answer."""

from __future__ import annotations

import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class LocalServer(ThreadingHTTPServer):
    """A server on a free port of 127.0.0.1 that runs inside its `with` block."""

    daemon_threads = True

    def __init__(self, handler: type[QuietHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(5)

    @property
    def address(self) -> tuple[str, int]:
        """The address it listens on."""
        return "127.0.0.1", self.server_port

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet: clients that are killed in a test leave broken connections behind."""


class QuietHandler(BaseHTTPRequestHandler):
    """Answers every request by its `respond`, without logging it."""

    protocol_version = "HTTP/1.1"

    def respond(self) -> None:
        """Answer the request."""
        raise NotImplementedError

    def do_CONNECT(self) -> None:
        self.respond()

    def do_GET(self) -> None:
        self.respond()

    def do_HEAD(self) -> None:
        self.respond()

    def do_POST(self) -> None:
        self.respond()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass

    def send_head(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status line and `headers`."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send_body(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Send a whole answer; to a HEAD request, without the body."""
        self.send_head(status, {**headers, "content-length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)


def make_certificate(folder: Path, alternative_name: str) -> tuple[Path, ssl.SSLContext]:
    """Make a self-signed certificate for `alternative_name` (`DNS:…` or `IP:…`), and the context to serve it.

    Skips the test if openssl is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    command += [
        "-addext",
        f"subjectAltName={alternative_name}",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context
