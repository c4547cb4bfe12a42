"""A Messages API on 127.0.0.1 that bills every call with its own numbers and remembers them."""

from __future__ import annotations

import json
import select
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.support.client.local_server import LocalServer, QuietHandler
from tests.support.client.replies import Plan
from tests.support.client.request import Request
from tests.support.client.sse import Reply, Usage, encode, events

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def _without_context(model: str) -> str:
    return model.removesuffix("[1m]")


class FakeApi(LocalServer):
    """Answers each `POST /v1/messages` as `script` says, and keeps what it billed.

    `script` may be replaced at any time. `headers` go with every answer. `answering` gives the name of the
    model that answers for the one that was asked for, as gateways and aliases have it. `usage` is what a
    subscriber's client gets to know about its limits, nothing while it is empty. `requests` holds what came
    in, refused calls included; `other` the requests to any other address.
    """

    def __init__(self, script: Script | None = None) -> None:
        super().__init__(_ApiHandler)
        self.script: Script = script or Plan()
        self.headers: dict[str, str] = {}
        self.answering: Callable[[str], str] = _without_context
        self.usage: dict[str, Any] = {}
        self.requests: list[Request] = []
        self.other: list[str] = []
        self.tag = uuid.uuid4().hex[:8]
        self._billed: dict[str, Billed] = {}
        self._calls = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The address for `ANTHROPIC_BASE_URL`."""
        return "http://{}:{}".format(*self.address)

    @property
    def billed(self) -> list[Billed]:
        """Every call that was answered, wholly or in part, in order of arrival."""
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
        """Keep a call, or its new state."""
        with self._lock:
            self._billed[call.message_id] = call


class _ApiHandler(QuietHandler):
    server: FakeApi

    def respond(self) -> None:
        path = self.path.partition("?")[0]
        if self.command == "POST":
            self._post(path, self.rfile.read(int(self.headers.get("content-length", 0))))
        elif self.command == "HEAD":
            self._json(200, {})
        elif self.server.usage and path == "/api/oauth/usage":
            self._json(200, self.server.usage)
        else:
            self.server.other.append(f"{self.command} {self.path}")
            self._error(404)

    def _post(self, path: str, body: bytes) -> None:
        if path == "/v1/messages":
            self._message(Request(json.loads(body), dict(self.headers.items())))
        elif path == "/v1/messages/count_tokens":
            self._json(200, {"input_tokens": len(body) // 4})
        else:
            self.server.other.append(f"POST {self.path}")
            self._json(200, {})

    def _message(self, request: Request) -> None:
        api = self.server
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
            "model": self.server.answering(billed.model),
            "content": reply.content(billed.message_id.removeprefix("msg_")),
            "stop_reason": reply.reason(),
            "stop_sequence": None,
            "stop_details": None,
            "usage": billed.usage.whole(),
        }
        headers = {"request-id": billed.request_id}
        # Kept before the last bytes go out: the client may be gone as soon as it has them.
        completed = replace(billed, completed=True)
        if not stream:
            self.server.bill(completed)
            self._json(200, message, headers)
            return
        streamed = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}
        self.send_head(200, {**self.server.headers, **headers, **streamed})
        for name, data in events(message, billed.usage):
            if reply.pause_seconds:
                time.sleep(reply.pause_seconds)
            if reply.broken and reply.breaks_at(name, data.get("index")):
                self._break(reply.broken)
                return
            if name == "message_stop":
                self.server.bill(completed)
            self._chunk(encode(name, data))
        self._chunk(b"")

    def _break(self, how: str) -> None:
        self.close_connection = True
        if how == "error_event":
            error = {"type": "overloaded_error", "message": "Overloaded"}
            self._chunk(encode("error", {"error": error}))
            self._chunk(b"")
        elif how == "hang":
            # Readable means that the client has gone: it sends nothing more on this connection.
            select.select([self.connection], [], [], _HANG_SECONDS)

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _error(self, status: int) -> None:
        kind = _ERRORS.get(status, "api_error")
        error = {"type": "error", "error": {"type": kind, "message": f"Scripted {status}"}}
        self._json(status, error, {"request-id": f"req_{uuid.uuid4().hex[:12]}"})

    def _json(self, status: int, value: object, headers: Mapping[str, str] | None = None) -> None:
        plain = {"content-type": "application/json"}
        self.send_body(
            status, json.dumps(value).encode(), {**self.server.headers, **(headers or {}), **plain}
        )
