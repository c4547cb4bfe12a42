"""`usage-dashboard setup`, `uninstall` and `doctor`, each as a process."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.install_command import run_command
from usage_dashboard.install import hook_entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.machine import Machine

FOREIGN = (
    '{\n    "model": "opus",\n    "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x"}]}]}\n}'
)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`, apart from the ledger, which changes whenever it is opened."""
    files = (path for path in folder.rglob("*") if path.is_file() and "usage.db" not in path.name)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def assert_done(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def assert_refused(done: subprocess.CompletedProcess[str]) -> None:
    """Exit code 1, one sentence without a full stop, and a hint."""
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Error", "hint"], done.stderr
    assert not lines[0].endswith(".")
    assert len(lines[1]) > len("hint: ")


@contextmanager
def terminal(answer: bytes) -> Iterator[int]:
    """A terminal as standard input, at which `answer` was typed."""
    pty = pytest.importorskip("pty")
    here, there = pty.openpty()
    os.write(here, answer)
    try:
        yield there
    finally:
        os.close(there)
        os.close(here)


class TestSetup:
    def test_on_a_new_machine_it_registers_imports_and_shows_this_week(self, machine: Machine) -> None:
        machine.transcript()
        done = run_command("setup")
        assert_done(done)
        assert f"The hooks are registered in `{machine.settings}`" in done.stdout
        assert "1 response is new in the ledger\n\n30 tokens this week" in done.stdout
        assert len(hook_entries.registered_hooks(json.loads(machine.settings.read_text()))) == len(
            hook_entries.REGISTERED
        )
        assert stat.S_IMODE(machine.ledger.stat().st_mode) == 0o700

    def test_without_any_transcript_it_ends_with_an_empty_week(self) -> None:
        done = run_command("setup")
        assert_done(done)
        assert "No data recorded this week" in done.stdout.splitlines()[-1]

    def test_a_second_run_says_so_and_changes_nothing(self, machine: Machine) -> None:
        machine.write(FOREIGN)
        assert_done(run_command("setup"))
        before = snapshot(machine.home)
        done = run_command("setup", "--yes")
        assert_done(done)
        assert "already registered" in done.stdout
        assert snapshot(machine.home) == before

    def test_what_keeps_the_hooks_from_running_is_reported_at_the_end(self, machine: Machine) -> None:
        machine.write({"disableAllHooks": True})
        done = run_command("setup")
        assert_done(done)
        assert done.stderr.startswith("problem")
        assert "disableAllHooks" in done.stderr

    def test_a_dry_run_shows_the_difference_and_writes_nothing(self, machine: Machine) -> None:
        machine.write(FOREIGN)
        before = snapshot(machine.home)
        done = run_command("setup", "--dry-run")
        assert_done(done)
        assert f"--- {machine.settings}\n+++ {machine.settings}\n" in done.stdout
        assert "counter.py" in done.stdout
        assert snapshot(machine.home) == before
        assert not machine.ledger.exists()

    def test_a_dry_run_on_a_new_machine_writes_nothing(self, machine: Machine) -> None:
        done = run_command("setup", "--dry-run", "--scope", "user")
        assert_done(done)
        assert f"--- {os.devnull}" in done.stdout
        assert list(machine.home.iterdir()) == []

    def test_at_a_terminal_it_asks_once_and_no_means_no(self, machine: Machine) -> None:
        machine.write(FOREIGN)
        with terminal(b"n\n") as stdin:
            done = run_command("setup", stdin=stdin)
        assert done.returncode == 1
        assert done.stderr.count("Continue?") == 1
        assert snapshot(machine.home) == {".claude/settings.json": FOREIGN.encode()}

    def test_at_a_terminal_yes_goes_on_and_dash_yes_asks_nothing(self, machine: Machine) -> None:
        with terminal(b"y\n") as stdin:
            assert_done(run_command("setup", stdin=stdin))
        machine.settings.unlink()
        with terminal(b"") as stdin:
            done = run_command("setup", "--yes", stdin=stdin)
        assert_done(done)
        assert "Continue?" not in done.stderr

    @pytest.mark.parametrize("text", ["{", '{"hooks": []}', '// my settings\n{"a": 1}'])
    def test_settings_that_cannot_be_used_are_left_untouched(self, text: str, machine: Machine) -> None:
        machine.write(text)
        assert_refused(run_command("setup"))
        assert snapshot(machine.home) == {".claude/settings.json": text.encode()}

    def test_a_linked_settings_file_is_written_through(self, machine: Machine) -> None:
        real = machine.write(FOREIGN, machine.home / "dotfiles" / "settings.json")
        machine.claude.mkdir()
        machine.settings.symlink_to(real)
        assert_done(run_command("setup"))
        assert machine.settings.is_symlink()
        assert len(hook_entries.registered_hooks(json.loads(real.read_text()))) == len(
            hook_entries.REGISTERED
        )
        assert_done(run_command("uninstall"))
        assert machine.settings.is_symlink()
        assert real.read_text() == FOREIGN

    def test_the_registered_lines_run_and_are_silent(self, machine: Machine) -> None:
        assert_done(run_command("setup"))
        for found in hook_entries.registered_hooks(json.loads(machine.settings.read_text())):
            words = ["/bin/sh", "-c", str(found.entry["command"])]
            done = subprocess.run(words, input=b"{}", capture_output=True, check=False, timeout=20)
            assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), found.event

    def test_a_ledger_elsewhere_is_named_in_the_lines(self, machine: Machine) -> None:
        moved = machine.home / "my ledger"
        assert_done(run_command("setup", USAGE_DASHBOARD_HOME=str(moved)))
        homes = {
            found.hook.home
            for found in hook_entries.registered_hooks(json.loads(machine.settings.read_text()))
        }
        assert homes == {str(moved)}
        assert moved.is_dir()
        assert not machine.ledger.exists()

    def test_a_folder_that_cannot_be_created_is_reported_in_a_sentence(self, machine: Machine) -> None:
        (machine.home / "file").write_text("")
        assert_refused(run_command("setup", USAGE_DASHBOARD_HOME=str(machine.home / "file" / "ledger")))
        assert not machine.settings.exists()


