"""Notifications: by the terminal, and by the user's own program, which reads JSON."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hook.conftest import Hook, silent
from tests.support.hook_process import PYTHON, ROOT
from tests.support.hook_scene import NOW, Scene
from tests.support.transcripts import SESSION
from usage_dashboard.config.settings import Settings
from usage_dashboard.hook.alerts.notify import COMMAND_SECONDS, send_notifications
from usage_dashboard.hook.edge import Answer

posix = pytest.mark.skipif(sys.platform == "win32", reason="the program is started by a POSIX shell")
FAR_US = 2**51


@pytest.fixture
def gate(home: Path) -> Path:
    """A pipe with a name: who opens it waits for the other side."""
    path = home / "gate"
    os.mkfifo(path)
    return path


def run_program(scene: Scene, gate: Path, **settings: Any) -> list[dict[str, Any]]:
    """What the user's program reads, an object a line."""
    scene.configure(alerts__command=f"cat > {shlex.quote(str(gate))}", **settings)
    assert scene.answer(scene.event_before_tool())
    return [json.loads(line) for line in gate.read_bytes().splitlines()]


def test_without_the_setting_the_terminal_is_given_no_sign(scene: Scene) -> None:
    scene.record_percentage(82)
    assert list(scene.answer(scene.event_before_tool())) == ["systemMessage"]


def test_the_terminal_notifies_of_the_first_line(scene: Scene) -> None:
    scene.configure(alerts__notify="on", budgets=[{"period": "weekly", "tokens": 10}])
    scene.record_percentage(82)
    scene.write_usage(10, "m1")
    found = scene.answer(scene.event_before_tool())
    first = found["systemMessage"].splitlines()[0]
    assert found["terminalSequence"] == f"\x1b]9;{first}\x07"
    assert scene.answer(scene.event_before_tool()) == {}


def test_a_question_notifies_too(scene: Scene) -> None:
    scene.configure(alerts__notify="on")
    scene.record_percentage(96)
    found = scene.answer(scene.event_before_tool("Agent"))
    reason = found["hookSpecificOutput"]["permissionDecisionReason"]
    assert found["terminalSequence"] == f"\x1b]9;{reason}\x07"


@pytest.mark.parametrize("ask", [False, True])
def test_no_name_of_the_users_gives_the_terminal_an_order(ask: bool) -> None:
    said = "a\x1b]0;owned\x07\x9b31m\x9c\t\x7fb\u202e ü\r\nhint: c"
    answer = Answer(ask=said) if ask else Answer(said)
    send_notifications(answer, [], Settings({"alerts.notify": "on", "alerts.command": ""}), SESSION)
    assert answer.signal == "\x1b]9;a]0;owned31mb ü\x07"


@posix
def test_the_program_reads_the_level_as_json(scene: Scene, gate: Path) -> None:
    scene.record_percentage(82.25)
    assert run_program(scene, gate) == [
        {
            "version": 1,
            "event": "level",
            "session_id": SESSION,
            "window": "seven_day",
            "level": 2,
            "used_percent": 82.2,
            "resets_at": "2026-11-27T12:00:00Z",
            "source": "statusline",
            "message": "82% of this week's allowance is used, 18% left; resets Fri Nov 27 12:00;"
            " at this pace it is used up Thu Nov 26 13:53 (from the status line, 0s ago)",
        }
    ]


@posix
def test_a_reset_that_is_not_known_is_null(scene: Scene, gate: Path) -> None:
    scene.record_percentage(82, "spend_limit", resets_us=0)
    (found,) = run_program(scene, gate)
    assert (found["window"], found["resets_at"]) == ("spend_limit", None)


@posix
def test_the_program_reads_of_a_budget_without_the_users_own_names(scene: Scene, gate: Path) -> None:
    scene.write_usage(10, "m1")
    (found,) = run_program(scene, gate, budgets=[{"period": "weekly", "tokens": 10, "project": "shop"}])
    assert re.fullmatch(r"weekly-[0-9a-f]+", found["window"])
    assert (found["used_percent"], found["source"], found["level"]) == (100, "estimate", 4)


