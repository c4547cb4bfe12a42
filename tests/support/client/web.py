"""A web page on 127.0.0.1 over TLS, since the client fetches nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.client.local_server import LocalServer, QuietHandler, make_certificate

if TYPE_CHECKING:
    from pathlib import Path

# Long enough that the client has it summed up instead of passing it on as it is.
_BODY = b"<html><body><h1>A page</h1>" + b"<p>It says very little.</p>" * 200 + b"</body></html>"


class Page(LocalServer):
    """Serves one page at `url`, signed by the certificate in the file `certificate`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(_PageHandler)
        self.certificate, context = make_certificate(folder, "IP:127.0.0.1")
        self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"https://127.0.0.1:{self.server_port}/page"


class _PageHandler(QuietHandler):
    def respond(self) -> None:
        self.send_body(200, _BODY, {"content-type": "text/html"})
