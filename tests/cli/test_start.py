"""How the command begins: its plainest forms without click, to the same end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_command import ROOT
from tests.support import sample_week
from tests.support.command import Ask
from usage_dashboard.cli import start
from usage_dashboard.cli.names import COMPLETION_VARIABLE

PLAIN = (
    (), ("--json",), ("week",), ("week", "--json"), ("day",), ("day", "--json"), ("month",),
    ("month", "--json"), ("import",),
)  # fmt: skip
OTHERS = (
    ("-h",), ("--help",), ("--version",), ("week", "--help"), ("--json", "week"), ("--jso",), ("wek",), ("",),
    ("week", "--jso"), ("week", "--json", "--json"), ("week", "--json=1"), ("week", "--compare"), ("--",),
    ("--compare",), ("week", "day"), ("import", "--json"), ("import", "nowhere"), ("report", "--json"),
)  # fmt: skip

Said = tuple[int, str, str]
Start = Callable[[tuple[str, ...]], Said]


@pytest.fixture
def begin(capsys: pytest.CaptureFixture[str]) -> Start:
    """How the plain form `usage-dashboard WORDS` ended, and what it printed."""

    def call(words: tuple[str, ...]) -> Said:
        capsys.readouterr()
        code: object = 0
        try:
            assert start.run_fast_path(list(words))
        except SystemExit as ended:
            code = ended.code
        assert isinstance(code, int)
        return code, *capsys.readouterr()

    return call


def by_click(ask: Ask, words: tuple[str, ...]) -> Said:
    done = ask(*words)
    return done.exit_code, done.stdout, done.stderr


def loaded(words: tuple[str, ...]) -> set[str]:
    """The modules that `usage-dashboard WORDS` loads, without those of the interpreter's own start."""
    watched = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "before = set(sys.modules)\n"
        "from usage_dashboard.cli.start import run_fast_path\n"
        "assert run_fast_path(sys.argv[1:])\n"
        "print(*(sys.modules.keys() - before), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", watched, *words],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    found = set(done.stderr.split())
    assert "usage_dashboard.store.connection" in found
    return found


@pytest.mark.parametrize("words", PLAIN, ids=repr)
def test_a_plain_form_says_what_it_says_with_click(
    begin: Start, ask: Ask, project: Path, words: tuple[str, ...]
) -> None:
    sample_week.write_sessions(project)
    begin(("import",))
    assert begin(words) == by_click(ask, words)


@pytest.mark.parametrize("words", PLAIN, ids=repr)
def test_a_plain_form_fails_as_with_click(
    begin: Start, ask: Ask, ledger: Path, words: tuple[str, ...]
) -> None:
    ledger.mkdir()
    (ledger / "usage.db").write_bytes(b"no database at all, and long enough to be one" * 100)
    done = begin(words)
    assert done == by_click(ask, words)
    assert (done[0], done[1]) == (1, "")


@pytest.mark.parametrize("words", PLAIN, ids=repr)
def test_a_plain_form_loads_no_click(project: Path, words: tuple[str, ...]) -> None:
    sample_week.write_sessions(project)
    assert not {"click", "rich"} & loaded(words)


@pytest.mark.parametrize("words", [("week", "--json"), ("import",)], ids=repr)
def test_the_plainest_load_nothing_heavy(project: Path, words: tuple[str, ...]) -> None:
    sample_week.write_sessions(project)
    assert loaded(("import",))
    assert not {"json", "re", "datetime", "typing", "usage_dashboard.ingest.scanner"} & loaded(words)


@pytest.mark.parametrize("words", OTHERS, ids=repr)
def test_any_other_form_is_left_to_click(
    project: Path, ledger: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    sample_week.write_sessions(project)
    assert not start.run_fast_path(list(words))
    assert (*capsys.readouterr(), ledger.exists()) == ("", "", False)


def test_a_shell_that_completes_a_line_is_not_shown_the_week(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(COMPLETION_VARIABLE, "zsh_complete")
    assert not start.run_fast_path([])
