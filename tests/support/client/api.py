"""A Messages API on 127.0.0.1 that bills every call with its own numbers and remembers them."""

from __future__ import annotations

import json
import select
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from tests.support.client.replies import Plan
from tests.support.client.request import Request
from tests.support.client.sse import Reply, Usage, encode, events

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

Script = Callable[[Request], Reply]

_CALL_LIMIT = 400
_HANG_SECONDS = 60.0
_ERRORS = {400: "invalid_request_error", 429: "rate_limit_error", 529: "overloaded_error"}


@dataclass(frozen=True)
class Billed:
    """One call that the API charges for, and who made it according to the client's own headers."""

    message_id: str
    request_id: str
    model: str
    session_id: str
    agent_id: str | None
    purpose: str
    usage: Usage
    completed: bool


class FakeApi:
    """Answers each `POST /v1/messages` as `script` says, and keeps what it billed.

    Use it as a context manager: the server runs inside. `script` may be replaced at any time. `headers`
    go with every answer. `usage` is what a subscriber's client is told of its limits, nothing while it is
    empty. `requests` holds what came in, refused calls included; `other` the requests to any other address.
    """

    def __init__(self, script: Script | None = None) -> None:
        self.script: Script = script or Plan()
        self.headers: dict[str, str] = {}
        self.usage: dict[str, Any] = {}
        self.requests: list[Request] = []
        self.other: list[str] = []
        self.tag = uuid.uuid4().hex[:8]
        self._billed: dict[str, Billed] = {}
        self._calls = 0
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return "127.0.0.1", self._server.server_address[1]

    @property
    def url(self) -> str:
        """The address for `ANTHROPIC_BASE_URL`."""
        return "http://{}:{}".format(*self.address)

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

    @property
    def billed(self) -> list[Billed]:
        """Every call that was answered, wholly or in part, in the order in which they came in."""
        with self._lock:
            return list(self._billed.values())

    def by_message(self) -> dict[str, dict[str, int]]:
        """The billed counts of each message, in the shape of `recount.by_message`."""
        return {call.message_id: asdict(call.usage) for call in self.billed}

    def answer(self, request: Request) -> tuple[int, Reply]:
        """The number of this call (0 if refused) and the reply to it."""
        with self._lock:
            self.requests.append(request)
            # A session that never ends would eat the machine; a 400 makes the client give up.
            reply = Reply(status=400) if len(self.requests) > _CALL_LIMIT else self.script(request)
            if reply.status != 200:
                return 0, reply
            self._calls += 1
            return self._calls, reply

    def bill(self, call: Billed) -> None:
        """Remember a call, or what has become of it."""
        with self._lock:
            self._billed[call.message_id] = call


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: FakeApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet: clients that are killed in a test leave broken connections behind."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass

    def do_HEAD(self) -> None:
        self._json(200, {})

    def do_GET(self) -> None:
        if self.server.api.usage and self.path.partition("?")[0] == "/api/oauth/usage":
            self._json(200, self.server.api.usage)
            return
        self.server.api.other.append(f"GET {self.path}")
        self._error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path = self.path.partition("?")[0]
        if path == "/v1/messages":
            self._message(Request(json.loads(body), dict(self.headers.items())))
        elif path == "/v1/messages/count_tokens":
            self._json(200, {"input_tokens": len(body) // 4})
        else:
            self.server.api.other.append(f"POST {self.path}")
            self._json(200, {})

    def _message(self, request: Request) -> None:
        api = self.server.api
        call, reply = api.answer(request)
        if reply.status != 200:
            self._error(reply.status)
            return
        billed = Billed(
            message_id=f"msg_{api.tag}{call:04d}",
            request_id=f"req_{api.tag}{call:04d}",
            model=request.model,
            session_id=request.session_id,
            agent_id=request.agent_id,
            purpose=request.purpose,
            usage=reply.counts(call),
            completed=False,
        )
        api.bill(billed)
        try:
            self._send(billed, reply, stream=request.stream)
        except OSError:
            self.close_connection = True

    def _send(self, billed: Billed, reply: Reply, *, stream: bool) -> None:
        message = {
            "id": billed.message_id,
            "type": "message",
            "role": "assistant",
            "model": billed.model.removesuffix("[1m]"),
            "content": reply.content(billed.message_id.removeprefix("msg_")),
            "stop_reason": reply.reason(),
            "stop_sequence": None,
            "stop_details": None,
            "usage": billed.usage.whole(),
        }
        headers = {"request-id": billed.request_id}
        # Said before the last bytes go out: the client may be gone as soon as it has them.
        completed = replace(billed, completed=True)
        if not stream:
            self.server.api.bill(completed)
            self._json(200, message, headers)
            return
        self._start(200, {**headers, "content-type": "text/event-stream", "transfer-encoding": "chunked"})
        for name, data in events(message, billed.usage):
            if reply.pause_seconds:
                time.sleep(reply.pause_seconds)
            if reply.broken and reply.breaks_at(name, data.get("index")):
                self._break(reply.broken)
                return
            if name == "message_stop":
                self.server.api.bill(completed)
            self._chunk(encode(name, data))
        self._chunk(b"")

    def _break(self, how: str) -> None:
        self.close_connection = True
        if how == "error_event":
            error = {"type": "overloaded_error", "message": "Overloaded"}
            self._chunk(encode("error", {"error": error}))
            self._chunk(b"")
        elif how == "hang":
            # Readable means that the client has gone: it has nothing more to say on this connection.
            select.select([self.connection], [], [], _HANG_SECONDS)

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _error(self, status: int) -> None:
        kind = _ERRORS.get(status, "api_error")
        error = {"type": "error", "error": {"type": kind, "message": f"Scripted {status}"}}
        self._json(status, error, {"request-id": f"req_{uuid.uuid4().hex[:12]}"})

    def _json(self, status: int, value: object, headers: Mapping[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        sizes = {"content-type": "application/json", "content-length": str(len(body))}
        self._start(status, {**(headers or {}), **sizes})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _start(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**self.server.api.headers, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
