"""Recording one project only: where its hooks stand, and how that ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.setup_steps import our_hooks, register, unregister
from usage_dashboard.install import hook_entries, registration, settings_paths, setup_record
from usage_dashboard.install.client_events import EVERYTHING
from usage_dashboard.model.errors import UsageDashboardError

if TYPE_CHECKING:
    from tests.support.machine import Machine


class TestOneProject:
    def test_its_hooks_stand_in_its_local_settings_and_it_is_noted(self, machine: Machine) -> None:
        project = machine.project("p")
        (project / "src").mkdir()
        register(machine, project / "src")
        assert len(our_hooks(project / ".claude" / "settings.local.json")) == len(hook_entries.REGISTERED)
        assert not machine.settings.exists()
        assert setup_record.recorded_projects(str(machine.ledger)) == [str(project)]

    def test_two_projects_are_both_recorded(self, machine: Machine) -> None:
        projects = [machine.project(name) for name in ("p", "q")]
        for project in projects:
            register(machine, project)
        assert setup_record.recorded_projects(str(machine.ledger)) == [str(project) for project in projects]

    def test_it_is_refused_beside_hooks_for_every_project(self, machine: Machine) -> None:
        register(machine)
        with pytest.raises(UsageDashboardError, match="for every project") as raised:
            registration.plan_for_project(str(machine.ledger), EVERYTHING, str(machine.project("p")))
        assert "usage-dashboard uninstall" in raised.value.hint

    def test_uninstall_from_elsewhere_removes_them(self, machine: Machine) -> None:
        project = machine.project("p")
        register(machine, project)
        unregister(machine, machine.project("q"))
        assert not (project / ".claude" / "settings.local.json").exists()
        assert setup_record.recorded_projects(str(machine.ledger)) == []

    def test_setup_for_every_project_removes_them(self, machine: Machine) -> None:
        project = machine.project("p")
        register(machine, project)
        register(machine)
        assert not (project / ".claude" / "settings.local.json").exists()
        assert len(our_hooks(machine.settings)) == len(hook_entries.REGISTERED)
        assert setup_record.recorded_projects(str(machine.ledger)) == []

    def test_setup_again_keeps_the_scope_and_repairs_moved_paths(self, machine: Machine) -> None:
        project = machine.project("p")
        register(machine, project)
        assert registration.plan_update(str(machine.ledger), EVERYTHING).changes == []
        local = machine.write(
            hook_entries.add_hooks({}, machine.install(at="older")),
            project / ".claude" / "settings.local.json",
        )
        again = registration.plan_update(str(machine.ledger), EVERYTHING)
        assert [change.path for change in again.changes] == [str(local)]

    def test_setup_again_does_not_widen_to_all_when_every_recorded_project_is_gone(
        self, machine: Machine
    ) -> None:
        project = machine.project("p")
        register(machine, project)
        project.rename(machine.home / "moved")
        with pytest.raises(UsageDashboardError, match="is gone"):
            registration.plan_update(str(machine.ledger), EVERYTHING)


class TestProjectOfAFolder:
    def test_it_is_the_nearest_folder_with_git_or_claude(self, machine: Machine) -> None:
        outer = machine.project("outer")
        inner = outer / "inner"
        (inner / ".claude").mkdir(parents=True)
        (inner / "deep" / "er").mkdir(parents=True)
        assert settings_paths.project_of(str(inner / "deep" / "er")) == str(inner)
        assert settings_paths.project_of(str(outer)) == str(outer)

    def test_the_home_folder_is_not_a_project_of_what_lies_below(self, machine: Machine) -> None:
        machine.claude.mkdir()
        (machine.home / "loose").mkdir()
        assert settings_paths.project_of(str(machine.home / "loose")) == str(machine.home / "loose")
        assert settings_paths.project_of(str(machine.home)) == str(machine.home)
