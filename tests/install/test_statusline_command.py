"""`setup` and `uninstall` with a status line, as a user runs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.install_command import run_command
from usage_dashboard.install import hook_entries, statusline_entry

if TYPE_CHECKING:
    from tests.support.machine import Machine

THEIRS = '{"statusLine": {"type": "command", "command": "echo mine", "padding": 1}}'


def done_by(*words: str) -> str:
    """Run `usage-dashboard WORDS` and return what it prints; it must succeed."""
    done = run_command(*words)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def test_one_of_the_user_is_kept_run_and_restored(machine: Machine) -> None:
    machine.write(THEIRS)
    stdout = done_by("setup")
    assert f"The status line is registered in `{machine.settings}`, and runs yours too" in stdout
    done_by("uninstall")
    assert machine.settings.read_text() == THEIRS


def test_a_dry_run_shows_it(machine: Machine) -> None:
    machine.write(THEIRS)
    stdout = done_by("setup", "--dry-run")
    assert "USAGE_DASHBOARD_STATUSLINE='echo mine'" in stdout
    assert machine.settings.read_text() == THEIRS


def test_without_it_the_hooks_are_registered_alone(machine: Machine) -> None:
    machine.write(THEIRS)
    stdout = done_by("setup", "--no-statusline")
    assert f"The status line in `{machine.settings}` is left as it is" in stdout
    settings = json.loads(machine.settings.read_text())
    assert settings["statusLine"] == json.loads(THEIRS)["statusLine"]
    assert hook_entries.registered_hooks(settings)


def test_with_a_plugin_it_is_registered_alone(machine: Machine) -> None:
    machine.write({"enabledPlugins": {"usage-dashboard@market": True}})
    stdout = done_by("setup")
    assert "The plugin `usage-dashboard@market` registers the hooks already" in stdout
    assert f"The status line is registered in `{machine.settings}`\n" in stdout
    settings = json.loads(machine.settings.read_text())
    assert hook_entries.registered_hooks(settings) == []
    assert statusline_entry.registered_statusline(settings)
