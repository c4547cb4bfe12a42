"""`usage-dashboard telemetry`: the receiver in the foreground, and its status."""

from __future__ import annotations

import json
import os
import signal
import socket
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.client.waiting import wait_until
from tests.support.telemetry_bodies import RECORDED
from tests.support.telemetry_process import background, free_port, post, running_command
from usage_dashboard.ingest.telemetry import health
from usage_dashboard.install import telemetry_settings

if TYPE_CHECKING:
    from pathlib import Path


def run(home: Path, *words: str) -> str:
    """The output of a command that succeeds."""
    with running_command(home, *words) as process:
        out, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    return out


def status(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(home, "telemetry", "status", "--json"))
    return found


@pytest.fixture
def set_up(home: Path) -> int:
    """The port that Claude Code's settings name for us."""
    port = free_port()
    (home / ".claude").mkdir()
    (home / ".claude" / "settings.json").write_text(json.dumps(telemetry_settings.add_telemetry({}, port)))
    return port


class TestServe:
    def test_it_receives_on_the_port_that_was_set_up_until_it_is_interrupted(
        self, ledger: Path, set_up: int
    ) -> None:
        with running_command(ledger, "telemetry", "serve") as process:
            wait_until(lambda: health.find_receiver(str(ledger), set_up), "the receiver to answer")
            assert post(set_up, RECORDED) == 200
            process.send_signal(signal.SIGINT)
            out, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")
        assert out.splitlines() == [
            f"Receiving on 127.0.0.1:{set_up}; Ctrl-C ends it",
            "Ended: API requests taken 4, bodies refused 0, records refused 0",
        ]

    def test_it_ends_when_idle(self, ledger: Path) -> None:
        assert "Ended" in run(ledger, "telemetry", "serve", "--port", "0", "--idle-minutes", "0.001")

    def test_a_second_one_says_so_and_ends(self, ledger: Path) -> None:
        port = free_port()
        with background(ledger, port):
            out = run(ledger, "telemetry", "serve", "--port", str(port))
        assert out == "A receiver for this ledger runs already\n"

    def test_a_port_in_use_is_reported_in_a_sentence(self, ledger: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = str(other.getsockname()[1])
            with running_command(ledger, "telemetry", "serve", "--port", port) as process:
                out, errors = process.communicate(timeout=30)
        assert (process.returncode, out) == (1, "")
        assert errors.startswith(f"Error: Port {port} is used by another program\nhint: usage-dashboard ")

    @pytest.mark.parametrize("words", [("--port", "65536"), ("--port", "x"), ("--idle-minutes", "0")])
    def test_a_wrong_option(self, words: tuple[str, ...], ledger: Path) -> None:
        with running_command(ledger, "telemetry", "serve", *words) as process:
            process.communicate(timeout=30)
        assert process.returncode == 2


class TestStatus:
    def test_off(self, ledger: Path) -> None:
        found = status(ledger)
        assert found["version"] == 1
        assert (found["port"], found["running"], found["pid"], found["since"]) == (None, False, None, None)
        assert (
            found["requests"] == found["refused_bodies"] == found["refused_records"] == found["dropped"] == 0
        )
        assert "Telemetry is off" in run(ledger, "telemetry", "status")
        assert not ledger.exists()

    def test_running(self, ledger: Path, set_up: int) -> None:
        with background(ledger, set_up) as process:
            post(set_up, RECORDED)
            post(set_up, b"nonsense")
            wait_until(lambda: status(ledger)["requests"] == 4, "four requests to be counted")
            found = status(ledger)
            text = run(ledger, "telemetry", "status")
        assert (found["running"], found["pid"], found["port"]) == (True, process.pid, set_up)
        assert found["since"].endswith("Z")
        assert found["refused_bodies"] == 1
        assert f"127.0.0.1:{set_up}" in text
        assert "API requests taken 4, bodies refused 1, records refused 0" in text

    def test_ended(self, ledger: Path, set_up: int) -> None:
        with background(ledger, set_up) as process:
            post(set_up, RECORDED)
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        found = status(ledger)
        assert (found["running"], found["pid"], found["requests"]) == (False, None, 4)
        assert "the next session starts one" in run(ledger, "telemetry", "status")


@pytest.mark.skipif(os.name == "nt", reason="a POSIX signal")
def test_a_receiver_that_hangs_does_not_count_as_running(ledger: Path) -> None:
    port = free_port()
    with background(ledger, port) as process:
        os.kill(process.pid, signal.SIGSTOP)
        try:
            assert status(ledger)["running"] is False
        finally:
            os.kill(process.pid, signal.SIGCONT)
