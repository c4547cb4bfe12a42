"""The server process: the page and its routes on 127.0.0.1, until a signal ends it."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import streamlit
import uvicorn
from starlette.middleware import Middleware
from streamlit.web.bootstrap import load_config_options

from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.web import cache, charts, theme
from usage_dashboard.web.guard import Guard
from usage_dashboard.web.routes import USUAL, make_routes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

ADDRESS = "127.0.0.1"
PORTS_TRIED = 100
SCRIPT = os.path.join(os.path.dirname(__file__), "app.py")
END_SECONDS = 2
HIGHEST_PORT = 65_535


def open_socket(port: int) -> socket.socket:
    """Open a socket that listens on `port`, or on the next free one after it; 0 means any port.

    Raises:
        UsageDashboardError: no port is free.
    """
    for candidate in range(port, min(port + PORTS_TRIED, HIGHEST_PORT + 1)):
        listening = socket.socket()
        if os.name == "posix":  # elsewhere it would share a port that is in use
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((ADDRESS, candidate))
            listening.listen()
        except OSError:
            listening.close()
            continue
        return listening
    raise UsageDashboardError(f"No port from {port} on is free", hint="usage-dashboard ui --port 0")


def make_application(home: str, port: int) -> streamlit.App:
    """Make the application for `port`: the page and the routes for the ledger in `home`, behind the guard."""
    load_config_options({**OPTIONS, **theme.OPTIONS, "server.port": port, "browser.serverPort": port})
    return streamlit.App(
        SCRIPT, routes=make_routes(cache.shared_cache(home)), middleware=[Middleware(Guard, port=port)]
    )


def serve_requests(home: str, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve the socket until Ctrl-C or SIGTERM; `ready` is called once requests are answered."""
    app = make_application(home, listening.getsockname()[1])
    settings = uvicorn.Config(
        app, log_level="error", access_log=False, timeout_graceful_shutdown=END_SECONDS, ws_max_size=2**20
    )
    _warm_up(cache.shared_cache(home))
    with closing(listening), _ignored_signals():
        _Server(settings, ready).run(sockets=[listening])


OPTIONS: dict[str, object] = {
    "server.address": ADDRESS,
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.enableCORS": True,  # Streamlit's name for refusing other origins
    "server.enableXsrfProtection": True,
    "server.allowedHosts": [ADDRESS, "localhost"],
    "browser.serverAddress": ADDRESS,
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "runner.magicEnabled": False,
    "logger.level": "error",
}


def _warm_up(ledger_cache: cache.LedgerCache) -> None:
    """Read and draw once what the first page shows, and read everything, so that no visitor waits for it."""
    with suppress(UsageDashboardError):  # the page says what is wrong
        reader = ledger_cache.new_reader()
        charts.daily_chart(ledger_cache.usage(reader, reader.window_named(USUAL)), reader).to_dict()
        ledger_cache.usage(reader, reader.window_named("all"))
        charts.sparkline_chart(ledger_cache.recent_usage(reader, {}), reader).to_dict()


class _Server(uvicorn.Server):
    """A server that calls `ready` once it answers requests."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


@contextmanager
def _ignored_signals() -> Iterator[None]:
    """Keep the signals that end the server from ending the process with an error.

    Uvicorn ends on a signal and then raises it again for the handlers that were there before: these.
    """

    def ignore_signal(_number: int, _frame: FrameType | None) -> None:
        pass

    before = {number: signal.signal(number, ignore_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
