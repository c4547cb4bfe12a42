"""The status line that the user had before: it goes on as if it were alone, and ours comes after it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.hook.conftest import Hook
from tests.support.hook_process import hook_command
from tests.support.hook_scene import Scene
from tests.support.ledger_rows import rows
from usage_dashboard.install.command_line import HookCommand, status_command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="`setup` chains no command on Windows")


def status(scene: Scene) -> dict[str, object]:
    limit = {"used_percentage": 7, "resets_at": time.time_ns() // 10**9 + 3 * 3600}
    return scene.event("") | {"cost": {"total_cost_usd": 1.5}, "rate_limits": {"five_hour": limit}}


def chained(theirs: str, **environment: str) -> dict[str, Any]:
    return {"env": {**os.environ, "USAGE_DASHBOARD_STATUSLINE": theirs, "NO_COLOR": "1", **environment}}


def shown(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    """The lines as Claude Code shows them: trimmed, and without the empty ones."""
    assert done.returncode == 0
    return [line.strip() for line in done.stdout.decode().split("\n") if line.strip()]


@pytest.mark.parametrize("theirs", ["echo theirs", "printf theirs", "printf '\\ntheirs\\n\\n'"])
def test_its_output_comes_first_on_lines_of_its_own(hook: Hook, scene: Scene, theirs: str) -> None:
    first, second = shown(hook("statusline", status(scene), **chained(theirs)))
    assert first == "theirs"
    assert second.startswith("5h ")
    assert second.endswith(" │ $1.50 est.")


def test_it_is_given_the_very_input(hook: Hook, scene: Scene) -> None:
    data = json.dumps(status(scene) | {"words": "ü\n" * 100_000}).encode() + b"  \n\n"
    done = hook("statusline", data, **chained("cat > stdin; echo $?"), cwd=scene.ledger.parent)
    assert shown(done)[0] == "0"
    assert (scene.ledger.parent / "stdin").read_bytes() == data


def test_what_is_no_status_is_handed_on_too(hook: Hook, scene: Scene) -> None:
    done = hook("statusline", b"\xff{not json", **chained("cat"))
    assert (done.returncode, done.stdout) == (0, b"\xff{not json")


@pytest.mark.parametrize("theirs", ["true", "exec 0<&-; echo theirs", "head -c 1 > /dev/null"])
def test_it_may_leave_its_input_unread(hook: Hook, scene: Scene, theirs: str) -> None:
    data = status(scene) | {"words": "x" * 1_000_000}
    done = hook("statusline", data, **chained(theirs))
    assert shown(done)[-1].endswith("$1.50 est.")
    assert done.stderr == b""


@pytest.mark.parametrize(
    "theirs", ["exit 3", "kill -9 $$", "no-such-command-anywhere", "if", "echo theirs; exit 2"]
)
def test_when_it_fails_ours_is_shown_all_the_same(hook: Hook, scene: Scene, theirs: str) -> None:
    done = hook("statusline", status(scene), **chained(theirs))
    assert shown(done)[-1].endswith("$1.50 est.")


def test_what_was_reported_is_recorded_while_it_is_still_running(scene: Scene) -> None:
    gate = scene.ledger.parent / "gate"
    os.mkfifo(gate)
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(hook_command("statusline"), **pipes, **chained(f"cat {gate}")) as run:
        assert run.stdin
        assert run.stdout
        run.stdin.write(json.dumps(status(scene)).encode())
        run.stdin.close()
        with gate.open("wb") as file:  # it has begun, and waits for this
            while not _kept(scene.ledger):
                assert run.poll() is None
            file.write(b"theirs")
        first, second = run.stdout.read().decode().splitlines()
    assert run.returncode == 0
    assert (first, second.endswith("$1.50 est.")) == ("theirs", True)


def _kept(ledger: Path) -> bool:
    try:
        return rows(ledger, "SELECT used FROM quota") == [(7000,)]
    except sqlite3.OperationalError:  # not made yet
        return False


def test_its_pipes_break_as_they_do_without_us(hook: Hook, scene: Scene) -> None:
    done = hook("statusline", status(scene), **chained("(yes; echo $? >&2) | head -n 1"))
    assert shown(done)[0] == "y"
    assert done.stderr == b"141\n"  # ended by the signal


def test_switched_off_it_runs_alone(hook: Hook, scene: Scene) -> None:
    data = json.dumps(status(scene)).encode()
    done = hook("statusline", data, **chained("cat; exit 7", USAGE_DASHBOARD_DISABLE="1"))
    assert (done.returncode, done.stdout) == (7, data)
    assert not scene.ledger.exists()


def test_switched_off_without_it_there_is_silence(hook: Hook, scene: Scene) -> None:
    done = hook("statusline", status(scene), env={**os.environ, "USAGE_DASHBOARD_DISABLE": "1"})
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert not scene.ledger.exists()


def test_a_ledger_that_cannot_be_used_does_not_hide_it(hook: Hook, scene: Scene) -> None:
    scene.ledger.mkdir()
    (scene.ledger / "usage.db").write_bytes(b"this is no database" * 500)
    done = hook("statusline", status(scene), **chained("echo theirs"))
    assert (shown(done), done.stderr) == (["theirs"], b"")
    assert "statusline DatabaseError" in (scene.ledger / "faults.log").read_text()


def test_half_a_package_hands_over_to_it(scene: Scene, tmp_path: Path) -> None:
    script = tmp_path / "lib" / "hooks" / "statusline.py"
    script.parent.mkdir(parents=True)
    script.write_bytes(Path(hook_command("statusline")[-1]).read_bytes())
    (tmp_path / "lib" / "usage_dashboard").mkdir()
    (tmp_path / "lib" / "usage_dashboard" / "__init__.py").write_text("")
    run = [*hook_command("statusline")[:-1], str(script)]
    done = subprocess.run(run, input=b"{}", capture_output=True, check=False, **chained("cat; echo theirs"))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{}theirs\n", b"")


def test_as_setup_registers_it_both_are_shown(scene: Scene) -> None:
    python, _, _, script = hook_command("statusline")
    line = status_command(HookCommand(python, script, None, "cat | wc -c; echo 'it is \"theirs\"'"))
    data = json.dumps(status(scene)).encode()
    done = subprocess.run(["/bin/sh", "-c", line], input=data, capture_output=True, check=False)
    size, theirs, ours = shown(done)
    assert (int(size), theirs) == (len(data), 'it is "theirs"')
    assert "$1.50 est." in ours
