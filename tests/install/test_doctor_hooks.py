"""Doctor finds each way in which Claude Code does not run our hooks, and names the fix."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.doctor_findings import examine_machine, only_problem, problems
from tests.support.machine import TRACE, Machine, program
from usage_dashboard.install import command_line, hook_entries, statusline_entry

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def entries(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hooks and status line of a package that works, registered for the user."""
    monkeypatch.setenv("TRACE", str(machine.home / "trace"))
    machine.write(machine.registered(TRACE, before={"model": "opus"}))


def edited(machine: Machine, **changes: object) -> None:
    machine.write({**json.loads(machine.settings.read_text()), **changes})


@pytest.mark.usefixtures("entries")
class TestRegistered:
    def test_nothing_is_wrong_and_each_hook_ran_once_on_an_empty_event(self, machine: Machine) -> None:
        assert problems(examine_machine(machine)) == []
        assert (machine.home / "trace").read_text() == "{}\n" * len(command_line.SCRIPTS)

    def test_no_hooks(self, machine: Machine) -> None:
        machine.settings.unlink()
        finding = only_problem(machine)
        assert (finding.level, finding.hint) == ("problem", "usage-dashboard setup")
        assert str(machine.settings) in finding.message

    def test_some_events_missing(self, machine: Machine) -> None:
        value = json.loads(machine.settings.read_text())
        del value["hooks"]["Stop"], value["hooks"]["PreToolUse"]
        machine.write(value)
        finding = only_problem(machine)
        assert finding.level == "problem"
        assert "`PreToolUse` (alert.py)" in finding.message
        assert "`Stop` (counter.py)" in finding.message

    def test_one_script_of_an_event_missing(self, machine: Machine) -> None:
        value = json.loads(machine.settings.read_text())
        del value["hooks"]["SessionStart"][1]
        machine.write(value)
        assert "The hooks for `SessionStart` (alert.py) are missing" in only_problem(machine).message

    def test_registered_in_another_folder_than_claude_config_dir(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(machine.home / "elsewhere"))
        finding = only_problem(machine)
        assert finding.level == "problem"
        assert "CLAUDE_CONFIG_DIR" in finding.message
        assert str(machine.settings) in finding.message

    def test_settings_that_cannot_be_parsed(self, machine: Machine) -> None:
        machine.write("{")
        finding = only_problem(machine)
        assert (finding.level, finding.check) == ("problem", "settings")

    def test_a_matcher_that_narrows_us(self, machine: Machine) -> None:
        value = json.loads(machine.settings.read_text())
        value["hooks"]["PostToolUse"][0]["matcher"] = "Bash"
        machine.write(value)
        finding = only_problem(machine)
        assert (finding.level, finding.check) == ("warning", "matcher")

    def test_a_line_for_another_ledger(self, machine: Machine) -> None:
        moved = "export USAGE_DASHBOARD_HOME=/data/other; [ -x"
        machine.write(machine.settings.read_text().replace("[ -x", moved))
        finding = only_problem(machine)
        assert (finding.level, finding.check) == ("problem", "other-ledger")
        assert "/data/other" in finding.message


