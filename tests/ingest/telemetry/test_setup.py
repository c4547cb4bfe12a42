"""`setup --telemetry` and `uninstall` as a user runs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.install_command import run_command
from tests.support.machine import Machine
from tests.support.telemetry_process import background, free_port
from usage_dashboard.ingest.telemetry import health, state_file
from usage_dashboard.install import hook_entries, telemetry_settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(home: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.chdir(home)
    machine = Machine(home)
    machine.install_client("2.1.332")
    return machine


def settings(machine: Machine) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(machine.settings.read_text())
    return found


def setup(*words: str) -> str:
    done = run_command("setup", "--yes", *words)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


@pytest.mark.parametrize("before", [None, "{}", '{"model":"opus","env":{"FOO":"1"}}', '{\n\t"env": {}\n}\n'])
def test_it_is_switched_on_and_everything_is_restored(machine: Machine, before: str | None) -> None:
    if before is not None:
        machine.write(before)
    port = free_port()
    assert f"127.0.0.1:{port}" in setup("--telemetry", "--port", str(port))
    assert telemetry_settings.port_in(settings(machine)) == port
    assert hook_entries.registered_hooks(settings(machine))
    assert run_command("uninstall").returncode == 0
    assert (machine.settings.read_text() if machine.settings.exists() else None) == before


@pytest.mark.parametrize("order", [("hooks", "both"), ("both", "hooks"), ("both", "off"), ("both", "both")])
def test_in_any_order_everything_is_restored(machine: Machine, order: tuple[str, str]) -> None:
    before = '{"model":   "opus", "env": {}}'
    machine.write(before)
    port = free_port()
    words = {"hooks": "", "both": f"--telemetry --port {port}", "off": "--no-telemetry"}
    for step in order:
        setup(*words[step].split())
    assert telemetry_settings.port_in(settings(machine)) == (None if order[1] == "off" else port)
    assert hook_entries.registered_hooks(settings(machine))
    run_command("uninstall")
    assert machine.settings.read_text() == before


def test_twice_changes_nothing(machine: Machine) -> None:
    port = str(free_port())
    setup("--telemetry", "--port", port)
    first = machine.settings.read_bytes()
    setup("--telemetry")
    setup()
    assert machine.settings.read_bytes() == first


def test_it_stays_with_a_plugin(machine: Machine) -> None:
    before = {"enabledPlugins": {"usage-dashboard@market": True}}
    machine.write(before)
    setup("--telemetry", "--port", str(free_port()))
    assert telemetry_settings.our_variables(settings(machine))
    assert not hook_entries.registered_hooks(settings(machine))
    run_command("uninstall")
    assert settings(machine) == before


@pytest.mark.parametrize("where", ["settings", "environment"])
def test_telemetry_of_another_tool_is_left_alone(
    machine: Machine, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = json.dumps({"env": {"OTEL_METRICS_EXPORTER": "prometheus"} if where == "settings" else {}})
    machine.write(before)
    if where == "environment":
        monkeypatch.setenv("OTEL_LOGS_EXPORTER", "otlp")
    done = run_command("setup", "--telemetry", "--yes")
    assert done.returncode == 1
    assert "somebody else's" in done.stderr
    assert machine.settings.read_text() == before
    assert not machine.ledger.exists()


@pytest.mark.parametrize("words", ["--scope project --telemetry", "--scope project --port 5000"])
def test_a_project_cannot_have_it(machine: Machine, words: str) -> None:
    done = run_command("setup", "--yes", *words.split(), cwd=machine.project("shop"))
    assert done.returncode == 1
    assert "hint: usage-dashboard setup --scope user --telemetry" in done.stderr
    assert not machine.ledger.exists()


def test_a_dry_run_writes_nothing_and_shows_it(machine: Machine) -> None:
    done = run_command("setup", "--telemetry", "--dry-run", "--port", str(free_port()))
    assert '"OTEL_LOGS_EXPORTER": "otlp"' in done.stdout
    assert not machine.settings.exists()


def test_uninstall_stops_the_receiver_and_removes_its_state(machine: Machine) -> None:
    port = free_port()
    setup("--telemetry", "--port", str(port))
    with background(machine.ledger, port) as process:
        assert run_command("uninstall", "--purge", "--yes").returncode == 0
        assert process.wait(20) == 0
    assert health.find_receiver(str(machine.ledger), port) is None
    assert not machine.ledger.exists()
    assert state_file.read_state(str(machine.ledger))["port"] == 0


def test_doctor_reports_it(machine: Machine) -> None:
    port = free_port()
    setup("--telemetry", "--port", str(port))
    with background(machine.ledger, port):
        assert f"Telemetry is received on port {port}" in run_command("doctor").stdout
