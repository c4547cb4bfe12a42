"""Doctor reports whether the status line is ours, and which other one is shown instead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.doctor_findings import examine_machine, only_problem, problems
from usage_dashboard.install import command_line, statusline_entry

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine

THEIRS = {"type": "command", "command": "my-line"}


@pytest.fixture(autouse=True)
def _registered(machine: Machine) -> None:
    """Hooks and status line of a package that works."""
    machine.write(machine.registered())


def put(machine: Machine, value: object) -> None:
    """Replace our status line by `value`; remove it if None."""
    settings = json.loads(machine.settings.read_text())
    del settings[statusline_entry.NAME]
    machine.write(settings if value is None else {**settings, statusline_entry.NAME: value})


def script(machine: Machine) -> Path:
    return machine.home / "package" / "usage_dashboard" / "hooks" / command_line.STATUSLINE


def test_it_is_registered_and_its_script_ran(machine: Machine) -> None:
    messages = [finding.message for finding in examine_machine(machine)]
    assert f"The status line is registered in `{machine.settings}`" in messages
    assert any("`statusline.py` ran in" in message for message in messages)


def test_it_is_missing(machine: Machine) -> None:
    put(machine, None)
    finding = only_problem(machine)
    assert (finding.level, finding.check, finding.hint) == ("warning", "statusline", "usage-dashboard setup")
    assert "missing" in finding.message


def test_beside_a_plugin_a_missing_one_is_reported_too(machine: Machine) -> None:
    machine.write({"enabledPlugins": {"usage-dashboard@market": True}})
    assert "missing" in only_problem(machine).message


def test_another_is_in_its_place(machine: Machine) -> None:
    put(machine, THEIRS)
    finding = only_problem(machine)
    assert (finding.level, finding.check, finding.hint) == ("warning", "statusline", "usage-dashboard setup")
    assert "Another status line" in finding.message


def test_for_one_that_setup_cannot_run_there_is_another_way(machine: Machine) -> None:
    put(machine, {"type": "other"})
    assert only_problem(machine).hint == "usage-dashboard limits --refresh"


@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
def test_a_project_shows_its_own(name: str, machine: Machine) -> None:
    project = machine.project("p")
    path = machine.write({statusline_entry.NAME: THEIRS}, project / ".claude" / name)
    finding = only_problem(machine, project)
    assert (finding.level, finding.check) == ("warning", "statusline")
    assert str(path) in finding.message
    assert problems(examine_machine(machine)) == []


def test_the_administrator_shows_another(machine: Machine) -> None:
    assert "managed-settings.json" in only_problem(machine, managed={statusline_entry.NAME: THEIRS}).message


def test_one_of_a_project_below_ours_hides_nothing(machine: Machine) -> None:
    project = machine.project("p")
    machine.write(machine.settings.read_text(), project / ".claude" / "settings.local.json")
    machine.settings.unlink()
    machine.write({statusline_entry.NAME: THEIRS}, project / ".claude" / "settings.json")
    machine.write({"projects": [str(project)]}, machine.ledger / "config.json")
    machine.ledger.chmod(0o700)
    assert problems(examine_machine(machine)) == []


def test_its_script_is_gone(machine: Machine) -> None:
    script(machine).unlink()
    finding = only_problem(machine)
    assert (finding.level, finding.check, finding.hint) == ("problem", "hook", "usage-dashboard setup")


def test_it_may_print_text_but_has_to_end_well(machine: Machine) -> None:
    script(machine).write_text("print('12 %')")
    assert problems(examine_machine(machine)) == []
    script(machine).write_text("raise SystemExit(1)")
    assert "exit code 1" in only_problem(machine).message


def test_examining_does_not_run_the_users_own(machine: Machine) -> None:
    put(machine, {"type": "command", "command": f"touch {machine.home}/ran"})
    hook = command_line.HookCommand(command_line.base_interpreter(), str(script(machine)), None)
    machine.write(statusline_entry.add_statusline(json.loads(machine.settings.read_text()), hook))
    assert problems(examine_machine(machine)) == []
    assert not (machine.home / "ran").exists()
