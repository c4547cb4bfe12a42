"""A half-installed release, or an interpreter that is too old: silence with exit code 0."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.hook_process import PYTHON, ROOT
from tests.support.hook_scene import Scene
from tests.support.ledger_rows import rows

SCRIPTS = ("alert", "counter", "statusline")
OLDER = "import sys; sys.version_info = (3, 8, 10, 'final', 0); sys.argv = sys.argv[1:];"
RUN = "name = sys.argv[0]; exec(compile(open(name).read(), name, 'exec'), {'__file__': name})"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The package as a wheel installs it, with the hooks inside."""
    package = tmp_path / "site" / "usage_dashboard"
    shutil.copytree(ROOT / "usage_dashboard", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "hooks", package / "hooks", ignore=shutil.ignore_patterns("__pycache__"))
    return package


def ended_in_silence(event: object, *words: str) -> bool:
    """Run an interpreter on an event; whether it printed nothing and exited with 0."""
    done = subprocess.run(
        [PYTHON, "-I", "-S", *words],
        input=json.dumps(event).encode(),
        capture_output=True,
        timeout=30,
        check=False,
    )
    return (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize(
    "broken", ["hooks/launch.py", "hooks/by_place.py", "hook", "hook/edge.py", "store/meta.py"]
)
def test_a_part_that_is_missing(installed: Path, scene: Scene, script: str, broken: str) -> None:
    path = installed / broken
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    event = scene.event("PreToolUse")
    assert ended_in_silence(event, str(installed / "hooks" / f"{script}.py"))
    assert not scene.ledger.exists()


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("text", ["", "(", "raise SystemExit(2)", "import nothing_of_that_name"])
def test_a_launcher_that_was_cut_or_is_of_another_release(
    installed: Path, scene: Scene, script: str, text: str
) -> None:
    (installed / "hooks" / "launch.py").write_text(text)
    event = scene.event("PreToolUse")
    assert ended_in_silence(event, str(installed / "hooks" / f"{script}.py"))
    assert not scene.ledger.exists()


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_interpreter_that_is_too_old(installed: Path, scene: Scene, script: str) -> None:
    path = installed / "hooks" / f"{script}.py"
    ast.parse(path.read_text(), feature_version=(3, 8))
    scene.write_usage(5, "m1")
    before = rows(scene.ledger, "SELECT COUNT(*) FROM response")
    assert ended_in_silence(scene.event("Stop"), "-c", OLDER + RUN, str(path))
    assert rows(scene.ledger, "SELECT COUNT(*) FROM response") == before
