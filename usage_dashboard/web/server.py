"""The one process: the page and its routes on 127.0.0.1, from the first request to a signal."""

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
from usage_dashboard.web.routes import USUAL, routes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

ADDRESS = "127.0.0.1"
PORTS_TRIED = 100
SCRIPT = os.path.join(os.path.dirname(__file__), "app.py")
END_SECONDS = 2
HIGHEST_PORT = 65_535


def listen(port: int) -> socket.socket:
    """A socket that listens on `port`, or on the next one after it that is free; 0: on any.

    Raises:
        UsageDashboardError: none is free.
    """
    for candidate in range(port, min(port + PORTS_TRIED, HIGHEST_PORT + 1)):
        found = socket.socket()
        if os.name == "posix":  # elsewhere it would share a port that is taken
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((ADDRESS, candidate))
            found.listen()
        except OSError:
            found.close()
            continue
        return found
    raise UsageDashboardError(f"No port from {port} on is free", hint="usage-dashboard ui --port 0")


def application(home: str, port: int) -> streamlit.App:
    """What answers on `port`: the page and the routes over the ledger in `home`, behind the guard."""
    load_config_options({**OPTIONS, **theme.OPTIONS, "server.port": port, "browser.serverPort": port})
    return streamlit.App(SCRIPT, routes=routes(cache.shared(home)), middleware=[Middleware(Guard, port=port)])


def serve(home: str, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Answer on the socket until Ctrl-C or SIGTERM; `ready` is called once it does."""
    app = application(home, listening.getsockname()[1])
    settings = uvicorn.Config(
        app, log_level="error", access_log=False, timeout_graceful_shutdown=END_SECONDS, ws_max_size=2**20
    )
    _warm_up(cache.shared(home))
    with closing(listening), _signals_are_no_faults():
        _Server(settings, ready).run(sockets=[listening])


OPTIONS: dict[str, object] = {
    "server.address": ADDRESS,
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.enableCORS": True,  # Streamlit's word for keeping other origins out
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


def _warm_up(over: cache.Ledger) -> None:
    """Read and draw once what the first page shows, and read all, so that nobody need wait for it."""
    with suppress(UsageDashboardError):  # the page says what is wrong
        reader = over.reader()
        charts.by_day(over.usage(reader, reader.window_named(USUAL)), reader).to_dict()
        over.usage(reader, reader.window_named("all"))
        charts.sparkline(over.recent(reader, {}), reader).to_dict()


class _Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


@contextmanager
def _signals_are_no_faults() -> Iterator[None]:
    """Uvicorn ends on a signal and then raises it once more, for handlers that were there before: these."""

    def ignore(_number: int, _frame: FrameType | None) -> None:
        pass

    before = {number: signal.signal(number, ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
