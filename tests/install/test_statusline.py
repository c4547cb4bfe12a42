"""The status line: registered around the user's own, which is kept, run and restored."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.setup_steps import our_status_line, register, unregister
from usage_dashboard.install import command_line, statusline_entry

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine
    from usage_dashboard.install.hook_entries import Settings

OURS = command_line.HookCommand("/usr/bin/python3.11", "/p/hooks/statusline.py", "/data/ledger")
OLDER = command_line.HookCommand("/old/python3.9", "/gone/hooks/statusline.py", None)
THEIRS: Settings = {
    "type": "command",
    "command": "~/.claude/my.sh --it's",
    "padding": 2,
    "refreshInterval": 5,
}
AWKWARD = [
    "echo plain",
    "echo \"it's\" '$HOME'",
    "printf '%s\\n' \"a  b\"; : #x",
    "cat <<X\nü`echo 1`\nX",
    "",
]

fields = st.fixed_dictionaries(
    {"type": st.just("command"), "command": st.text()},
    optional={"padding": st.integers(), "refreshInterval": st.integers(), "note": st.text()},
).flatmap(lambda made: st.permutations(list(made.items())).map(dict))
documents = st.dictionaries(st.sampled_from(["model", "env", "hooks"]), st.integers()).flatmap(
    lambda rest: st.fixed_dictionaries(
        {}, optional={"statusLine": fields | st.none() | st.text() | st.just({"type": "x"})}
    ).map(lambda status: {**status, **rest})
)


def text(value: object) -> str:
    """Render as JSON text, so that the order of keys counts."""
    return json.dumps(value)


def hook_in(settings: Settings) -> command_line.HookCommand:
    found = statusline_entry.registered_statusline(settings)
    assert found is not None
    return found.hook


@given(documents)
def test_adding_and_removing_gives_the_same_settings(settings: Settings) -> None:
    before = text(settings)
    assert text(statusline_entry.remove_statusline(statusline_entry.add_statusline(settings, OURS))) == before
    assert text(settings) == before


@given(documents)
def test_adding_twice_is_adding_once(settings: Settings) -> None:
    added = statusline_entry.add_statusline(settings, OURS)
    assert text(statusline_entry.add_statusline(added, OURS)) == text(added)


@given(documents)
def test_a_newer_installation_replaces_the_older(settings: Settings) -> None:
    newer = statusline_entry.add_statusline(statusline_entry.add_statusline(settings, OLDER), OURS)
    assert text(newer) == text(statusline_entry.add_statusline(settings, OURS))


def test_alone_it_is_a_command_as_our_hooks_are() -> None:
    added = statusline_entry.add_statusline({}, OURS)[statusline_entry.NAME]
    entry = command_line.hook_entry(OURS.python, OURS.path, "/data/ledger", windows=False)
    assert added == {**entry, "refreshInterval": 60}


class TestRefreshing:
    """The line has a countdown and ages, so it is drawn again while nothing happens."""

    def test_what_the_user_set_stays_there_and_afterwards(self) -> None:
        settings: Settings = {statusline_entry.NAME: THEIRS}
        added = statusline_entry.add_statusline(settings, OURS)
        assert added[statusline_entry.NAME]["refreshInterval"] == THEIRS["refreshInterval"]  # type: ignore[index]
        assert statusline_entry.remove_statusline(added) == settings

    def test_an_interval_equal_to_ours_is_known_by_the_copy_from_before(self) -> None:
        settings: Settings = {statusline_entry.NAME: {**THEIRS, "refreshInterval": 60}}
        added = statusline_entry.add_statusline(settings, OURS)
        assert statusline_entry.remove_statusline(added, settings) == settings
        shown_fields = statusline_entry.remove_statusline(added)[statusline_entry.NAME]
        assert "refreshInterval" not in shown_fields  # type: ignore[operator]

    def test_it_is_left_out_for_a_client_that_does_not_know_it(self) -> None:
        added = statusline_entry.add_statusline({}, OURS, refresh=False)
        assert "refreshInterval" not in added[statusline_entry.NAME]  # type: ignore[operator]


def test_a_status_line_of_the_user_is_run_too_and_its_other_fields_stay() -> None:
    added = statusline_entry.add_statusline({statusline_entry.NAME: THEIRS}, OURS)
    assert hook_in(added).chain == THEIRS["command"]
    shown_fields = added[statusline_entry.NAME]
    assert isinstance(shown_fields, dict)
    assert {**shown_fields, "command": THEIRS["command"]} == THEIRS


def test_one_that_the_user_set_instead_stays_and_is_chained_by_the_next_setup() -> None:
    changed: Settings = {statusline_entry.NAME: {**THEIRS, "command": "new"}}
    assert statusline_entry.remove_statusline(changed) == changed
    assert hook_in(statusline_entry.add_statusline(changed, OURS)).chain == "new"


def test_fields_that_the_user_set_on_ours_stay_with_the_restored_one() -> None:
    added = statusline_entry.add_statusline({statusline_entry.NAME: THEIRS}, OURS)
    edited: Settings = {statusline_entry.NAME: {**added[statusline_entry.NAME], "padding": 7}}  # type: ignore[dict-item]
    assert statusline_entry.remove_statusline(edited) == {statusline_entry.NAME: {**THEIRS, "padding": 7}}


@pytest.mark.parametrize("value", [None, "x", [], {}, {"type": "command"}, {"type": "http", "command": "x"}])
def test_one_of_an_unknown_shape_is_left_as_it_is(value: object) -> None:
    settings: Settings = {statusline_entry.NAME: value}
    assert statusline_entry.add_statusline(settings, OURS) == settings
    assert statusline_entry.registered_statusline(settings) is None


@pytest.mark.parametrize("script", ["counter.py", "alert.py"])
def test_a_hook_in_its_place_is_not_our_status_line(script: str) -> None:
    settings: Settings = {
        statusline_entry.NAME: command_line.hook_entry("/usr/bin/python3", f"/p/hooks/{script}", "/data")
    }
    assert statusline_entry.registered_statusline(settings) is None


class TestBeneath:
    """Another settings file holds the status line that ours would hide."""

    def test_it_is_run_too_and_goes_again_with_ours(self) -> None:
        added = statusline_entry.add_statusline({"model": "m"}, OURS, {statusline_entry.NAME: THEIRS})
        assert hook_in(added).chain == THEIRS["command"]
        assert hook_in(added).inherited
        assert statusline_entry.remove_statusline(added) == {"model": "m"}

    @pytest.mark.parametrize("below", [{}, {statusline_entry.NAME: {**THEIRS, "command": "new"}}])
    def test_setup_again_follows_it(self, below: Settings) -> None:
        added = statusline_entry.add_statusline({}, OURS, {statusline_entry.NAME: THEIRS})
        assert hook_in(statusline_entry.add_statusline(added, OURS, below)).chain == (
            "new" if below else None
        )

    def test_one_in_the_file_itself_wins(self) -> None:
        added = statusline_entry.add_statusline(
            {statusline_entry.NAME: {**THEIRS, "command": "own"}}, OURS, {statusline_entry.NAME: THEIRS}
        )
        assert (hook_in(added).chain, hook_in(added).inherited) == ("own", False)

    def test_ours_there_is_not_run_by_ours_but_what_it_runs(self) -> None:
        below = statusline_entry.add_statusline({statusline_entry.NAME: THEIRS}, OLDER)
        assert hook_in(statusline_entry.add_statusline({}, OURS, below)).chain == THEIRS["command"]
        assert (
            hook_in(
                statusline_entry.add_statusline({}, OURS, statusline_entry.add_statusline({}, OLDER))
            ).chain
            is None
        )


class TestWindows:
    HOOK = command_line.HookCommand(
        r"C:\Python311\python.exe", r"C:\p\usage_dashboard\hooks\statusline.py", None
    )

    def test_it_is_bare_words_that_both_shells_read_alike(self) -> None:
        added = statusline_entry.add_statusline({}, self.HOOK, windows=True)
        words = "C:/Python311/python.exe -I -S C:/p/usage_dashboard/hooks/statusline.py"
        assert added[statusline_entry.NAME] == {"type": "command", "command": words, "refreshInterval": 60}
        assert statusline_entry.registered_statusline(added) is not None
        assert statusline_entry.remove_statusline(added) == {}

    @pytest.mark.parametrize(
        ("python", "path", "line"),
        [
            (
                r"C:\Users\Ada Byron\Python311\python.exe",
                r"C:\Users\Ada Byron\p\hooks\statusline.py",
                (
                    "powershell -NoProfile -Command \"& 'C:/Users/Ada Byron/Python311/python.exe' '-I' '-S'"
                    " 'C:/Users/Ada Byron/p/hooks/statusline.py'\""
                ),
            ),
            (
                r"C:\Python311\python.exe",
                r"C:\Users\Ada Byron\p\hooks\statusline.py",
                'C:/Python311/python.exe -I -S "C:/Users/Ada Byron/p/hooks/statusline.py"',
            ),
            (
                r"C:\Users\Pat O'Neil\python.exe",
                r"C:\p\hooks\statusline.py",
                (
                    "powershell -NoProfile -Command \"& 'C:/Users/Pat O''Neil/python.exe' '-I' '-S'"
                    " 'C:/p/hooks/statusline.py'\""
                ),
            ),
        ],
    )
    def test_a_path_with_a_space_is_quoted_for_every_shell(self, python: str, path: str, line: str) -> None:
        """As text only: no Windows machine has run these lines."""
        hook = command_line.HookCommand(python, path, None)
        added = statusline_entry.add_statusline({}, hook, windows=True)
        assert added[statusline_entry.NAME]["command"] == line  # type: ignore[index]
        assert hook_in(added).python == python.replace("\\", "/")
        assert hook_in(added).path == path.replace("\\", "/")

    def test_one_of_the_user_is_left_as_it_is(self) -> None:
        settings: Settings = {statusline_entry.NAME: THEIRS}
        assert statusline_entry.add_statusline(settings, self.HOOK, windows=True) == settings
        assert statusline_entry.add_statusline({}, self.HOOK, settings, windows=True) == {}

    @pytest.mark.parametrize(
        "command",
        [
            "python3 -I -S /p/hooks/statusline.py",
            "C:/node.exe -I -S C:/p/hooks/statusline.py",
            "C:/python.exe -I -S C:/p/mine/statusline.py",
            "C:/python.exe -I -S C:/p/hooks/other.py",
            "C:/python.exe -S C:/p/hooks/statusline.py",
        ],
    )
    def test_a_look_alike_is_foreign(self, command: str) -> None:
        assert command_line.parse_entry({"type": "command", "command": command}) is None


@pytest.mark.skipif(os.name == "nt", reason="a shell line is for POSIX")
class TestAtTheShell:
    def run(self, command: str, **env: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["/bin/sh", "-c", command], input=b'{"cost": 1}\n', capture_output=True, check=False,
            env={**os.environ, **env}, timeout=20,
        )  # fmt: skip

    def chained(self, hook: command_line.HookCommand, command: str) -> str:
        added = statusline_entry.add_statusline(
            {statusline_entry.NAME: {"type": "command", "command": command}}, hook
        )
        return str(added[statusline_entry.NAME]["command"])  # type: ignore[index]

    @pytest.mark.parametrize("inherited", [False, True])
    @pytest.mark.parametrize("command", AWKWARD)
    def test_our_script_gets_the_exact_command(self, command: str, inherited: bool, tmp_path: Path) -> None:
        path = tmp_path / "hooks" / "statusline.py"
        path.parent.mkdir()
        path.write_text("import os, sys; sys.stdout.write(os.environ['USAGE_DASHBOARD_STATUSLINE'])")
        hook = command_line.HookCommand(os.path.realpath(sys.executable), str(path), None, command, inherited)
        assert self.run(command_line.status_command(hook, windows=False)).stdout.decode() == command

    @pytest.mark.parametrize("command", ["cat", *AWKWARD])
    def test_without_our_package_the_users_own_runs_on_the_event_as_before(self, command: str) -> None:
        done, before = self.run(self.chained(OURS, command)), self.run(command)
        assert (done.returncode, done.stdout, done.stderr) == (0, before.stdout, before.stderr)

    def test_its_exit_code_is_passed_on(self) -> None:
        assert self.run(self.chained(OURS, "exit 3")).returncode == 3

    def test_switched_off_our_script_leaves_the_line_to_the_users_own(self) -> None:
        here = command_line.installed_hook(command_line.STATUSLINE, "/data/ledger")
        done = self.run(self.chained(here, "cat; echo shown"), USAGE_DASHBOARD_DISABLE="1")
        assert (done.returncode, done.stdout) == (0, b'{"cost": 1}\nshown\n')
        alone = self.run(command_line.status_command(here, windows=False), USAGE_DASHBOARD_DISABLE="1")
        assert (alone.returncode, alone.stdout, alone.stderr) == (0, b"", b"")


class TestSettingsFiles:
    def test_what_the_user_changed_after_setup_stays_and_their_line_is_back(self, machine: Machine) -> None:
        machine.write({"model": "opus", statusline_entry.NAME: THEIRS})
        register(machine)
        value = json.loads(machine.settings.read_text())
        machine.copy.unlink()
        machine.write({**value, "model": "haiku"})
        unregister(machine)
        assert json.loads(machine.settings.read_text()) == {"model": "haiku", statusline_entry.NAME: THEIRS}

    def test_setup_again_with_one_that_the_user_set_meanwhile_chains_it(self, machine: Machine) -> None:
        machine.write({statusline_entry.NAME: THEIRS})
        register(machine)
        value = json.loads(machine.settings.read_text())
        machine.write({**value, statusline_entry.NAME: {"type": "command", "command": "new"}})
        register(machine)
        hook = our_status_line(machine.settings)
        assert hook is not None
        assert hook.chain == "new"
        unregister(machine)
        assert json.loads(machine.settings.read_text()) == {
            statusline_entry.NAME: {"type": "command", "command": "new"}
        }

    def test_setup_without_it_leaves_the_users_own(self, machine: Machine) -> None:
        machine.write({statusline_entry.NAME: THEIRS})
        register(machine, status=False)
        assert json.loads(machine.settings.read_text())[statusline_entry.NAME] == THEIRS

    def test_setup_without_it_removes_ours(self, machine: Machine) -> None:
        machine.write({statusline_entry.NAME: THEIRS})
        register(machine)
        register(machine, status=False)
        assert json.loads(machine.settings.read_text())[statusline_entry.NAME] == THEIRS

    def test_a_project_has_it_in_its_local_settings_around_the_users_own(self, machine: Machine) -> None:
        machine.write({statusline_entry.NAME: THEIRS})
        before = machine.settings.read_bytes()
        project = machine.project("p")
        register(machine, project)
        local = project / ".claude" / "settings.local.json"
        hook = our_status_line(local)
        assert hook is not None
        assert (hook.chain, hook.inherited) == (THEIRS["command"], True)
        unregister(machine)
        assert not local.exists()
        assert machine.settings.read_bytes() == before

    def test_what_a_project_shares_comes_before_the_users_own(self, machine: Machine) -> None:
        machine.write({statusline_entry.NAME: THEIRS})
        project = machine.project("p")
        shared = {statusline_entry.NAME: {"type": "command", "command": "shared"}}
        machine.write(shared, project / ".claude" / "settings.json")
        register(machine, project)
        hook = our_status_line(project / ".claude" / "settings.local.json")
        assert hook is not None
        assert hook.chain == "shared"

    def test_in_another_folder_of_the_user_with_a_plugin_it_is_updated(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = machine.home / "work" / "settings.json"
        plugin = {"enabledPlugins": {"usage-dashboard@market": True}}
        machine.write(plugin, other)
        monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(other.parent))
        register(machine)
        machine.write(statusline_entry.add_statusline(plugin, OLDER), other)
        monkeypatch.delenv("CLAUDE_CONFIG_DIR")
        register(machine)
        assert our_status_line(other) == command_line.installed_hook(
            command_line.STATUSLINE, str(machine.ledger)
        )
        assert "hooks" not in json.loads(other.read_text())