@posix
def test_the_program_is_run_once_for_each_thing_that_is_said(scene: Scene, home: Path) -> None:
    scene.configure(
        alerts__command=f"cat >> {home}/told; exec 3<> {home}/gate; echo >&3",
        budgets=[{"period": "weekly", "tokens": 10}],
    )
    os.mkfifo(home / "gate")
    scene.record_percentage(82)
    scene.write_usage(10, "m1")
    with (home / "gate").open("r+b", buffering=0) as gate:
        assert scene.answer(scene.event_before_tool())
        for _ in range(2):
            gate.read(1)
    windows = {json.loads(line)["window"].split("-")[0] for line in (home / "told").read_text().splitlines()}
    assert windows == {"seven_day", "weekly"}


@posix
def test_where_nothing_is_said_no_program_runs(hook: Hook, scene: Scene, home: Path) -> None:
    scene.configure(alerts__command=f"touch {home}/ran")
    scene.record_percentage(49)
    assert silent(hook("alert", scene.event_before_tool()))
    scene.write_usage(10, "m1")
    assert silent(hook("alert", scene.event("SessionStart")))
    assert not (home / "ran").exists()


@posix
def test_the_hook_does_not_wait_for_the_program(hook: Hook, scene: Scene, gate: Path, home: Path) -> None:
    done = home / "done"
    os.mkfifo(done)
    scene.configure(alerts__command=f"echo noise; echo noise >&2; cat {gate} > /dev/null; echo end > {done}")
    scene.record_percentage(82, resets_us=FAR_US)
    ended = hook("alert", scene.event_before_tool())  # waits for the end of its output, as Claude Code does
    assert (ended.returncode, ended.stderr, list(json.loads(ended.stdout))) == (0, b"", ["systemMessage"])
    gate.write_text("go on")
    assert done.read_text() == "end\n"


@posix
@pytest.mark.parametrize("command", ["exit 3", "no-such-program", "if", "exec 0<&-; exit 1"])
def test_a_program_that_fails_disturbs_nobody(hook: Hook, scene: Scene, command: str) -> None:
    scene.configure(alerts__command=command)
    scene.record_percentage(82, resets_us=FAR_US)
    ended = hook("alert", scene.event_before_tool())
    assert (ended.returncode, ended.stderr, list(json.loads(ended.stdout))) == (0, b"", ["systemMessage"])
    assert not (scene.ledger / "faults.log").exists()


@posix
@pytest.mark.parametrize("reads", ["", "exec 0<&-;"])
def test_a_program_that_takes_too_long_is_ended_with_all_it_started(gate: Path, reads: str) -> None:
    script = (
        "import sys; sys.path.append(sys.argv[1]);"
        "from usage_dashboard.hook.alerts import notify; from usage_dashboard.hook.edge import Answer;"
        "from usage_dashboard.hook.alerts.levels import ReachedLevel;"
        "notify.COMMAND_SECONDS = 0.2;"
        "from usage_dashboard.config.settings import Settings;"
        "settings = Settings({'alerts.notify': 'off', 'alerts.command': sys.argv[2]});"
        "notify.send_notifications(Answer('x'), [ReachedLevel('x', 0, 1, critical=False)], settings, 's')"
    )
    command = f"{reads} exec 3> {gate}; (trap '' HUP TERM; sleep 1000) & echo begun >&3; sleep 1000"
    subprocess.run([PYTHON, "-I", "-S", "-c", script, str(ROOT), command], check=True, timeout=30)
    assert gate.read_text() == "begun\n"  # to its end: nobody holds the other side any more


@posix
def test_the_program_is_separate_from_the_session(scene: Scene, gate: Path) -> None:
    scene.configure(alerts__command=f"ps -o sid= -p $$ > {gate}")
    scene.record_percentage(82)
    assert scene.answer(scene.event_before_tool(), NOW)
    assert int(gate.read_text()) != os.getsid(0)


def test_a_program_has_ten_seconds() -> None:
    assert COMMAND_SECONDS == 10
