"""The files that setup and uninstall change: registering and removing again leaves no trace."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.support.setup_steps import our_hooks, our_status_line, register, unregister
from usage_dashboard.config.edit import unset_value
from usage_dashboard.install import command_line, hook_entries, registration, setup_record
from usage_dashboard.install.client_events import EVERYTHING
from usage_dashboard.model.errors import SettingsError

if TYPE_CHECKING:
    from tests.support.machine import Machine

FOREIGN = {"model": "opus", "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"model":"opus","hooks":{"Stop":[],"Notification":[{"hooks":[]}]}}',
        '{\n\t"hooks": { "PreToolUse" : [ ] },\r\n\t"env": {"A": "1e5", "n": 1e5, "e": "\\u00e9"}\n}\n\n',
        '\ufeff{\r\n    "z": 1,\r\n    "a": [1, 2, 3]\r\n}',
        '{"statusLine": {"command": "it\'s \\"$X\\" \\\\\\n&& \\u00e9", "padding": 0, "type": "command"}}',
        '{ "statusLine" : {"type": "other"}, "model":"opus" }',
        json.dumps(FOREIGN, indent=2),
    ],
)
def test_uninstall_gives_back_the_exact_bytes_from_before_setup(text: str, machine: Machine) -> None:
    machine.claude.mkdir()
    machine.settings.write_bytes(text.encode())
    register(machine)
    assert len(our_hooks(machine.settings)) == len(hook_entries.REGISTERED)
    unregister(machine)
    assert machine.settings.read_bytes() == text.encode()
    assert os.listdir(machine.claude) == ["settings.json"]


def test_a_file_that_setup_made_goes_again(machine: Machine) -> None:
    register(machine)
    unregister(machine)
    assert os.listdir(machine.claude) == []


def test_a_file_that_setup_made_stays_with_what_the_user_added(machine: Machine) -> None:
    register(machine)
    value = json.loads(machine.settings.read_text())
    machine.write({**value, "model": "opus"})
    unregister(machine)
    assert machine.settings.read_text() == '{\n  "model": "opus"\n}\n'


def test_what_the_user_changed_after_setup_stays(machine: Machine) -> None:
    machine.write(FOREIGN)
    register(machine)
    value = json.loads(machine.settings.read_text())
    value["hooks"]["Stop"].insert(0, {"hooks": [{"type": "command", "command": "new"}]})
    del value["model"]
    machine.write(value)
    unregister(machine)
    assert json.loads(machine.settings.read_text()) == {
        "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "new"}]}, *FOREIGN["hooks"]["Stop"]]}  # type: ignore[index]
    }
    assert not machine.copy.exists()


def test_a_new_layout_that_the_user_gave_the_file_stays(machine: Machine) -> None:
    machine.write(json.dumps(FOREIGN, indent=2))
    register(machine)
    machine.write(json.dumps(json.loads(machine.settings.read_text()), indent=8))
    unregister(machine)
    assert machine.settings.read_text() == json.dumps(FOREIGN, indent=8)


def test_setup_twice_changes_no_byte(machine: Machine) -> None:
    machine.write(FOREIGN)
    register(machine)
    before = {path: path.read_bytes() for path in machine.home.rglob("*") if path.is_file()}
    assert register(machine).changes == []
    assert {path: path.read_bytes() for path in machine.home.rglob("*") if path.is_file()} == before


def test_a_moved_installation_is_replaced_and_uninstall_still_restores(machine: Machine) -> None:
    machine.write(json.dumps(FOREIGN, indent=4))
    before = machine.settings.read_bytes()
    older = hook_entries.add_hooks(FOREIGN, machine.install(at="older", python="/gone/python3"))
    machine.copy.write_bytes(before)
    machine.write(json.dumps(older, indent=4))
    register(machine)
    assert {found.hook.python for found in our_hooks(machine.settings)} == {command_line.base_interpreter()}
    assert machine.copy.read_bytes() == before
    unregister(machine)
    assert machine.settings.read_bytes() == before


def test_uninstall_works_after_the_package_vanished(machine: Machine) -> None:
    machine.write(hook_entries.add_hooks(FOREIGN, machine.install(at="gone", python="/gone/python3")))
    unregister(machine)
    assert json.loads(machine.settings.read_text()) == FOREIGN


def test_uninstall_works_without_a_settings_file(machine: Machine) -> None:
    register(machine)
    machine.settings.unlink()
    unregister(machine)
    assert not machine.settings.exists()


def test_a_second_setup_after_edits_keeps_a_copy_that_has_them(machine: Machine) -> None:
    machine.write({"model": "first"})
    register(machine)
    unregistered = json.loads(machine.settings.read_text())
    older = hook_entries.add_hooks({"model": "second"}, machine.install(at="older"))
    machine.write(older)
    register(machine)
    assert json.loads(machine.copy.read_text())["model"] == "second"
    unregister(machine)
    assert json.loads(machine.settings.read_text()) == {"model": "second"}
    assert unregistered["model"] == "first"


def test_the_folder_in_claude_config_dir_wins_and_is_recorded(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = machine.home / "one", machine.home / "two"
    for folder in (first, second):
        folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{first}, {second}")
    assert register(machine).paths == [str(first / "settings.json")]
    assert setup_record.recorded_roots(str(machine.ledger)) == [str(first)]
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    unregister(machine)
    assert not (first / "settings.json").exists()
    assert setup_record.recorded_roots(str(machine.ledger)) == []


def test_hooks_in_another_folder_of_the_user_are_updated(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = machine.write(
        hook_entries.add_hooks({}, machine.install(at="older")), machine.home / "work" / "settings.json"
    )
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(other.parent))
    register(machine)
    machine.write(hook_entries.add_hooks({}, machine.install(at="older")), other)
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    register(machine)
    for path in (machine.settings, other):
        assert {found.hook.path for found in our_hooks(path)} == {
            command_line.script_path(name) for name in hook_entries.TIMEOUTS
        }
        assert our_status_line(path) == command_line.installed_hook(
            command_line.STATUSLINE, str(machine.ledger)
        )


class TestUnusableFiles:
    @pytest.mark.parametrize("text", ["{", "[]", '{"hooks": []}', '{"hooks": {"Stop": "x"}}'])
    def test_setup_leaves_one_untouched(self, text: str, machine: Machine) -> None:
        machine.write(text)
        with pytest.raises(SettingsError):
            register(machine)
        assert machine.settings.read_text() == text
        assert os.listdir(machine.claude) == ["settings.json"]

    def test_uninstall_refuses_one_that_names_our_hooks(self, machine: Machine) -> None:
        text = json.dumps(hook_entries.add_hooks({}, machine.install())) + "}"
        machine.write(text)
        with pytest.raises(SettingsError):
            unregister(machine)
        assert machine.settings.read_text() == text

    def test_uninstall_skips_one_that_does_not_name_our_hooks(self, machine: Machine) -> None:
        register(machine)
        broken = machine.write("{", machine.home / ".config" / "claude" / "settings.json")
        unregister(machine)
        assert broken.read_text() == "{"
        assert not machine.settings.exists()


class TestPlugin:
    def test_with_our_plugin_enabled_only_the_status_line_is_registered(self, machine: Machine) -> None:
        machine.write({"enabledPlugins": {"usage-dashboard@market": True}})
        before = machine.settings.read_bytes()
        assert register(machine).plugin == "usage-dashboard@market"
        assert our_hooks(machine.settings) == []
        assert our_status_line(machine.settings)
        assert register(machine).changes == []
        unregister(machine)
        assert machine.settings.read_bytes() == before

    def test_a_disabled_or_foreign_one_is_not(self, machine: Machine) -> None:
        machine.write({"enabledPlugins": {"usage-dashboard@market": False, "other@market": True}})
        assert registration.plan_for_user(str(machine.ledger), EVERYTHING).plugin is None


class TestNotes:
    def test_another_setting_that_is_wrong_does_not_keep_the_hooks_in(self, machine: Machine) -> None:
        project = machine.project("p")
        register(machine, project)
        config = machine.ledger / "config.json"
        machine.write({**json.loads(config.read_text()), "retention_days": "x"}, config)
        unregister(machine)
        assert not (project / ".claude" / "settings.local.json").exists()

    def test_other_settings_stay_when_setup_records_and_removes(self, machine: Machine) -> None:
        config = machine.write({"retention_days": 30, "later": 1}, machine.ledger / "config.json")
        register(machine)
        unregister(machine)
        assert json.loads(config.read_text()) == {"retention_days": 30, "later": 1}

    def test_a_file_with_only_our_record_is_removed(self, machine: Machine) -> None:
        register(machine)
        unregister(machine)
        assert os.listdir(machine.ledger) == []

    def test_removing_a_nested_setting_leaves_no_empty_object(self, machine: Machine) -> None:
        config = machine.write({"privacy": {"labels": "hash"}, "a": 1}, machine.ledger / "config.json")
        assert unset_value(str(config), "privacy.labels")
        assert not unset_value(str(config), "privacy.labels")
        assert json.loads(config.read_text()) == {"a": 1}
