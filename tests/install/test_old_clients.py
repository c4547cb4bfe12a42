"""`setup` and `doctor` on a machine with an old client: the user's settings stay in force there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.doctor_findings import examine_machine, only_problem, problems
from tests.support.install_command import run_command
from tests.support.setup_steps import our_hooks
from usage_dashboard.install import hook_entries

if TYPE_CHECKING:
    from tests.support.machine import Machine

OWN = {"model": "haiku", "permissions": {"deny": ["Bash"]}}
ALL = {event for event, _ in hook_entries.REGISTERED}


def registered(machine: Machine) -> set[str]:
    return {hook.event for hook in our_hooks(machine.settings)}


@pytest.mark.parametrize(
    ("version", "lacking"),
    [("2.0.76", {"PostToolBatch", "StopFailure"}), ("2.1.87", {"PostToolBatch"}), ("2.1.101", set())],
)
def test_setup_registers_only_what_every_client_knows(
    version: str, lacking: set[str], machine: Machine
) -> None:
    machine.write(OWN)
    machine.install_client(version)
    done = run_command("setup", "--yes")
    assert done.returncode == 0
    assert registered(machine) == ALL - lacking
    assert (version in done.stdout) == bool(lacking)
    assert all(event in done.stdout for event in lacking)


def test_an_old_client_gets_no_field_that_it_does_not_know(machine: Machine) -> None:
    machine.install_client("2.0.76")
    run_command("setup", "--yes")
    text = machine.settings.read_text()
    assert "async" not in text
    assert "refreshInterval" not in text


def test_without_a_client_setup_says_so_and_keeps_to_what_1_0_knows(machine: Machine) -> None:
    done = run_command("setup", "--yes", PATH="/usr/bin:/bin")
    assert registered(machine) == ALL - {"PostToolBatch", "StopFailure", "PostToolUseFailure"}
    assert "No Claude Code client was found" in done.stdout
    assert "hint: usage-dashboard config set claude.path" in done.stderr
    assert json.loads(machine.settings.read_text())["statusLine"]["refreshInterval"] == 60


def test_doctor_agrees_with_setup_whatever_is_installed(machine: Machine) -> None:
    for version in ("2.1.90", "2.0.76", "1.0.128"):
        client = machine.install_client(version)
        run_command("setup", "--yes")
        assert problems(examine_machine(machine)) == []
        client.unlink()


def test_too_many_events_for_one_client_are_a_problem_with_the_command_that_mends_it(
    machine: Machine,
) -> None:
    run_command("setup", "--yes")
    machine.install_client("2.1.87")
    problem = only_problem(machine)
    assert (problem.level, problem.check, problem.hint) == ("problem", "client", "usage-dashboard setup")
    assert "2.1.87" in problem.message
    assert "`PostToolBatch`" in problem.message
    assert run_command("setup", "--yes").returncode == 0
    assert problems(examine_machine(machine)) == []


def test_an_upgrade_offers_the_rest(machine: Machine) -> None:
    client = machine.install_client("2.1.87")
    run_command("setup", "--yes")
    client.unlink()
    offer = only_problem(machine)
    assert (offer.level, offer.check, offer.hint) == ("warning", "hooks", "usage-dashboard setup")
    assert "`PostToolBatch`" in offer.message
    run_command("setup", "--yes")
    assert registered(machine) == ALL


def test_events_of_an_earlier_setup_are_doubted_where_no_client_is_found(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_command("setup", "--yes")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    doubt = only_problem(machine)
    assert (doubt.level, doubt.check) == ("warning", "client")
    assert "before 2.1.101" in doubt.message
