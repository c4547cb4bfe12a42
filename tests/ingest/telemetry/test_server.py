"""The receiver accepts the client's telemetry, and refuses everything else without failing."""

from __future__ import annotations

import contextlib
import gzip
import socket
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.client.waiting import wait_until
from tests.support.telemetry_bodies import RECORDED, packed, record
from tests.support.telemetry_http import JSON, Running, bomb, chunked, running
from usage_dashboard.ingest.telemetry.http_body import MOST_BYTES
from usage_dashboard.ingest.telemetry.server import MOST_CONNECTIONS
from usage_dashboard.model.ids import id_hash

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def receiver() -> Iterator[Running]:
    with running() as found:
        yield found


class TestTaken:
    def test_the_recorded_body(self, receiver: Running) -> None:
        assert receiver.send(RECORDED) == (200, b"{}")
        wait_until(lambda: len(receiver.took) == 4, "four requests to be handed on")
        assert receiver.counts.requests == 4
        assert receiver.counts.all_refused == 0

    @pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
    def test_a_type_with_a_parameter(self, kind: str, receiver: Running) -> None:
        assert receiver.send(RECORDED, content_type=kind)[0] == 200

    def test_compressed(self, receiver: Running) -> None:
        assert receiver.send(gzip.compress(RECORDED), content_encoding="gzip")[0] == 200
        wait_until(lambda: len(receiver.took) == 4, "four requests to be handed on")

    def test_in_chunks(self, receiver: Running) -> None:
        head = receiver.head("Transfer-Encoding: chunked")
        assert receiver.raw(head, chunked([RECORDED[:1000], RECORDED[1000:]])) == 200
        wait_until(lambda: len(receiver.took) == 4, "four requests to be handed on")

    @pytest.mark.parametrize("path", ["/v1/metrics", "/v1/traces"])
    @pytest.mark.parametrize("body", [b"{}", RECORDED, b"not json"])
    def test_other_signals_are_answered_and_ignored(self, path: str, body: bytes, receiver: Running) -> None:
        assert receiver.send(body, path) == (200, b"{}")
        assert receiver.took == []
        assert receiver.counts.all_refused == 0

    def test_localhost_is_a_valid_host(self, receiver: Running) -> None:
        assert receiver.send(RECORDED, host=f"localhost:{receiver.port}")[0] == 200

    def test_an_absurd_record_is_counted_and_the_others_are_recorded(self, receiver: Running) -> None:
        assert receiver.send(packed(record("a"), record("b", input_tokens=-1)))[0] == 200
        wait_until(lambda: [found.request for found in receiver.took] == [id_hash("a")], "one request")
        assert receiver.counts.refused_records == 1

    def test_a_silent_client_keeps_no_other_waiting(self, receiver: Running) -> None:
        silent = [socket.create_connection(("127.0.0.1", receiver.port)) for _ in range(8)]
        assert receiver.send(RECORDED)[0] == 200
        for connection in silent:
            connection.close()


