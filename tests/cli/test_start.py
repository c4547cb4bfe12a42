"""How the command begins: its plainest forms without click, to the same end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli import spent
from tests.cli.conftest import Ask
from tests.cli.test_command import ROOT
from usage_dashboard.cli import start
from usage_dashboard.cli.start import COMPLETING

PLAIN = (
    (), ("--json",), ("week",), ("week", "--json"), ("day",), ("day", "--json"), ("month",),
    ("month", "--json"), ("import",),
)  # fmt: skip
HELP = (("-h",), ("--help",))
OTHERS = (
    ("--version",), ("week", "--help"), ("--json", "week"), ("--jso",), ("wek",), ("",),
    ("week", "--jso"), ("week", "--json", "--json"), ("week", "--json=1"), ("week", "--compare"), ("--",),
    ("--compare",), ("week", "day"), ("import", "--json"), ("import", "nowhere"), ("report", "--json"),
)  # fmt: skip

Said = tuple[int, str, str]
Start = Callable[[tuple[str, ...]], Said]


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Start:
    """How `usage-dashboard WORDS` ended, and what it printed."""

    def call(words: tuple[str, ...]) -> Said:
        monkeypatch.setattr(sys, "argv", ["usage-dashboard", *words])
        capsys.readouterr()
        code: object = 0
        try:
            start.main()
        except SystemExit as ended:
            code = ended.code
        assert isinstance(code, int)
        return code, *capsys.readouterr()

    return call


def by_click(ask: Ask, words: tuple[str, ...]) -> Said:
    done = ask(*words)
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("words", [*PLAIN, *OTHERS], ids=repr)
def test_every_form_ends_as_with_click(begin: Start, ask: Ask, project: Path, words: tuple[str, ...]) -> None:
    spent.week(project)
    begin(("import",))
    assert begin(words) == by_click(ask, words)


@pytest.mark.parametrize("words", [*PLAIN, ("--compare",)], ids=repr)
def test_a_failure_is_told_as_with_click(
    begin: Start, ask: Ask, ledger: Path, words: tuple[str, ...]
) -> None:
    ledger.mkdir()
    (ledger / "usage.db").write_bytes(b"no database at all, and long enough to be one" * 100)
    done = begin(words)
    assert done == by_click(ask, words)
    assert (done[0], done[1]) == (1, "")


@pytest.mark.parametrize(
    ("words", "click"),
    [*((form, False) for form in PLAIN), *((form, True) for form in (*HELP, *OTHERS))],
    ids=repr,
)
def test_only_a_plain_form_does_without_click(project: Path, words: tuple[str, ...], click: bool) -> None:
    spent.week(project)
    watched = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('click' in sys.modules, file=sys.stderr))\n"
        "from usage_dashboard.cli.start import main\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", watched, *words],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == str(click)


def test_a_shell_that_completes_a_line_is_not_shown_the_week(
    begin: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(COMPLETING, "zsh_complete")
    monkeypatch.setenv("COMP_WORDS", "usage-dashboard wee")
    monkeypatch.setenv("COMP_CWORD", "1")
    code, said, _ = begin(())
    assert (code, said.splitlines()[:2]) == (0, ["plain", "week"])
