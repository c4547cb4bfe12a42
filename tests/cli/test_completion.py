"""Completion: what a shell offers for a word."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_command import PROGRAM, ROOT
from tests.support.command import Ask, Page
from usage_dashboard.cli.commands.completion import SHELLS
from usage_dashboard.cli.lazy_group import COMMANDS
from usage_dashboard.cli.main import cli
from usage_dashboard.cli.names import COMPLETION_VARIABLE
from usage_dashboard.config import settings
from usage_dashboard.model.windows import NAMES
from usage_dashboard.reports.filters import DIMENSIONS

BASH = shutil.which("bash")


def offered(*words: str) -> list[str]:
    """What the last of `words` may become."""
    *before, incomplete = words
    shell = SHELLS["zsh"](cli, {}, "usage-dashboard", COMPLETION_VARIABLE)
    return [str(item.value) for item in shell.get_completions(before, incomplete)]


def test_commands_and_options_are_offered() -> None:
    assert offered("") == list(COMMANDS)
    assert offered("re") == ["report"]
    assert "--window" in offered("report", "--w")
    assert offered("report", "--by", "pro") == ["project"]
    assert offered("demo", "wee") == ["week"]
    assert offered("completion", "") == ["bash", "zsh", "fish"]


def test_windows_are_offered_in_any_case_of_letters() -> None:
    assert offered("report", "--window", "") == list(NAMES)
    assert offered("report", "--window", "3") == ["3H", "3D"]
    assert offered("sessions", "--window", "7d") == ["7D"]


def test_settings_are_offered() -> None:
    assert offered("config", "get", "") == list(settings.BY_NAME)
    assert offered("config", "set", "pri") == ["privacy.labels", "prices"]
    assert offered("config", "unset", "alerts.l") == ["alerts.levels"]


@pytest.mark.usefixtures("lent")
def test_sessions_are_offered_the_newest_first() -> None:
    first, second, *_ = offered("session", "")
    assert (first, second[:8]) == ("last", "0020248b")
    assert offered("session", "0020") == [second]
    assert offered("audit", "la") == ["last"]


@pytest.mark.usefixtures("lent")
def test_filters_are_offered_with_what_is_in_the_ledger() -> None:
    assert offered("report", "--filter", "project=s") == ["project=shop"]
    assert offered("report", "--filter", "proj") == [
        f"project={name}" for name in ("paper-kite", "quiet-api", "shop", "tide-tables")
    ]
    assert "model=claude-opus-5-5" in offered("report", "--filter", "model=")
    assert offered("report", "--filter", "session=0020")[0].startswith("session=0020248b-")
    keys = {found.partition("=")[0] for found in offered("report", "--filter", "")}
    assert keys == set(DIMENSIONS) - {"session", "day"}


@pytest.mark.usefixtures("lent")
def test_budgets_are_offered_projects_and_models() -> None:
    assert offered("budget", "set", "weekly", "--project", "ti") == ["tide-tables"]
    assert offered("budget", "remove", "weekly", "--model", "claude-h") == ["claude-haiku-5-5"]


def asked(*words: str) -> subprocess.CompletedProcess[str]:
    """A shell's question for the last of `words`, by click's protocol."""
    line = shlex.join(["usage-dashboard", *words[:-1]]) + " " + words[-1]
    question = {COMPLETION_VARIABLE: "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    return subprocess.run(
        PROGRAM, cwd=ROOT, env=os.environ | question, capture_output=True, text=True, timeout=30, check=False
    )


def test_without_a_ledger_there_is_nothing_to_offer(ledger: Path) -> None:
    done = asked("report", "--filter", "project=")
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")
    assert not ledger.exists()


def test_a_damaged_ledger_is_nothing_to_complain_about(ledger: Path) -> None:
    ledger.mkdir()
    (ledger / "usage.db").write_bytes(b"no database at all, and long enough to be one" * 100)
    done = asked("session", "00")
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")


def test_a_locked_ledger_does_not_keep_a_shell_waiting(lent: Path) -> None:
    import sqlite3

    db = sqlite3.connect(lent / "usage.db", isolation_level=None)
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    db.execute("BEGIN EXCLUSIVE")
    try:
        done = asked("session", "00")
        assert (done.returncode, done.stderr) == (0, "")
    finally:
        db.close()


@pytest.mark.parametrize("shell", list(SHELLS))
def test_each_shell_has_a_script_that_asks_the_command(page: Page, shell: str) -> None:
    script = page("completion", shell)
    assert f"{COMPLETION_VARIABLE}={shell}_complete" in script
    assert "%(" not in script


def test_another_shell_is_a_usage_error(ask: Ask) -> None:
    done = ask("completion", "tcsh")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "'bash', 'zsh', 'fish'" in done.stderr


@pytest.fixture
def bash(tmp_path: Path, page: Page) -> Path:
    """A file for bash that has the completion of a `usage-dashboard` which is on its PATH."""
    program = tmp_path / "bin" / "usage-dashboard"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\ncd {ROOT} && exec {sys.executable} -m usage_dashboard "$@"\n')
    program.chmod(0o755)
    script = tmp_path / "completion.bash"
    script.write_text(f'PATH="{program.parent}:$PATH"\n{page("completion", "bash")}')
    return script


def replies(script: Path, line: str) -> list[str]:
    """What bash offers for the end of `line`."""
    ask = 'COMPREPLY=(); _usage_dashboard_completion usage-dashboard; printf "%s\\n" "${COMPREPLY[@]}"'
    typed = f"COMP_LINE={shlex.quote(line)}; COMP_POINT=${{#COMP_LINE}}"
    assert BASH is not None
    done = subprocess.run(
        [BASH, "--norc", "-c", f"source {script}; {typed}; {ask}"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.skipif(BASH is None, reason="there is no bash on the PATH")
@pytest.mark.usefixtures("lent")
def test_bash_completes_the_word_at_the_cursor(bash: Path) -> None:
    assert replies(bash, "usage-dashboard rep") == ["report"]
    assert replies(bash, "usage-dashboard budget ") == ["check", "history", "list", "remove", "set"]
    assert replies(bash, "usage-dashboard session 0020")[0].startswith("0020248b-")


@pytest.mark.skipif(BASH is None, reason="there is no bash on the PATH")
@pytest.mark.usefixtures("lent")
def test_bash_replaces_only_what_follows_the_sign(bash: Path) -> None:
    assert replies(bash, "usage-dashboard report --filter project=s") == ["shop"]
    assert replies(bash, "usage-dashboard report --filter chan") == ["channel=claude-vscode", "channel=cli"]