@pytest.mark.usefixtures("entries")
class TestTwice:
    def test_in_one_file(self, machine: Machine) -> None:
        value = json.loads(machine.settings.read_text())
        value["hooks"]["Stop"] *= 2
        machine.write(value)
        assert (only_problem(machine).level, only_problem(machine).check) == ("warning", "twice")

    @pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
    def test_in_the_user_settings_and_those_of_the_project(self, name: str, machine: Machine) -> None:
        project = machine.project("p")
        local = machine.write(json.loads(machine.settings.read_text()), project / ".claude" / name)
        finding = only_problem(machine, project)
        assert (finding.level, finding.check) == ("warning", "twice")
        assert str(local) in finding.message
        assert problems(examine_machine(machine)) == []

    def test_in_both_settings_of_one_project(self, machine: Machine) -> None:
        project = machine.project("p")
        text = machine.settings.read_text()
        machine.settings.unlink()
        for name in ("settings.json", "settings.local.json"):
            machine.write(text, project / ".claude" / name)
        assert "twice" in [finding.check for finding in problems(examine_machine(machine, project))]

    @pytest.mark.parametrize("of_project", [False, True])
    def test_in_settings_and_a_plugin(self, of_project: bool, machine: Machine) -> None:
        project = machine.project("p")
        enabled = {"usage-dashboard@market": True}
        if of_project:
            machine.write({"enabledPlugins": enabled}, project / ".claude" / "settings.json")
        else:
            edited(machine, enabledPlugins=enabled)
        finding = only_problem(machine, project)
        assert (finding.level, finding.check) == ("warning", "twice")
        assert finding.hint == "usage-dashboard uninstall"

    def test_a_plugin_and_our_status_line_are_right(self, machine: Machine) -> None:
        shown = json.loads(machine.settings.read_text())[statusline_entry.NAME]
        machine.write({"enabledPlugins": {"usage-dashboard@market": True}, statusline_entry.NAME: shown})
        assert problems(examine_machine(machine)) == []

    def test_one_file_reached_by_two_names_is_once(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (machine.home / "alias").symlink_to(machine.claude)
        monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(machine.home / "alias"))
        assert problems(examine_machine(machine)) == []


