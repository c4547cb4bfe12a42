"""The way to api.anthropic.com for the real client, which ends at the fake API on this machine.

What the client asks of a subscriber's account goes to that host whatever `ANTHROPIC_BASE_URL` says
(2.1.330). A proxy and a certificate of one's own are what it supports for networks that look inside.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome

HOST = "api.anthropic.com"


class Tunnel:
    """A proxy on 127.0.0.1 that takes connections to api.anthropic.com to `api`, and refuses all others.

    Use it as a context manager: the proxy runs inside.
    """

    def __init__(self, folder: Path, api: FakeApi) -> None:
        self.api = api
        self._certificate = folder / "tunnel.pem"
        key = folder / "tunnel.key"
        _make(key, self._certificate)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self._certificate, key)
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def carry(self, home: ClientHome) -> None:
        """Have the client of `home` log in as a subscriber, and reach its account through this tunnel."""
        home.env.pop("ANTHROPIC_API_KEY", None)
        home.env.pop("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", None)
        home.env |= {
            "CLAUDE_CODE_OAUTH_TOKEN": "dummy",
            "CLAUDE_CODE_OAUTH_SCOPES": "user:inference user:profile",
            "HTTPS_PROXY": f"http://127.0.0.1:{self._server.server_address[1]}",
            "NODE_EXTRA_CA_CERTS": str(self._certificate),
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tunnel: Tunnel) -> None:
        self.tunnel = tunnel
        super().__init__(("127.0.0.1", 0), _Connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet: the client ends without closing what it has opened."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass

    def do_CONNECT(self) -> None:
        self.close_connection = True
        tunnel = self.server.tunnel
        if self.path != f"{HOST}:443":
            self.send_error(403)
            return
        self.send_response(200)
        self.end_headers()
        with (
            tunnel.tls.wrap_socket(self.connection, server_side=True) as client,
            socket.create_connection(tunnel.api.address) as api,
        ):
            back = threading.Thread(target=_pass_on, args=(api, client), daemon=True)
            back.start()
            _pass_on(client, api)
            back.join(5)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Hand on what comes from `source` until either end has gone."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def _make(key: Path, certificate: Path) -> None:
    """A key and a certificate of `HOST` that vouches for itself; skips the test where none can be made."""
    options = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    command = ["openssl", "req", "-x509", *options, "-addext", f"subjectAltName=DNS:{HOST}"]
    try:
        subprocess.run(
            [*command, "-keyout", str(key), "-out", str(certificate)],
            check=True,
            capture_output=True,
            timeout=60,
        )
    except FileNotFoundError:
        pytest.skip("no openssl to make a certificate with")
