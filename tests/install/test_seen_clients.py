"""The client that ran last, which its transcripts name: what `week` and `doctor` report of it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from tests.support.doctor_findings import examine_machine, only_problem, problems
from tests.support.install_command import run_command
from tests.support.setup_steps import our_hooks
from usage_dashboard.install.seen_client import find_last

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine

OLD_EVENTS = {"PostToolBatch", "StopFailure", "PostToolUseFailure"}


def session(machine: Machine, version: str, *, name: str = "s", after_settings: float = 60.0) -> Path:
    """A transcript of a client, written so many seconds after the settings were changed last."""
    line = {"type": "user", "version": version, "sessionId": name, "cwd": "/w", "message": {"content": "x"}}
    folder = machine.claude / "projects" / "-w"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.jsonl"
    path.write_text(json.dumps(line) + "\n" + json.dumps({"type": "summary", "summary": "x"}) + "\n")
    settled = machine.settings.stat().st_mtime if machine.settings.exists() else path.stat().st_mtime
    os.utime(path, (settled + after_settings, settled + after_settings))
    return path


def set_up(machine: Machine) -> set[str]:
    """Run `setup`; the events that are registered then."""
    assert run_command("setup", "--yes").returncode == 0
    return {hook.event for hook in our_hooks(machine.settings)}


class TestVersion:
    def test_the_last_line_that_names_one_counts(self, machine: Machine) -> None:
        path = session(machine, "2.1.87")
        with path.open("a") as file:
            file.write(
                '{"type":"user","version":"2.1.98"}\n{"type":"x","content":"\\"version\\":\\"9.9.9\\""}\n'
            )
        last = find_last(str(machine.claude))
        assert last is not None
        assert last[0] == (2, 1, 98)

    def test_the_newest_transcript_counts(self, machine: Machine) -> None:
        session(machine, "2.1.332", name="new", after_settings=100)
        session(machine, "2.1.87", name="old", after_settings=50)
        last = find_last(str(machine.claude))
        assert last is not None
        assert last[0] == (2, 1, 332)

    def test_where_none_is_named_none_is_known(self, machine: Machine) -> None:
        assert find_last(str(machine.claude)) is None
        session(machine, "unknown")
        assert find_last(str(machine.claude)) is None


class TestHarm:
    def test_week_and_doctor_say_so_until_setup_mends_it(self, machine: Machine) -> None:
        set_up(machine)
        session(machine, "2.0.76")
        shown = run_command("week").stdout
        assert "Claude Code 2.0.76 (last seen in" in shown
        assert "hint: usage-dashboard setup" in shown
        problem = only_problem(machine)
        assert (problem.level, problem.check) == ("problem", "client")
        assert set_up(machine).isdisjoint({"PostToolBatch", "StopFailure"})
        assert "2.0.76" not in run_command("week").stdout
        assert problems(examine_machine(machine)) == []
        assert set_up(machine).isdisjoint({"PostToolBatch", "StopFailure"})

    def test_a_session_from_before_setup_changed_the_settings_is_no_sign(self, machine: Machine) -> None:
        session(machine, "2.0.76")
        events = set_up(machine)
        assert events >= OLD_EVENTS
        session(machine, "2.0.76", after_settings=-60)
        assert problems(examine_machine(machine)) == []
        assert set_up(machine) == events
        assert "2.0.76" not in run_command("week").stdout


class TestOffer:
    def test_week_offers_the_rest_after_an_upgrade(self, machine: Machine) -> None:
        old = machine.install_client("2.1.87")
        assert "PostToolBatch" not in set_up(machine)
        old.unlink()
        session(machine, "2.1.332")
        shown = run_command("week").stdout
        assert "Claude Code is 2.1.332 by now" in shown
        assert "PostToolBatch" in set_up(machine)
        assert "by now" not in run_command("week").stdout

    def test_nothing_is_offered_while_an_old_client_is_installed(self, machine: Machine) -> None:
        machine.install_client("2.1.87")
        set_up(machine)
        session(machine, "2.1.332")
        assert "by now" not in run_command("week").stdout

    def test_settings_that_cannot_be_parsed_do_not_stop_the_week(self, machine: Machine) -> None:
        set_up(machine)
        machine.settings.write_text(machine.settings.read_text() + "}")
        session(machine, "2.0.76")
        assert run_command("week").returncode == 0

    def test_json_stays_json(self, machine: Machine) -> None:
        set_up(machine)
        session(machine, "2.0.76")
        json.loads(run_command("week", "--json").stdout)
