"""Talking to the receiver over a real socket, politely or not."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.support.client.waiting import wait_until
from usage_dashboard.ingest.telemetry.counters import ReceiverCounts
from usage_dashboard.ingest.telemetry.queue import RequestQueue
from usage_dashboard.ingest.telemetry.server import LOOPBACK, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usage_dashboard.model.api_request import ApiRequest

JSON = {"content-type": "application/json"}


class Running(NamedTuple):
    """A receiver in this process, what it took, and what it counted."""

    receiver: Receiver
    took: list[ApiRequest]
    counts: ReceiverCounts

    @property
    def port(self) -> int:
        return self.receiver.port

    def send(self, body: bytes, path: str = "/v1/logs", **headers: str) -> tuple[int, bytes]:
        """The status and the body of the answer to a POST; `_` in a header's name stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", path, body, JSON | named)

    def ask(self, method: str, path: str, body: bytes = b"", headers: Any = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def raw(self, *pieces: bytes) -> int:
        """The status of the answer to these bytes, after which nothing more is sent; 0 for none."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            with contextlib.suppress(OSError):
                for piece in pieces:
                    connection.sendall(piece)
                connection.shutdown(socket.SHUT_WR)
            answer = connection.makefile("rb").readline().split()
        return int(answer[1]) if len(answer) > 1 else 0

    def head(self, *lines: str, method: str = "POST", path: str = "/v1/logs") -> bytes:
        """The start of a request, with our address and type unless `lines` name others."""
        named = [line.partition(":")[0].lower() for line in lines]
        usual = [f"Host: 127.0.0.1:{self.port}", "Content-Type: application/json"]
        all_lines = [*lines, *(line for line in usual if line.partition(":")[0].lower() not in named)]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *all_lines, "", ""]).encode()

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ask("GET", "/healthz")[1])
        return found


@contextlib.contextmanager
def running(idle_seconds: float = 60) -> Iterator[Running]:
    """A receiver that hands what it takes to a list."""
    took: list[ApiRequest] = []
    counts = ReceiverCounts()
    receiver = Receiver(0, RequestQueue(took.extend, counts), counts, {"ledger": "a-ledger"})
    thread = threading.Thread(target=receiver.run, args=(idle_seconds,))
    thread.start()
    try:
        yield Running(receiver, took, counts)
    finally:
        receiver.stop()
        wait_until(lambda: _looked(receiver), "the receiver to end")
        thread.join(10)
    assert not thread.is_alive()


def _looked(receiver: Receiver) -> bool:
    """Have the receiver look whether it is to end; whether it has."""
    with contextlib.suppress(OSError):
        socket.create_connection((LOOPBACK, receiver.port), timeout=1).close()
    return receiver.ended


def chunked(pieces: Iterable[bytes]) -> bytes:
    """`pieces` as a chunked body."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def bomb(size: int) -> bytes:
    """A small gzip file that holds `size` bytes."""
    return gzip.compress(b" " * size, 9)
