"""The way to api.anthropic.com for the real client, which ends at the fake API on this machine.

What the client asks of a subscriber's account goes to that host whatever `ANTHROPIC_BASE_URL` says
(2.1.330). A proxy and a certificate of one's own are what it supports for networks that inspect traffic.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from tests.support.client.local_server import LocalServer, QuietHandler, make_certificate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome

HOST = "api.anthropic.com"


class Tunnel(LocalServer):
    """A proxy that forwards connections to api.anthropic.com to `api`, and refuses all others."""

    def __init__(self, folder: Path, api: FakeApi) -> None:
        super().__init__(_TunnelHandler)
        self.api = api
        self._certificate, self.tls = make_certificate(folder / "tunnel", f"DNS:{HOST}")

    def carry(self, home: ClientHome) -> None:
        """Have the client of `home` log in as a subscriber, and reach its account through this tunnel."""
        home.env.pop("ANTHROPIC_API_KEY", None)
        home.env.pop("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", None)
        home.env |= {
            "CLAUDE_CODE_OAUTH_TOKEN": "dummy",
            "CLAUDE_CODE_OAUTH_SCOPES": "user:inference user:profile",
            "HTTPS_PROXY": f"http://127.0.0.1:{self.server_port}",
            "NODE_EXTRA_CA_CERTS": str(self._certificate),
        }


class _TunnelHandler(QuietHandler):
    server: Tunnel

    def respond(self) -> None:
        self.close_connection = True
        if self.path != f"{HOST}:443":
            self.send_error(403)
            return
        self.send_head(200, {})
        with (
            self.server.tls.wrap_socket(self.connection, server_side=True) as client,
            socket.create_connection(self.server.api.address) as api,
        ):
            back = threading.Thread(target=_forward, args=(api, client), daemon=True)
            back.start()
            _forward(client, api)
            back.join(5)


def _forward(source: socket.socket, target: socket.socket) -> None:
    """Forward what comes from `source` until either end has closed."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
