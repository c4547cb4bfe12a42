"""What `doctor` finds of policies, wherever their files lie, and of transcripts switched off."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.doctor_findings import examine_machine, only_problem, problems
from tests.support.install_command import run_command

if TYPE_CHECKING:
    from tests.support.machine import Machine

SKIP = "CLAUDE_CODE_SKIP_PROMPT_HISTORY"


@pytest.fixture(autouse=True)
def registered(machine: Machine) -> None:
    """Everything is as it should be, apart from what a test adds."""
    machine.write(machine.registered())


def edit(machine: Machine, **values: object) -> None:
    machine.write(json.loads(machine.settings.read_text()) | values)


def drop_in(machine: Machine, name: str, value: object) -> None:
    machine.write(value, machine.home / "managed-settings.d" / name)


class TestPolicy:
    @pytest.mark.parametrize(
        "value",
        [
            {"allowManagedHooksOnly": True},
            {"disableAllHooks": True},
            {"strictPluginOnlyCustomization": True},
            {"strictPluginOnlyCustomization": ["skills", "hooks"]},
        ],
    )
    @pytest.mark.parametrize("with_base", [False, True])
    def test_a_drop_in_counts_with_and_without_the_base_file(
        self, value: object, with_base: bool, machine: Machine
    ) -> None:
        drop_in(machine, "10-hooks.json", value)
        problem = only_problem(machine, managed={"model": "opus"} if with_base else None)
        assert (problem.level, problem.check) == ("problem", "switched-off")
        assert "managed-settings.d/10-hooks.json" in problem.message

    def test_the_last_drop_in_decides(self, machine: Machine) -> None:
        drop_in(machine, "20-off.json", {"allowManagedHooksOnly": False})
        assert problems(examine_machine(machine, managed={"allowManagedHooksOnly": True})) == []
        drop_in(machine, "30-on.json", {"allowManagedHooksOnly": True})
        assert "30-on.json" in only_problem(machine, managed={"allowManagedHooksOnly": True}).message

    @pytest.mark.parametrize("name", [".10-hidden.json", "10-note.txt", "10.json.bak"])
    def test_files_that_the_client_passes_over_are_none(self, name: str, machine: Machine) -> None:
        drop_in(machine, name, {"disableAllHooks": True})
        assert problems(examine_machine(machine)) == []

    def test_what_the_organization_sent_takes_the_place_of_files(self, machine: Machine) -> None:
        machine.write({"allowManagedHooksOnly": True}, machine.claude / "remote-settings.json")
        problem = only_problem(machine, managed={"allowManagedHooksOnly": False})
        assert "remote-settings.json" in problem.message

    def test_hooks_that_the_administrator_allows_run_whatever_the_user_set(self, machine: Machine) -> None:
        edit(machine, disableAllHooks=True)
        assert problems(examine_machine(machine, managed={"disableAllHooks": False})) == []

    def test_hooks_in_the_administrators_own_file_are_not_locked_out(self, machine: Machine) -> None:
        drop_in(machine, "10-ours.json", machine.registered() | {"allowManagedHooksOnly": True})
        assert "switched-off" not in [finding.check for finding in examine_machine(machine)]

    def test_a_lock_on_other_parts_leaves_hooks_alone(self, machine: Machine) -> None:
        drop_in(machine, "10-skills.json", {"strictPluginOnlyCustomization": ["skills", "mcp"]})
        assert problems(examine_machine(machine)) == []

    def test_a_damaged_drop_in_is_named(self, machine: Machine) -> None:
        drop_in(machine, "10-hooks.json", "{")
        assert "10-hooks.json" in only_problem(machine).message


class TestTranscriptsSwitchedOff:
    @pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes", "on"])
    def test_by_the_user(self, value: str, machine: Machine) -> None:
        edit(machine, env={SKIP: value})
        problem = only_problem(machine)
        assert (problem.level, problem.hint) == ("problem", "usage-dashboard setup --telemetry")
        assert SKIP in problem.message
        assert str(machine.settings) in problem.message

    @pytest.mark.parametrize("value", ["0", "false", "", "no", "2"])
    def test_values_that_the_client_takes_for_off(self, value: str, machine: Machine) -> None:
        edit(machine, env={SKIP: value})
        assert problems(examine_machine(machine)) == []

    @pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
    def test_by_a_project(self, name: str, machine: Machine) -> None:
        project = machine.project("p")
        path = machine.write({"env": {SKIP: "1"}}, project / ".claude" / name)
        assert str(path) in only_problem(machine, project).message

    def test_by_settings_for_the_home_folder_itself(self, machine: Machine) -> None:
        path = machine.write({"env": {SKIP: "1"}}, machine.claude / "settings.local.json")
        assert str(path) in only_problem(machine, machine.project("p")).message

    def test_by_the_administrator(self, machine: Machine) -> None:
        drop_in(machine, "10-privacy.json", {"env": {SKIP: "1"}})
        assert "10-privacy.json" in only_problem(machine).message

    def test_the_administrator_can_keep_them_on(self, machine: Machine) -> None:
        edit(machine, env={SKIP: "1"})
        assert problems(examine_machine(machine, managed={"env": {SKIP: "0"}})) == []

    def test_by_the_shell(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(SKIP, "true")
        assert "this shell" in only_problem(machine).message
        edit(machine, env={SKIP: "0"})
        assert problems(examine_machine(machine)) == []

    def test_days_of_zero_switch_them_off_or_cost_the_whole_file(self, machine: Machine) -> None:
        edit(machine, cleanupPeriodDays=0)
        assert "cleanupPeriodDays" in only_problem(machine).message
        edit(machine, cleanupPeriodDays=30)
        assert problems(examine_machine(machine)) == []

    def test_telemetry_counts_them_anyway(self, machine: Machine) -> None:
        assert run_command("setup", "--telemetry", "--port", "45999", "--yes").returncode == 0
        settings = json.loads(machine.settings.read_text())
        edit(machine, env={**settings["env"], SKIP: "1"})
        [finding] = [finding for finding in examine_machine(machine) if finding.check == "unwritten"]
        assert finding.level == "ok"

    def test_setup_says_so_and_offers_telemetry(self, machine: Machine) -> None:
        edit(machine, env={SKIP: "1"})
        done = run_command("setup", "--yes")
        assert SKIP in done.stderr
        assert "hint: usage-dashboard setup --telemetry" in done.stderr
