"""The receiver's life: one per ledger, counted, with an orderly end, and never in the way."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.client.waiting import wait_until
from tests.support.ledger_rows import rows
from tests.support.telemetry_bodies import RECORDED, packed, record
from tests.support.telemetry_process import background, command, free_port, post, state
from usage_dashboard.ingest.telemetry import health as probe
from usage_dashboard.ingest.telemetry import state_file
from usage_dashboard.ingest.telemetry.run import PortTakenError, run_receiver
from usage_dashboard.store import fault_log
from usage_dashboard.store.connection import open_writer, transaction

if TYPE_CHECKING:
    from pathlib import Path


def clock() -> int:
    return 1_795_341_600_000_000


def types(home: Path) -> list[str]:
    """The types of the faults that were noted."""
    return [line.split()[2] for line in fault_log.read_faults(str(home))]


def test_what_is_sent_reaches_the_ledger(ledger: Path) -> None:
    port = free_port()
    with background(ledger, port):
        assert post(port, RECORDED) == 200
        wait_until(
            lambda: (probe.find_receiver(str(ledger), port) or {}).get("requests") == 4,
            "four requests to be written",
        )
        found = rows(ledger, "SELECT SUM(output), SUM(calls) FROM response")
    assert found == [(307 + 314 + 321 + 321, 4)]


def test_it_runs_without_site_packages_and_prints_nothing(ledger: Path) -> None:
    port = free_port()
    with background(ledger, port) as process:
        post(port, b"nonsense")
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=20) == (b"", b"")
        assert process.returncode == 0


def test_it_ends_when_nobody_sends_anything(ledger: Path) -> None:
    begun = time.monotonic()
    assert run_receiver(str(ledger), 0, clock, idle_seconds=0.05)
    assert time.monotonic() - begun < 10
    assert state(ledger)["pid"] == 0


class TestFile:
    def test_only_its_owner_can_read_where_the_receiver_runs(self, ledger: Path) -> None:
        port = free_port()
        with background(ledger, port) as process:
            found = state(ledger)
            assert (found["pid"], found["port"]) == (process.pid, port)
            assert stat.S_IMODE(os.stat(state_file.state_path(str(ledger))).st_mode) == 0o600

    def test_counts_continue_from_run_to_run_and_faults_are_noted(self, ledger: Path) -> None:
        for run in (1, 2):
            port = free_port()
            with background(ledger, port) as process:
                post(port, packed(record(f"req_{run}"), record(f"req_bad_{run}", output_tokens=-1)))
                post(port, b"nonsense k7canaryq3")
                post(port, RECORDED, "/elsewhere")
                process.send_signal(signal.SIGTERM)
                process.wait(20)
        found = state(ledger)
        assert (found["pid"], found["requests"]) == (0, 2)
        assert (found["refused_bodies"], found["refused_records"], found["dropped"]) == (4, 2, 0)
        assert sorted(set(types(ledger))) == ["RefusedBody", "RefusedRecord"]
        assert all("k7canaryq3" not in line for line in fault_log.read_faults(str(ledger)))

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"port": "x", "pid": -3, "requests": true}', "\0" * 50])
    def test_a_damaged_file_is_rewritten(self, text: str, ledger: Path) -> None:
        ledger.mkdir()
        (ledger / "telemetry.json").write_text(text)
        assert state(ledger) == dict.fromkeys(state_file.NUMBERS, 0)
        assert run_receiver(str(ledger), 0, clock, idle_seconds=0.05)
        assert state(ledger)["since_us"] == clock()

    def test_removing_it_resets_the_counts(self, ledger: Path) -> None:
        assert run_receiver(str(ledger), 0, clock, idle_seconds=0.05)
        for _ in range(2):
            state_file.remove_state(str(ledger))
        assert state(ledger)["since_us"] == 0


class TestSecond:
    def test_a_second_one_finds_the_first_and_ends_at_once(self, ledger: Path) -> None:
        port = free_port()
        with background(ledger, port) as first:
            assert subprocess.run(command(ledger, port), timeout=20, check=False).returncode == 0
            assert not run_receiver(str(ledger), port, clock)
            assert not run_receiver(str(ledger), free_port(), clock)
            assert first.poll() is None
        assert types(ledger) == []

    def test_one_of_many_started_at_once_remains(self, ledger: Path) -> None:
        port = free_port()
        ledger.mkdir(mode=0o700)
        processes = [subprocess.Popen(command(ledger, port)) for _ in range(6)]
        try:
            wait_until(lambda: sum(process.poll() is None for process in processes) == 1, "one to be left")
            (left,) = [process for process in processes if process.poll() is None]
            assert probe.find_receiver(str(ledger), port)["pid"] == left.pid  # type: ignore[index]
            assert [process.returncode for process in processes if process is not left] == [0] * 5
        finally:
            for process in processes:
                process.kill()
                process.wait()
        assert types(ledger) == []

    def test_a_killed_one_does_not_count_as_running(self, ledger: Path) -> None:
        port = free_port()
        with background(ledger, port) as process:
            process.kill()
            process.wait()
            assert state(ledger)["pid"] == process.pid
            assert probe.find_receiver(str(ledger), port) is None
        with background(ledger, port):
            assert post(port, RECORDED) == 200


class TestPortOfAnotherProgram:
    def test_in_the_background_it_is_only_noted(self, ledger: Path) -> None:
        ledger.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as other:
            begun = subprocess.run(
                command(ledger, other.getsockname()[1]), capture_output=True, timeout=30, check=False
            )
        assert (begun.returncode, begun.stdout, begun.stderr) == (0, b"", b"")
        assert types(ledger) == ["PortTakenError"]

    def test_the_receiver_of_another_ledger_is_somebody_else(self, ledger: Path, tmp_path: Path) -> None:
        port = free_port()
        with background(tmp_path / "other", port), pytest.raises(PortTakenError) as refused:
            run_receiver(str(ledger), port, clock)
        assert "--port" in refused.value.hint


class TestLockedLedger:
    def test_the_client_does_not_wait_and_nothing_is_lost(self, ledger: Path) -> None:
        port = free_port()
        with background(ledger, port):
            db = open_writer(str(ledger))
            with transaction(db):
                begun = time.monotonic()
                assert [post(port, packed(record(f"req_{number}"))) for number in range(20)] == [200] * 20
                assert time.monotonic() - begun < 1, "the ledger's lock held the client up"
                health = probe.find_receiver(str(ledger), port)
                assert health is not None
                assert (health["requests"], health["waiting"]) == (0, 20)
            db.close()
            wait_until(lambda: probe.find_receiver(str(ledger), port)["requests"] == 20, "all to be written")  # type: ignore[index]
            assert rows(ledger, "SELECT COUNT(*) FROM response") == [(20,)]


class TestEnd:
    def test_what_waits_is_written_before_it_ends(self, ledger: Path) -> None:
        port = free_port()
        with background(ledger, port) as process:
            post(port, RECORDED)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        assert rows(ledger, "SELECT COUNT(*) FROM response") == [(4,)]

    def test_it_can_be_ended_from_outside(self, ledger: Path) -> None:
        port = free_port()
        with background(ledger, port) as process:
            assert probe.stop_receiver(str(ledger))
            assert process.wait(20) == 0
        assert probe.stop_receiver(str(ledger))

    def test_removing_the_ledger_ends_it_and_the_ledger_is_not_made_again(self, ledger: Path) -> None:
        port = free_port()
        with background(ledger, port) as process:
            for path in ledger.iterdir():
                path.unlink()
            ledger.rmdir()
            with contextlib.suppress(ConnectionError):  # it may have ended already
                post(port, RECORDED)
            assert process.wait(20) == 0
        assert not ledger.exists()