class TestScopeProject:
    def test_only_its_local_settings_are_written_and_it_says_why(self, machine: Machine) -> None:
        project = machine.project("p")
        done = run_command("setup", "--scope", "project", cwd=project)
        assert_done(done)
        assert str(project / ".claude" / "settings.local.json") in done.stdout
        assert "out of git" in done.stdout
        assert not machine.settings.exists()
        assert_done(run_command("setup", cwd=machine.home))
        assert not machine.settings.exists()
        assert_done(run_command("uninstall", cwd=machine.home))
        assert snapshot(project) == {}

    def test_beside_hooks_for_every_project_it_is_refused(self, machine: Machine) -> None:
        assert_done(run_command("setup"))
        before = snapshot(machine.home)
        assert_refused(run_command("setup", "--scope", "project", cwd=machine.project("p")))
        assert snapshot(machine.home) == before

    def test_scope_user_ends_it(self, machine: Machine) -> None:
        project = machine.project("p")
        assert_done(run_command("setup", "--scope", "project", cwd=project))
        done = run_command("setup", "--scope", "user", cwd=project)
        assert_done(done)
        assert f"removed from `{project / '.claude' / 'settings.local.json'}`" in done.stdout
        assert snapshot(project) == {}

    def test_an_unknown_scope_is_a_usage_error(self) -> None:
        assert run_command("setup", "--scope", "team").returncode == 2


class TestUninstall:
    def test_the_ledger_stays_and_nothing_else(self, machine: Machine) -> None:
        machine.write(FOREIGN)
        machine.transcript()
        before = snapshot(machine.home)
        assert_done(run_command("setup"))
        done = run_command("uninstall")
        assert_done(done)
        assert f"Hooks and status line are removed from `{machine.settings}`" in done.stdout
        assert "stays" in done.stdout
        assert snapshot(machine.home) == before
        assert (machine.ledger / "usage.db").exists()

    def test_without_hooks_it_says_so(self) -> None:
        done = run_command("uninstall")
        assert_done(done)
        assert "Nothing is registered" in done.stdout

    def test_purge_removes_the_ledger_and_a_folder_that_is_then_empty(self, machine: Machine) -> None:
        machine.transcript()
        assert_done(run_command("setup"))
        assert_done(run_command("uninstall", "--purge", "--yes"))
        assert not machine.ledger.exists()

    def test_purge_leaves_files_that_are_not_ours(self, machine: Machine) -> None:
        assert_done(run_command("setup"))
        (machine.ledger / "notes.txt").write_text("mine")
        assert_done(run_command("uninstall", "--purge", "--yes"))
        assert os.listdir(machine.ledger) == ["notes.txt"]

    def test_purge_asks_and_without_a_terminal_it_refuses(self, machine: Machine) -> None:
        assert_done(run_command("setup"))
        before = snapshot(machine.home)
        assert_refused(run_command("uninstall", "--purge"))
        with terminal(b"n\n") as stdin:
            assert run_command("uninstall", "--purge", stdin=stdin).returncode == 1
        assert snapshot(machine.home) == before

    def test_settings_with_our_hooks_that_cannot_be_parsed_are_left_untouched(self, machine: Machine) -> None:
        assert_done(run_command("setup"))
        text = machine.settings.read_text() + "}"
        machine.write(text)
        assert_refused(run_command("uninstall"))
        assert machine.settings.read_text() == text


class TestDoctor:
    def test_after_setup_nothing_is_broken_and_doctor_logs_no_fault(self, machine: Machine) -> None:
        machine.transcript()
        assert_done(run_command("setup"))
        for _ in range(2):
            done = run_command("doctor")
            assert_done(done)
            assert not any(line.startswith("problem") for line in done.stdout.splitlines())
            assert "No hook has noted a fault" in done.stdout

    def test_a_problem_is_marked_with_its_fix_and_exit_code_1(self) -> None:
        done = run_command("doctor")
        assert done.returncode == 1
        lines = done.stdout.splitlines()
        at = next(number for number, line in enumerate(lines) if line.startswith("problem"))
        assert lines[at + 1].strip().startswith("hint: ")
        assert "\x1b" not in done.stdout
        assert "problem" in lines[-1]

    def test_json_holds_every_finding(self) -> None:
        done = run_command("doctor", "--json")
        assert done.returncode == 1
        shown = json.loads(done.stdout)
        assert shown["version"] == 1
        assert {"level", "check", "message", "hint"} == set(shown["findings"][0])
        assert "problem" in {finding["level"] for finding in shown["findings"]}