class TestRefused:
    """Each is counted, and answered with a status on which no exporter tries again."""

    def refuse(self, receiver: Running, expected: int, answer: tuple[int, bytes]) -> None:
        assert answer[0] == expected
        assert receiver.counts.refused_bodies == 1
        assert receiver.took == []
        assert receiver.send(packed(record("after")))[0] == 200

    @pytest.mark.parametrize("body", [b"", b"[]", b"not json", RECORDED[:-20], b"\xff" * 100, b"[" * 200_000])
    def test_a_body_that_is_not_json_of_logs(self, body: bytes, receiver: Running) -> None:
        head = receiver.head(f"Content-Length: {len(body)}")
        self.refuse(receiver, 400, (receiver.raw(head + body), b""))

    @pytest.mark.parametrize("path", ["/", "/v1", "/v1/logs/", "/v1/log", "/v2/logs", "/../etc/passwd"])
    def test_other_paths(self, path: str, receiver: Running) -> None:
        self.refuse(receiver, 404, receiver.send(RECORDED, path))

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
    def test_other_methods(self, method: str, receiver: Running) -> None:
        self.refuse(receiver, 405, receiver.ask(method, "/v1/logs", headers=JSON))

    @pytest.mark.parametrize(
        "host", ["example.org", "127.0.0.1.example.org", "10.0.0.1", "", "localhost:x", "[::1]"]
    )
    def test_other_hosts(self, host: str, receiver: Running) -> None:
        self.refuse(receiver, 403, receiver.send(RECORDED, host=host))
        assert receiver.ask("GET", "/healthz", headers={"host": host})[0] == 403

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-protobuf", "text/plain; application/json", "", "x"]
    )
    def test_other_types(self, kind: str, receiver: Running) -> None:
        self.refuse(receiver, 415, receiver.send(RECORDED, content_type=kind))

    @pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
    def test_other_encodings(self, encoding: str, receiver: Running) -> None:
        self.refuse(receiver, 415, receiver.send(RECORDED, content_encoding=encoding))

    def test_without_a_length(self, receiver: Running) -> None:
        self.refuse(receiver, 411, (receiver.raw(receiver.head(), RECORDED), b""))

    @pytest.mark.parametrize("length", ["-1", "+5", "5.0", "1e3", "0x10", "٣", "5, 5", ""])
    def test_an_invalid_length(self, length: str, receiver: Running) -> None:
        head = receiver.head().replace(b"\r\n\r\n", f"\r\nContent-Length: {length}\r\n\r\n".encode())
        self.refuse(receiver, 400, (receiver.raw(head, RECORDED), b""))

    @pytest.mark.parametrize(
        "lines",
        [
            ("Content-Length: 2", "Content-Length: 2"),
            ("Content-Length: 2", "Transfer-Encoding: chunked"),
            ("Transfer-Encoding: gzip, chunked",),
        ],
    )
    def test_two_different_lengths(self, lines: tuple[str, ...], receiver: Running) -> None:
        self.refuse(receiver, 400, (receiver.raw(receiver.head(*lines), b"{}"), b""))

    def test_shorter_than_announced(self, receiver: Running) -> None:
        self.refuse(receiver, 400, (receiver.raw(receiver.head("Content-Length: 999999"), RECORDED), b""))

    @pytest.mark.parametrize("size", [MOST_BYTES + 1, 10**18])
    def test_too_long(self, size: int, receiver: Running) -> None:
        self.refuse(receiver, 413, (receiver.raw(receiver.head(f"Content-Length: {size}")), b""))

    def test_too_long_in_chunks(self, receiver: Running) -> None:
        piece = b"%x\r\n" % (MOST_BYTES + 1)
        self.refuse(receiver, 413, (receiver.raw(receiver.head("Transfer-Encoding: chunked"), piece), b""))

    @pytest.mark.parametrize(
        "piece", [b"xyz\r\n", b"-5\r\n", b"5\r\nabc", b"", b"5\r\nabcdefgh\r\n", b"1" * 5000]
    )
    def test_invalid_chunks(self, piece: bytes, receiver: Running) -> None:
        self.refuse(receiver, 400, (receiver.raw(receiver.head("Transfer-Encoding: chunked"), piece), b""))

    def test_trailers_without_an_end(self, receiver: Running) -> None:
        head = receiver.head("Transfer-Encoding: chunked")
        self.refuse(receiver, 400, (receiver.raw(head, b"0\r\n" + b"a: b\r\n" * 100), b""))

    def test_a_bomb(self, receiver: Running) -> None:
        body = bomb(64 * 1024 * 1024)
        assert len(body) < MOST_BYTES
        self.refuse(receiver, 413, receiver.send(body, content_encoding="gzip"))

    @pytest.mark.parametrize(
        "body", [b"", b"not gzip", gzip.compress(RECORDED)[:-20], gzip.compress(RECORDED) + b"more"]
    )
    def test_a_body_that_is_not_gzip(self, body: bytes, receiver: Running) -> None:
        head = receiver.head(f"Content-Length: {len(body)}", "Content-Encoding: gzip")
        self.refuse(receiver, 400, (receiver.raw(head + body), b""))


class TestManners:
    def test_one_connection_too_many_is_closed_and_later_ones_are_served(self, receiver: Running) -> None:
        silent = [socket.create_connection(("127.0.0.1", receiver.port)) for _ in range(MOST_CONNECTIONS)]
        with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as one_more:
            assert one_more.recv(1) == b""
        for connection in silent:
            connection.close()
        wait_until(lambda: self.answered(receiver), "a place to be free")

    def answered(self, receiver: Running) -> bool:
        with contextlib.suppress(OSError):
            return receiver.send(packed(record("after")))[0] == 200
        return False

    def test_our_own_errors_are_kept_for_the_log_and_a_client_that_disconnects_is_not_one(
        self, receiver: Running
    ) -> None:
        for error in (KeyError("a bug"), ConnectionResetError()):
            try:
                raise error
            except (KeyError, OSError):
                receiver.receiver.handle_error(None, None)
        assert [type(fault) for fault in receiver.counts.take_faults()] == [KeyError]

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.binary(max_size=300), after=st.sampled_from([b"", b"POST /v1/logs HTTP/1.1\r\n", b"GET "]))
    def test_any_bytes_get_a_refusal_or_nothing(self, data: bytes, after: bytes, receiver: Running) -> None:
        assert receiver.raw(after + data) in (0, 400, 403, 404, 405, 411, 413, 414, 415, 431, 505)
        assert receiver.send(packed(record("after")))[0] == 200

    def test_it_listens_on_loopback_alone(self, receiver: Running) -> None:
        assert receiver.receiver.server_address[0] == "127.0.0.1"

    @pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="other systems have one loopback address"
    )
    def test_no_other_address_of_this_machine_reaches_it(self, receiver: Running) -> None:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", receiver.port), timeout=5)

    def test_its_health_report_names_its_ledger_and_its_counts(self, receiver: Running) -> None:
        receiver.send(RECORDED)
        receiver.send(b"x")
        health = receiver.health()
        assert health["ledger"] == "a-ledger"
        assert (health["requests"], health["refused_bodies"]) == (4, 1)

    def test_an_answer_repeats_nothing_of_the_request(self, receiver: Running) -> None:
        assert receiver.ask("GET", "/k7canaryq3") == (404, b"{}")
        with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as connection:
            connection.sendall(b"k7canaryq3 nonsense line of text\r\n\r\n")
            assert b"k7canaryq3" not in connection.makefile("rb").read()

    def test_it_ends_by_itself_when_idle(self) -> None:
        with running(idle_seconds=0.05) as found:
            wait_until(lambda: found.receiver.ended, "the receiver to end")

    def test_reading_its_health_does_not_keep_it_running(self) -> None:
        with running(idle_seconds=0.3) as found:

            def look() -> bool:
                with contextlib.suppress(OSError):
                    found.health()
                return found.receiver.ended

            wait_until(look, "the receiver to end")