@pytest.mark.usefixtures("entries")
class TestSwitchedOff:
    def test_by_the_user(self, machine: Machine) -> None:
        edited(machine, disableAllHooks=True)
        assert (only_problem(machine).level, only_problem(machine).check) == ("problem", "switched-off")

    @pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
    def test_by_the_project(self, name: str, machine: Machine) -> None:
        project = machine.project("p")
        path = machine.write({"disableAllHooks": True}, project / ".claude" / name)
        assert str(path) in only_problem(machine, project).message

    @pytest.mark.parametrize("name", ["disableAllHooks", "allowManagedHooksOnly"])
    def test_by_the_administrator(self, name: str, machine: Machine) -> None:
        finding = only_problem(machine, managed={name: True})
        assert (finding.level, finding.check) == ("problem", "switched-off")
        assert "managed-settings.json" in finding.message

    def test_by_the_environment(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("USAGE_DASHBOARD_DISABLE", "1")
        finding = only_problem(machine)
        assert (finding.check, finding.hint) == ("disabled", "unset USAGE_DASHBOARD_DISABLE")

    def test_by_the_environment_that_settings_give(self, machine: Machine) -> None:
        edited(machine, env={"USAGE_DASHBOARD_DISABLE": "1"})
        assert (only_problem(machine).level, only_problem(machine).check) == ("problem", "disabled")


class TestWhatRuns:
    def register(self, machine: Machine, script: str = "", python: Path | None = None) -> Path:
        machine.write(machine.registered(script, python=str(python or "")))
        return machine.home / "package" / "usage_dashboard" / "hooks" / "counter.py"

    def test_an_interpreter_that_is_gone(self, machine: Machine) -> None:
        self.register(machine, python=machine.home / "gone")
        finding = only_problem(machine)
        assert (finding.level, finding.check, finding.hint) == (
            "problem",
            "interpreter",
            "usage-dashboard setup",
        )
        assert "gone" in finding.message

    def test_an_interpreter_that_may_not_be_run(self, machine: Machine) -> None:
        python = program(machine.home / "my python")
        python.chmod(0o644)
        self.register(machine, python=python)
        assert only_problem(machine).hint == f"chmod +x '{python}'"

    def test_an_interpreter_that_is_too_old(self, machine: Machine) -> None:
        self.register(machine, python=program(machine.home / "python3", "echo 3.10.9"))
        finding = only_problem(machine)
        assert finding.level == "problem"
        assert "3.10.9" in finding.message

    @pytest.mark.parametrize("script", ["echo hello", "exit 1", ":", "echo 3.12.1; exit 1"])
    def test_an_interpreter_that_is_not_python(self, script: str, machine: Machine) -> None:
        self.register(machine, python=program(machine.home / "python3", script))
        assert only_problem(machine).check == "interpreter"

    def test_a_hook_that_is_gone(self, machine: Machine) -> None:
        hook = self.register(machine)
        hook.unlink()
        finding = only_problem(machine)
        assert (finding.level, finding.check, finding.hint) == ("problem", "hook", "usage-dashboard setup")
        assert str(hook) in finding.message

    @pytest.mark.parametrize(
        ("script", "said"),
        [
            ("raise SystemExit(2)", "exit code 2"),
            ("print('hello')", "prints text"),
            ("import time; time.sleep(60)", "did not end within"),
        ],
    )
    def test_a_hook_that_could_disturb_a_session(
        self, script: str, said: str, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("usage_dashboard.install.doctor.trial_run.LIMIT_SECONDS", 1.0)
        hook = self.register(machine)
        hook.write_text(script)
        finding = only_problem(machine)
        assert (finding.level, finding.check) == ("problem", "hook")
        assert said in finding.message
        assert str(hook) in finding.hint

    @pytest.mark.skipif(os.name == "nt", reason="a POSIX machine reads the exec form too")
    def test_the_exec_form_is_run_as_it_is(self, machine: Machine) -> None:
        hook = self.register(machine)
        hook.write_text("raise SystemExit(2)")
        command = {"type": "command", "command": sys.executable}
        entries: hook_entries.Entries = {
            (event, script): {**command, "args": ["-I", "-S", str(hook.with_name(script))]}
            for event, script in hook_entries.REGISTERED
        }
        machine.write(hook_entries.add_hooks(json.loads(machine.settings.read_text()), entries))
        assert "exit code 2" in only_problem(machine).message


class TestOneProject:
    def limited(self, machine: Machine, *projects: Path) -> None:
        machine.write({"projects": [str(project) for project in projects]}, machine.ledger / "config.json")
        machine.ledger.chmod(0o700)

    def test_hooks_in_its_local_settings_are_right(self, machine: Machine) -> None:
        project = machine.project("p")
        machine.write(machine.registered(), project / ".claude" / "settings.local.json")
        self.limited(machine, project)
        assert problems(examine_machine(machine)) == []

    def test_hooks_in_two_projects_are_not_there_twice(self, machine: Machine) -> None:
        projects = [machine.project(name) for name in ("p", "q")]
        for project in projects:
            machine.write(machine.registered(), project / ".claude" / "settings.local.json")
        self.limited(machine, *projects)
        assert problems(examine_machine(machine, projects[0])) == []

    def test_missing_hooks_are_reported(self, machine: Machine) -> None:
        projects = [machine.project(name) for name in ("p", "q")]
        machine.write(machine.registered(), projects[0] / ".claude" / "settings.local.json")
        self.limited(machine, *projects)
        finding = only_problem(machine)
        assert (finding.level, finding.check) == ("problem", "hooks")
        assert str(projects[1]) in finding.message

    def test_a_setting_that_is_wrong_elsewhere_in_the_file_does_not_hide_them(self, machine: Machine) -> None:
        project = machine.project("p")
        machine.write(machine.registered(), project / ".claude" / "settings.local.json")
        self.limited(machine, project)
        config = machine.ledger / "config.json"
        machine.write({**json.loads(config.read_text()), "retention_days": "x"}, config)
        assert only_problem(machine).check == "config"


@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
@pytest.mark.usefixtures("entries")
def test_what_a_project_brings_along_is_never_run(name: str, machine: Machine) -> None:
    project = machine.project("cloned")
    python = program(project / "python3", f"touch {machine.home}/ran; echo 3.12.0")
    machine.write(machine.registered(python=str(python)), project / ".claude" / name)
    examine_machine(machine, project)
    assert not (machine.home / "ran").exists()
