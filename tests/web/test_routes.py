"""`GET /usage` without a browser: the envelope, refusals, and which requests pass the guard."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.support import sample_week
from tests.support.browser import corrupt
from tests.support.command import NOW, AskJson, ask, clock, configure, document, page
from tests.support.times import at
from tests.support.transcripts import OTHER, response, usage, write
from usage_dashboard.model import windows
from usage_dashboard.web.cache import LedgerCache
from usage_dashboard.web.guard import SOCKET, Guard
from usage_dashboard.web.routes import make_routes

__all__ = ["ask", "clock", "configure", "document", "page"]

PORT = 8765
NOW_US = at(NOW)
HERE = f"127.0.0.1:{PORT}"


@pytest.fixture
def client(ledger: Path) -> TestClient:
    """A client of the routes, without the page."""
    return open_client(LedgerCache(str(ledger), lambda: NOW_US))


def open_client(cache: LedgerCache) -> TestClient:
    every = [*make_routes(cache), WebSocketRoute(SOCKET, echo)]
    app = Starlette(routes=every, middleware=[Middleware(Guard, port=PORT)])
    return TestClient(app, base_url=f"http://{HERE}")


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("in")
    await socket.close()


@pytest.mark.parametrize("path", ["/usage", "/api/usage", "/usage?window=week", "/usage?window=WEEK"])
def test_the_week_is_what_the_command_prints(
    client: TestClient, document: AskJson, project: Path, path: str
) -> None:
    sample_week.write_sessions(project)
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == document("week")
    assert answer.json()["totals"]["total_tokens"] > 0


@pytest.mark.parametrize("name", windows.NAMES)
def test_every_named_window_is_answered_as_the_command_does(
    client: TestClient, document: AskJson, project: Path, name: str
) -> None:
    sample_week.write_sessions(project)
    assert client.get("/usage", params={"window": name}).json() == document("report", "--window", name)


def test_what_was_written_since_is_in_the_next_answer(
    client: TestClient, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usage_dashboard.web.cache.SWEEP_SECONDS", 0)
    sample_week.write_sessions(project)
    before = client.get("/usage").json()["totals"]["total_tokens"]
    write(project, response("new", spent=usage(7, 0), at="2026-11-25T10:03:00.000Z"), "new")
    assert client.get("/usage").json()["totals"]["total_tokens"] == before + 7


def test_a_sweep_serves_all_requests_of_the_same_moment(client: TestClient, project: Path) -> None:
    sample_week.write_sessions(project)
    before = client.get("/usage").json()
    write(project, response("new", spent=usage(7, 0), at="2026-11-25T10:03:00.000Z"), "new")
    assert client.get("/usage").json() == before


def test_many_requests_at_once_get_the_same_answer(client: TestClient, project: Path) -> None:
    sample_week.write_sessions(project)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.get("/usage?window=7D").content, range(24)))
    assert len(set(answers)) == 1
    assert json.loads(answers[0])["totals"]["calls"] > 0


def test_a_sweep_without_news_keeps_the_cached_report(
    ledger: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usage_dashboard.web.cache.SWEEP_SECONDS", 0)
    sample_week.write_sessions(project)
    cache = LedgerCache(str(ledger), lambda: NOW_US)
    reports = []
    for _ in range(3):
        reader = cache.new_reader()
        cache.sweep(reader)
        reports.append(cache.usage(reader, reader.window_named("week")))
    # The first sweep leaves a write-ahead log, which the first reader checkpoints.
    assert reports[1] is reports[2]


def test_without_a_ledger_there_are_zeros(client: TestClient, ledger: Path) -> None:
    answer = client.get("/usage")
    assert (answer.status_code, answer.json()["totals"]["total_tokens"]) == (200, 0)
    assert not ledger.exists()


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("window=year", "has to be one of"),
        ("window=", "has to be one of"),
        ("window=day&window=week", "only once"),
        ("windows=day", "is not a parameter"),
        ("window=day&project=shop", "is not a parameter"),
    ],
)
def test_a_wrong_parameter_is_refused_in_words(client: TestClient, query: str, word: str) -> None:
    answer = client.get(f"/usage?{query}")
    assert (answer.status_code, set(answer.json())) == (400, {"error", "hint"})
    assert word in answer.json()["error"]


def test_settings_that_cannot_be_used_are_named(client: TestClient, configure: Callable[..., None]) -> None:
    configure(timezone="Nowhere/Land")
    answer = client.get("/usage")
    assert (answer.status_code, answer.json()["error"]) == (
        503,
        "The setting `timezone` names no known time zone",
    )


def test_a_corrupt_ledger_is_named(client: TestClient, ledger: Path, project: Path) -> None:
    corrupt(ledger)
    answer = client.get("/usage")
    assert (answer.status_code, answer.json()["hint"]) == (503, "usage-dashboard doctor")


def test_a_locked_ledger_is_reported_instead_of_old_figures(
    client: TestClient, ledger: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usage_dashboard.web.cache.SWEEP_SECONDS", 0)
    monkeypatch.setattr("usage_dashboard.web.cache.WAIT_SECONDS", 0.05)
    sample_week.write_sessions(project)
    client.get("/usage")
    holder = sqlite3.connect(ledger / "usage.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert client.get("/usage").status_code == 200  # nothing is new: the figures are not old
    write(project, response("new"), session=OTHER)
    assert client.get("/usage").status_code == 503
    holder.execute("ROLLBACK")
    holder.close()
    assert client.get("/usage").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/usage/", "/usage/week", "/_stcore/metrics", "/_stcore/upload_file/x", "/_stcore/agent"],
)
def test_other_paths_are_not_found(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, set(answer.json())) == (404, {"error", "hint"})


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
@pytest.mark.parametrize("path", ["/usage", "/"])
def test_nothing_but_get_is_answered(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize(
    "host", ["example.com", f"example.com:{PORT}", "127.0.0.1", "127.0.0.1:80", f"[::1]:{PORT}", ""]
)
@pytest.mark.parametrize("path", ["/usage", "/", "/static/js/index.js"])
def test_another_name_is_not_served(client: TestClient, host: str, path: str) -> None:
    assert client.get(path, headers={"host": host}).status_code == 403


def test_localhost_is_served(client: TestClient) -> None:
    assert client.get("/usage", headers={"host": f"localhost:{PORT}"}).status_code == 200


def test_other_origins_may_read_nothing(client: TestClient) -> None:
    answer = client.get("/usage", headers={"origin": "https://example.com"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://example.com"},
        {"origin": f"http://{HERE}", "host": f"example.com:{PORT}"},
        {"origin": f"http://127.0.0.1:{PORT + 1}"},
        {},
    ],
)
def test_the_pages_socket_is_closed_to_other_pages(client: TestClient, headers: dict[str, str]) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(SOCKET, headers={"host": HERE, **headers}),
    ):
        pass


def test_the_pages_own_socket_is_open(client: TestClient) -> None:
    found: Any
    headers = {"host": HERE, "origin": f"http://{HERE}"}
    with client.websocket_connect(SOCKET, headers=headers) as found:
        assert found.receive_text() == "in"
