"""`usage-dashboard ui` as a process: its address, its port, its end."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import recent_usage
from tests.support.browser import corrupt, dashboard
from tests.support.telemetry_process import free_port

if TYPE_CHECKING:
    from tests.support.browser import Dashboard


def status(shown: Dashboard, path: str = "/usage", **headers: str) -> int:
    place = shown.address.removeprefix("http://")
    connection = http.client.HTTPConnection(place, timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(project: Path, number: int) -> None:
    recent_usage.write_sessions(project)
    with dashboard() as shown:
        assert status(shown) == 200
        assert shown.end(number) == (0, "")


def test_it_listens_on_this_machine_alone_and_serves_the_page_and_its_parts(project: Path) -> None:
    with dashboard() as shown:
        assert shown.address.startswith("http://127.0.0.1:")
        assert [status(shown, path) for path in ("/", "/favicon.png", "/_stcore/health")] == [200] * 3
        assert status(shown, "/", Host="example.com") == 403
        assert status(shown, "/anything") == 404


def test_a_port_in_use_gives_the_next_free_one_and_says_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        with dashboard("--port", str(port)) as shown:
            assert shown.said[0] == f"Port {port} is taken"
            assert int(shown.address.rpartition(":")[2]) > port
            assert status(shown) == 200


def test_a_free_port_is_used_as_asked() -> None:
    port = free_port()
    with dashboard("--port", str(port)) as shown:
        assert shown.said == [f"Showing usage on http://127.0.0.1:{port}; Ctrl-C ends it"]


def test_a_ledger_that_cannot_be_read_does_not_keep_it_from_starting(ledger: Path, project: Path) -> None:
    corrupt(ledger)
    with dashboard() as shown:
        assert status(shown, "/") == 200
        assert status(shown) == 503


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    start = (
        "import importlib.util, sys\n"
        "found = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'streamlit' else found(name, *rest)\n"
        "from usage_dashboard.cli.start import main\n"
        "sys.argv = ['usage-dashboard', 'ui']\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", start], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "Error: The page needs more than is installed: Streamlit, in the extra `ui`",
        "hint: pipx install --force '.[ui]'",
    ]
