"""The bundle of what a hook imports: used by an installed package, and only while it is up to date."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.hook_process import PYTHON, ROOT
from tests.support.hook_scene import Scene
from tests.support.ledger_rows import rows
from tests.support.transcripts import packed, response, tool_use, usage, write

SCRIPTS = ("alert", "counter", "statusline")
TAKEN = (
    "import marshal, sys; code, *found = marshal.loads(open(sys.argv[2], 'rb').read());"
    "start = {}; exec(code, start); start['run_modules'](*found);"
)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The package as a wheel installs it, with the hooks inside."""
    package = tmp_path / "site" / "usage_dashboard"
    shutil.copytree(ROOT / "usage_dashboard", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "hooks", package / "hooks", ignore=shutil.ignore_patterns("__pycache__"))
    return package


def python(package: Path, script: str, *words: str) -> str:
    """What some Python prints that is given the folder of the package."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [PYTHON, "-I", "-S", "-c", script, str(package.parent), *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60).stdout


def refreshed(package: Path) -> list[Path]:
    """The bundles beside the package's compiled files, after they were brought up to date."""
    python(
        package,
        "import sys; sys.path.append(sys.argv[1]);"
        " from usage_dashboard.runtime.bundle import build; build.refresh_bundles()",
    )
    return sorted((package / "__pycache__").glob("*.bundle"))


def found(*words: str, event: object = None) -> set[str]:
    """The modules that an interpreter looked for, on its way and in a script that is given `event`."""
    command = [PYTHON, "-I", "-S", "-X", "importtime", *words]
    done = subprocess.run(
        command, input=json.dumps(event), capture_output=True, text=True, check=True, timeout=30
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def imported(package: Path, script: str) -> list[str]:
    """The modules of ours that a hook script imports one by one, from their files."""
    names = found(str(package / "hooks" / f"{script}.py"))
    return sorted(name for name in names if name.startswith("usage_dashboard"))


def call(package: Path, script: str, event: object) -> subprocess.CompletedProcess[bytes]:
    command = [PYTHON, "-I", "-S", str(package / "hooks" / f"{script}.py")]
    return subprocess.run(
        command, input=json.dumps(event).encode(), capture_output=True, check=False, timeout=30
    )


def test_each_hook_script_has_one_with_what_it_imports(installed: Path) -> None:
    assert [path.name.partition(".")[0] for path in refreshed(installed)] == [*SCRIPTS]
    assert [imported(installed, script) for script in SCRIPTS] == [[], [], []]


@pytest.mark.parametrize(
    ("script", "name"),
    [("counter", "PostToolUse"), ("counter", "Stop"), ("alert", "PreToolUse"), ("statusline", "")],
)
def test_a_usual_event_wants_nothing_more_than_two_modules_in_c(
    installed: Path, scene: Scene, script: str, name: str
) -> None:
    """In a session that is known: not even `os`, which brings the abstract collections along."""
    scene.configure(budgets=[{"period": "weekly", "tokens": 10**12}])
    refreshed(installed)
    path = str(installed / "hooks" / f"{script}.py")
    scene.write_usage(5, "m1")
    event = scene.event(name)
    with Path(event["transcript_path"]).open("ab") as file:
        file.write(packed(response("m2", tool_use("t1"), spent=usage(1, 2))))
    more = found(path, event=event) - found("-c", "pass")
    assert more <= {"gc", "_json", "_sqlite3"}
    assert rows(scene.ledger, "SELECT COUNT(*) FROM response") == [(1 if script == "alert" else 2,)]


def test_a_module_from_the_bundle_is_the_one_from_its_file(installed: Path) -> None:
    """Nothing that a hook imports at its top is left to be found on disk."""
    bundles = refreshed(installed)
    script = TAKEN + (
        "before = set(sys.modules); import usage_dashboard.hook.counter, usage_dashboard.hook.edge;"
        "print(*sorted(n for n in set(sys.modules) - before if n.startswith('usage_dashboard')));"
        "print(usage_dashboard.hook.counter.__file__)"
    )
    found, file = python(installed, script, str(bundles[SCRIPTS.index("counter")])).splitlines()
    assert (found, file) == ("", str(installed / "hook" / "counter.py"))


def test_what_is_imported_later_comes_from_its_file_as_it_is_then(installed: Path) -> None:
    bundle = str(refreshed(installed)[SCRIPTS.index("counter")])
    script = (
        TAKEN + "from usage_dashboard.store.read import baseline; print(baseline.__file__, baseline.MARK)"
    )
    source = installed / "store" / "read" / "baseline.py"
    for mark in ("first", "second"):
        source.write_text(f"MARK = {mark!r}\n")
        assert python(installed, script, bundle) == f"{source} {mark}\n"


def test_a_changed_source_counts_more_than_the_bundle(installed: Path) -> None:
    refreshed(installed)
    source = installed / "hook" / "counter.py"
    source.write_text(source.read_text() + "\n")
    assert "usage_dashboard.hook.counter" in imported(installed, "counter")
    refreshed(installed)
    assert imported(installed, "counter") == []


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\xe9\x00"])
def test_a_damaged_bundle_is_ignored(installed: Path, ledger: Path, project: Path, damage: bytes) -> None:
    for bundle in refreshed(installed):
        bundle.write_bytes(damage)
    path = write(project, response("m1", spent=usage(1, 2)))
    done = call(
        installed, "counter", {"session_id": "s", "transcript_path": str(path), "hook_event_name": "Stop"}
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert rows(ledger, "SELECT COUNT(*) FROM response") == [(1,)]


def test_hooks_record_the_same_with_and_without_it(installed: Path, ledger: Path, project: Path) -> None:
    found = []
    for bundled in (False, True):
        if bundled:
            assert refreshed(installed)
        path = write(project, response("m1", tool_use("t1"), spent=usage(1, 2)))
        event = {"session_id": "s", "transcript_path": str(path), "hook_event_name": "PostToolBatch"}
        assert call(installed, "counter", event).stderr == b""
        found.append(
            [rows(ledger, f"SELECT * FROM {table}") for table in ("response", "tool_call", "rollup")]
        )
        shutil.rmtree(ledger)
    assert found[0] == found[1]
    assert found[0][0]


def test_the_end_of_a_session_writes_it(installed: Path, ledger: Path, project: Path) -> None:
    path = write(project, response("m1"))
    event = {"session_id": "s", "transcript_path": str(path), "hook_event_name": "SessionEnd"}
    assert call(installed, "counter", event).returncode == 0
    assert ledger.exists()
    assert sorted((installed / "__pycache__").glob("*.bundle"))


def test_a_checkout_goes_without(tmp_path: Path) -> None:
    """There files change one by one, and the hooks lie beside the package."""
    package = tmp_path / "usage_dashboard"
    shutil.copytree(ROOT / "usage_dashboard", package, ignore=shutil.ignore_patterns("__pycache__"))
    assert refreshed(package) == []
