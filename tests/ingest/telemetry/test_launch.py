"""A hook starts the receiver when telemetry is on and none runs, and otherwise costs nothing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.client.waiting import wait_until
from tests.support.ledger_rows import rows
from tests.support.telemetry_bodies import RECORDED
from tests.support.telemetry_process import PACKAGE, PYTHON, background, free_port, kill, post
from usage_dashboard.ingest.telemetry import health as probe
from usage_dashboard.ingest.telemetry import launch, state_file
from usage_dashboard.store import fault_log

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nothing is started without posix_spawn")


def asked(home: Path, port: str | int = "", **env: str) -> dict[str, Any]:
    """What a hook's process reports after ensuring that a receiver runs."""
    code = (
        "import os, sys; sys.path.append(sys.argv[1]); before = set(sys.modules)\n"
        "from usage_dashboard.ingest.telemetry import launch as start\n"
        "started = start.ensure_running(sys.argv[2])\n"
        "loaded = sorted(set(sys.modules) - before)\n"
        "import json; print(json.dumps([started, loaded]))"
    )
    home.mkdir(mode=0o700, exist_ok=True)
    done = subprocess.run(
        [PYTHON, "-I", "-S", "-c", code, str(PACKAGE.parent), str(home)],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
        env={"HOME": str(home), launch.VARIABLE: str(port), **env},
        cwd=home,
    )
    started, modules = json.loads(done.stdout)
    return {"started": started, "modules": modules}


def test_nothing_happens_while_telemetry_is_off(ledger: Path) -> None:
    found = asked(ledger)
    assert found["started"] is False
    assert list(ledger.iterdir()) == []


def test_a_hook_loads_nothing_for_it(ledger: Path) -> None:
    foreign = [name for name in asked(ledger)["modules"] if not name.startswith("usage_dashboard")]
    assert set(foreign) <= {"__future__"}


def test_one_is_started_and_outlives_the_hook(ledger: Path) -> None:
    port = free_port()
    assert asked(ledger, port, ANTHROPIC_API_KEY="k7canaryq3")["started"] is True
    health = wait_until(lambda: probe.find_receiver(str(ledger), port), "the receiver to answer")
    try:
        process = health["pid"]
        assert isinstance(process, int)
        if sys.platform.startswith("linux"):
            assert b"k7canaryq3" not in Path(f"/proc/{process}/environ").read_bytes()
            assert Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[1:3] == [b"-I", b"-S"]
            assert os.path.samefile(f"/proc/{process}/cwd", ledger)
        assert os.getsid(process) == process, "a signal for the client's terminal would reach it"
        assert asked(ledger, port)["started"] is False
    finally:
        kill(health)


def test_it_listens_as_soon_as_the_hook_has_ended(ledger: Path) -> None:
    port = free_port()
    assert asked(ledger, port)["started"] is True
    assert post(port, RECORDED) == 200
    wait_until(lambda: state_file.read_state(str(ledger))["pid"], "the receiver to have begun")
    assert probe.stop_receiver(str(ledger))
    assert rows(ledger, "SELECT COUNT(*) FROM response") == [(4,)]


def test_of_many_hooks_at_once_one_starts_it(ledger: Path) -> None:
    port = free_port()
    with ThreadPoolExecutor(6) as hooks:
        started = list(hooks.map(lambda _: asked(ledger, port)["started"], range(6)))
    kill(wait_until(lambda: probe.find_receiver(str(ledger), port), "the receiver to answer"))
    assert sorted(started) == [False] * 5 + [True]
    assert fault_log.read_faults(str(ledger)) == []


def test_a_ledger_named_by_a_relative_path_is_found(ledger: Path) -> None:
    port = free_port()
    code = (
        "import os, sys; sys.path.append(sys.argv[1])\n"
        "from usage_dashboard.ingest.telemetry import launch as start; start.ensure_running('ledger')"
    )
    (ledger / "ledger").mkdir(parents=True)
    env = {launch.VARIABLE: str(port), "HOME": str(ledger)}
    subprocess.run([PYTHON, "-c", code, str(PACKAGE.parent)], cwd=ledger, env=env, timeout=20, check=True)
    home = str(ledger / "ledger")
    kill(wait_until(lambda: probe.find_receiver(home, port), "the receiver to answer"))


def test_one_that_has_ended_is_started_again(ledger: Path) -> None:
    port = free_port()
    for _ in range(2):
        assert asked(ledger, port)["started"] is True
        assert post(port, RECORDED) == 200
        wait_until(lambda: state_file.read_state(str(ledger))["pid"], "the receiver to have begun")
        assert probe.stop_receiver(str(ledger))
    assert state_file.read_state(str(ledger))["requests"] == 8
    assert rows(ledger, "SELECT COUNT(*) FROM response") == [(4,)]


def test_none_is_started_if_one_runs(ledger: Path) -> None:
    port = free_port()
    with background(ledger, port):
        assert asked(ledger, port)["started"] is False


def test_none_is_started_if_another_program_listens(ledger: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert asked(ledger, other.getsockname()[1])["started"] is False


@pytest.mark.parametrize("text", ["", "x", "0", "-1", "65536", "9" * 40, "4327 4328", "4327\n", "٣", "1e3"])
def test_a_value_that_is_not_a_port_starts_nothing(
    text: str, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(launch.VARIABLE, text)
    assert launch.ensure_running(str(ledger)) is False
    assert not ledger.exists()
