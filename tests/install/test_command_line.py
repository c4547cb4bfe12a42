"""The registered line: it runs our hook, falls silent without it, and is recognized as ours."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.machine import TRACE, program
from usage_dashboard.install import command_line

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine

PYTHON = os.path.realpath(sys.executable)
AWKWARD = ["plain", "with space", "o'clock", 'say "hi"', "$HOME `id` \\ ; && #", "ümläut", "new\nline"]


def run(entry: dict[str, object], **env: str) -> subprocess.CompletedProcess[bytes]:
    words = ["/bin/sh", "-c", str(entry["command"])]
    surroundings = {**os.environ, **env}
    return subprocess.run(words, input=b"{}", capture_output=True, check=False, env=surroundings, timeout=20)


def written(path: Path, script: str = TRACE) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    return str(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has the exec form")
class TestAtTheShell:
    @pytest.mark.parametrize("folder", AWKWARD)
    def test_it_runs_the_hook_with_the_event_whatever_the_folders_are_called(
        self, folder: str, tmp_path: Path, machine: Machine
    ) -> None:
        hook = written(tmp_path / folder / "hooks" / "counter.py")
        python = program(tmp_path / folder / "bin" / "python3", f'exec "{PYTHON}" "$@"')
        done = run(
            command_line.hook_entry(str(python), hook, str(machine.ledger)), TRACE=str(tmp_path / "trace")
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert (tmp_path / "trace").read_text() == "{}\n"

    @pytest.mark.parametrize("folder", AWKWARD)
    def test_a_moved_ledger_is_named_to_the_hook(self, folder: str, tmp_path: Path) -> None:
        script = "import os; open(os.environ['TRACE'], 'w').write(os.environ['USAGE_DASHBOARD_HOME'])"
        hook = written(tmp_path / "hooks" / "counter.py", script)
        run(command_line.hook_entry(PYTHON, hook, str(tmp_path / folder)), TRACE=str(tmp_path / "trace"))
        assert (tmp_path / "trace").read_text() == str(tmp_path / folder)

    def test_the_default_ledger_is_not_named(self, machine: Machine) -> None:
        assert "export" not in str(
            command_line.hook_entry(PYTHON, "/p/hooks/counter.py", str(machine.ledger))["command"]
        )

    def test_a_vanished_interpreter_is_silent(self, tmp_path: Path, machine: Machine) -> None:
        hook = written(tmp_path / "hooks" / "counter.py")
        done = run(command_line.hook_entry(str(tmp_path / "gone" / "python3"), hook, str(machine.ledger)))
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    def test_a_vanished_hook_is_silent(self, tmp_path: Path, machine: Machine) -> None:
        done = run(command_line.hook_entry(PYTHON, str(tmp_path / "hooks" / "alert.py"), str(machine.ledger)))
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    def test_an_interpreter_that_may_not_be_run_is_silent(self, tmp_path: Path, machine: Machine) -> None:
        hook = written(tmp_path / "hooks" / "counter.py")
        python = program(tmp_path / "python3")
        python.chmod(0o644)
        done = run(command_line.hook_entry(str(python), hook, str(machine.ledger)))
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


class TestRecognition:
    @pytest.mark.parametrize("windows", [False, True])
    @pytest.mark.parametrize("script", command_line.SCRIPTS)
    @pytest.mark.parametrize("folder", AWKWARD)
    def test_what_is_written_is_recognized(
        self, folder: str, script: str, windows: bool, machine: Machine
    ) -> None:
        hook = f"/opt/{folder}/hooks/{script}"
        entry = command_line.hook_entry(f"/{folder}/python3.11", hook, str(machine.ledger), windows=windows)
        assert command_line.parse_entry(entry) == command_line.HookCommand(
            f"/{folder}/python3.11", hook, None
        )

    @pytest.mark.parametrize("script", command_line.SCRIPTS)
    @pytest.mark.parametrize("user", ["Ada", "Ada Byron", "Pat O'Neil"])
    def test_windows_clients_without_the_exec_form_get_a_line(self, user: str, script: str) -> None:
        python, hook = rf"C:\Users\{user}\python.exe", rf"C:\Users\{user}\p\hooks\{script}"
        entry = command_line.hook_entry(python, hook, "/data", windows=True, exec_form=False)
        assert "args" not in entry
        found = command_line.parse_entry(entry)
        assert found == command_line.HookCommand(python.replace("\\", "/"), hook.replace("\\", "/"), None)

    def test_the_ledger_in_a_line_is_found(self) -> None:
        entry = command_line.hook_entry(PYTHON, "/p/hooks/alert.py", "/data/o'clock", windows=False)
        assert command_line.parse_entry(entry) == command_line.HookCommand(
            PYTHON, "/p/hooks/alert.py", "/data/o'clock"
        )

    def test_a_windows_path_is_recognized(self) -> None:
        hook = r"C:\Program Files\p\usage_dashboard\hooks\counter.py"
        python = r"C:\Python311\Python.exe"
        found = command_line.parse_entry({"type": "command", "command": python, "args": ["-I", "-S", hook]})
        assert found is not None
        assert found.script == "counter.py"

    def test_entries_of_other_interpreters_and_folders_are_ours_with_any_extra_key(self) -> None:
        text = "[ -x /old/python3.9 ] && [ -f /gone/hooks/counter.py ] && exec /old/python3.9 -I -S "
        entry = {"type": "command", "command": text + "/gone/hooks/counter.py; exit 0", "timeout": 3}
        assert command_line.parse_entry(entry) == command_line.HookCommand(
            "/old/python3.9", "/gone/hooks/counter.py", None
        )

    @pytest.mark.parametrize(
        "command",
        [
            "",
            "usage-dashboard",
            "python3 /p/hooks/counter.py",
            "[ -x /a ] && [ -f /p/hooks/counter.py ] && exec /b -I -S /p/hooks/counter.py; exit 0",
            "[ -x /a ] && [ -f /p/hooks/counter.py ] && exec /a -I -S /q/hooks/counter.py; exit 0",
            "[ -x /a ] && [ -f /p/hooks/other.py ] && exec /a -I -S /p/hooks/other.py; exit 0",
            "[ -x /a ] && [ -f /p/my/counter.py ] && exec /a -I -S /p/my/counter.py; exit 0",
            "[ -x /a ] && [ -f /p/hooks/counter.py ] && exec /a -I -S /p/hooks/counter.py; exit 0; rm x",
            "cd /; [ -x /a ] && [ -f /p/hooks/counter.py ] && exec /a -I -S /p/hooks/counter.py; exit 0",
            "A=1; [ -x /a ] && [ -f /p/hooks/counter.py ] && exec /a -I -S /p/hooks/counter.py; exit 0",
            "[ -x /a ] && [ -f $X/hooks/counter.py ] && exec /a -I -S $X/hooks/counter.py; exit 0",
        ],
    )
    def test_a_look_alike_is_foreign(self, command: str) -> None:
        assert command_line.parse_entry({"type": "command", "command": command}) is None

    @pytest.mark.parametrize(
        "entry",
        [
            None,
            "text",
            [],
            {},
            {"type": "command"},
            {"type": "command", "command": 3},
            {"type": "http", "command": "python3", "args": ["-I", "-S", "/p/hooks/counter.py"]},
            {"type": "command", "command": "node", "args": ["-I", "-S", "/p/hooks/counter.py"]},
            {"type": "command", "command": "python3", "args": ["-I", "/p/hooks/counter.py"]},
            {"type": "command", "command": "python3", "args": ["-I", "-S", 3]},
            {"type": "command", "command": "python3", "args": {"-I": 1}},
        ],
    )
    def test_other_shapes_are_foreign(self, entry: object) -> None:
        assert command_line.parse_entry(entry) is None


class TestInterpreter:
    def test_it_is_the_python_below_a_virtual_environment(self, tmp_path: Path) -> None:
        subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", tmp_path / "v"], check=True, timeout=60
        )
        ask = "from usage_dashboard.install import command_line as line; print(line.base_interpreter())"
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(command_line.__file__))))
        bin_folder = "Scripts" if os.name == "nt" else "bin"
        done = subprocess.run(
            [tmp_path / "v" / bin_folder / "python", "-c", ask],
            cwd=root, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        python = done.stdout.strip()
        assert not python.startswith(str(tmp_path))
        assert os.path.realpath(python) == python or "/opt/" in python or "cpython-" in python
        subprocess.run([python, "-I", "-S", "-c", "pass"], check=True, timeout=60)

    @pytest.mark.parametrize(
        ("real", "link"),
        [
            ("Cellar/python@3.12/3.12.4/bin/python3.12", "opt/python@3.12"),
            (
                "uv/python/cpython-3.12.4-linux-x86_64-gnu/bin/python3.12",
                "uv/python/cpython-3.12-linux-x86_64-gnu",
            ),
        ],
    )
    def test_a_folder_named_after_a_patch_release_gives_way_to_the_link_that_stays(
        self, real: str, link: str, tmp_path: Path
    ) -> None:
        file = program(tmp_path / real)
        assert command_line.lasting_path(str(file)) == str(file)
        (tmp_path / link).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / link).symlink_to(file.parent.parent)
        assert command_line.lasting_path(str(file)) == str(tmp_path / link / "bin" / "python3.12")

    def test_a_link_to_another_release_is_not_used(self, tmp_path: Path) -> None:
        file = program(tmp_path / "Cellar/python@3.12/3.12.4/bin/python3.12")
        program(tmp_path / "Cellar/python@3.12/3.12.5/bin/python3.12")
        (tmp_path / "opt").mkdir()
        (tmp_path / "opt" / "python@3.12").symlink_to(tmp_path / "Cellar/python@3.12/3.12.5")
        assert command_line.lasting_path(str(file)) == str(file)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "/home/u/.cache/uv/archive-v0/x1/lib/usage_dashboard/hooks/counter.py",
            True,
        ),
        ("/home/u/.cache/pipx/8f2/lib/usage_dashboard/hooks/counter.py", True),
        (
            r"C:\Users\u\AppData\Local\uv\cache\archive-v0\x\Lib\usage_dashboard\hooks\counter.py",
            True,
        ),
        ("/home/u/.local/share/uv/tools/usage-dashboard/lib/usage_dashboard/hooks/counter.py", False),
        ("/home/u/.local/share/pipx/venvs/usage-dashboard/lib/usage_dashboard/hooks/counter.py", False),
    ],
)
def test_a_temporary_installation_is_recognized(path: str, expected: bool) -> None:
    assert command_line.is_temporary(path) is expected


def test_a_hook_of_this_installation_is_found_by_path() -> None:
    path = command_line.script_path("counter.py")
    assert os.path.isabs(path)
    assert command_line.parse_entry(command_line.hook_entry(PYTHON, path, "/x")) is not None
