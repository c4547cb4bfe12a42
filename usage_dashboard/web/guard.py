"""The guard of requests: only this machine's own browser is answered, by name and port, and only to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from usage_dashboard.web.routes import EXAMPLE, PATHS, problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES = ("127.0.0.1", "localhost")
ICON = "/favicon.png"
SOCKET = "/_stcore/stream"
PAGE = ("/", ICON, "/_stcore/health", "/_stcore/host-config", SOCKET)
"""The paths that the page consists of, beside the assets below."""

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
    """Passes on to `app` the requests for its paths under its own name and `port`; refuses all others.

    A page of another site can have its own name resolve to this machine (DNS rebinding), and a socket that
    it opens carries its origin. Starlette's `TrustedHostMiddleware` compares the name without the port.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = [f"{name}:{port}" for name in NAMES]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._guard_socket(scope, receive, send)
        else:
            await self._guard_request(scope, receive, send)

    async def _guard_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origins = [f"http://{host}" for host in self._hosts]
        if self._has_own_host(headers) and headers.get("origin") in origins and scope["path"] == SOCKET:
            await self._app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": NOT_ALLOWED})

    async def _guard_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        path = scope["path"]
        if not self._has_own_host(Headers(scope=scope)):
            refusal = problem_response(403, "This address is not served here", f"http://{self._hosts[0]}/")
        elif path not in (*PATHS, *PAGE) and not path.startswith(ASSETS):
            refusal = problem_response(404, "There is nothing at this path", EXAMPLE)
        elif scope["method"] != "GET":
            refusal = problem_response(405, "Only GET is answered", EXAMPLE)
            refusal.headers["allow"] = "GET"
        else:
            await self._app(scope, receive, send_protected)
            return
        await refusal(scope, receive, send_protected)

    def _has_own_host(self, headers: Headers) -> bool:
        return headers.getlist("host") in [[host] for host in self._hosts]
