"""Who is let in: this machine's own browser, by name and port, to read what there is and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from usage_dashboard.web.routes import EXAMPLE, PATHS, problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES = ("127.0.0.1", "localhost")
ICON = "/favicon.png"
SOCKET = "/_stcore/stream"
PAGE = ("/", ICON, "/_stcore/health", "/_stcore/host-config", SOCKET)
"""What the page is made of, beside the assets below."""

ASSETS = ("/static/", "/media/")
NOT_ALLOWED = 1008  # RFC 6455: a policy was violated

POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",  # Streamlit's page, and Vega's expressions
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {places}" for name, places in POLICY.items()),
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Guard:
    """Lets through to `app` what asks for one of its paths by its own name and `port`.

    A name that somebody else's page had resolve to this machine (DNS rebinding) is not ours, and a socket
    that another page opens has that page's origin.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = [f"{name}:{port}" for name in NAMES]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._request(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origins = [f"http://{host}" for host in self._hosts]
        if self._is_ours(headers) and headers.get("origin") in origins and scope["path"] == SOCKET:
            await self._app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": NOT_ALLOWED})

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        path = scope["path"]
        if not self._is_ours(Headers(scope=scope)):
            refusal = problem(403, "This address is not served here", f"http://{self._hosts[0]}/")
        elif path not in (*PATHS, *PAGE) and not path.startswith(ASSETS):
            refusal = problem(404, "There is nothing at this path", EXAMPLE)
        elif scope["method"] != "GET":
            refusal = problem(405, "Only GET is answered", EXAMPLE)
            refusal.headers["allow"] = "GET"
        else:
            await self._app(scope, receive, protected)
            return
        await refusal(scope, receive, protected)

    def _is_ours(self, headers: Headers) -> bool:
        return headers.getlist("host") in [[host] for host in self._hosts]
