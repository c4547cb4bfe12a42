"""`forget` and `merge`: what they ask, what they say, and what reports show afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_command import ROOT
from tests.support import sample_week
from tests.support.command import Ask, AskJson, Page
from tests.support.transcripts import response, usage, write
from usage_dashboard.ingest.scanner import Scanner


def test_a_project_is_forgotten_and_stays_so(page: Page, document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    said = page("forget", "--project", "website", "--yes")
    assert said == "Forgotten: 3 calls (1.3M tokens) in 2 sessions of project `website`\n"
    found = document("report", "--window", "all")
    assert [row["project"] for row in found["by_project"]] == ["shop"]
    assert found["totals"]["calls"] == 6


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (("--session", "0020"), 3),
        (("--session", "last"), 8),
        (("--before", "2026-11-25"), 1),
        (("--before", "2026-11-24", "--project", "shop"), 3),
    ],
)
def test_what_is_meant_is_forgotten(
    page: Page, document: AskJson, project: Path, words: tuple[str, ...], left: int
) -> None:
    sample_week.write_sessions(project)
    page("forget", *words, "--yes")
    assert document("report", "--window", "all")["totals"]["calls"] == left


def test_days_begin_by_the_clocks_of_the_zone(
    page: Page, document: AskJson, project: Path, configure: Callable[..., None]
) -> None:
    lines = [response(f"m{hour}", at=f"2026-11-23T{hour}:30:00.000Z") for hour in (22, 23)]
    write(project, [line for lines_of in lines for line in lines_of])
    configure(timezone="Europe/Berlin")
    page("forget", "--before", "2026-11-24", "--yes")
    assert document("report", "--window", "all")["totals"]["calls"] == 1


def test_it_asks_on_a_terminal_and_not_in_a_script(ask: Ask, document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    done = ask("forget", "--project", "shop")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: Forgetting 6 calls (49.8k tokens) in 1 session of project `shop` has to be confirmed\n"
        "hint: usage-dashboard forget --project shop --yes\n"
    )
    assert document("report", "--window", "all")["totals"]["calls"] == 9


@pytest.mark.parametrize(("answer", "left"), [(b"y\n", 3), (b"n\n", 9), (b"\n", 9)])
def test_the_answer_counts(document: AskJson, project: Path, home: Path, answer: bytes, left: int) -> None:
    sample_week.write_sessions(project)
    pty = pytest.importorskip("pty", reason="a terminal of one's own is a thing of POSIX")
    here, there = pty.openpty()
    env = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "usage_dashboard", "forget", "--project", "shop"]
    try:
        os.write(here, answer)
        done = subprocess.run(
            command, env=env, stdin=there, capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        os.close(here)
        os.close(there)
    assert "Forget 6 calls (49.8k tokens) in 1 session of project `shop` for good? [y/N]" in done.stderr
    assert document("report", "--window", "all")["totals"]["calls"] == left


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "--project, --session or --before has to say what is to be forgotten"),
        (("--before", "soon"), 2, "`soon` has to be a date such as 2026-11-22"),
        (("--project", "nobody"), 1, "Nothing is recorded of project `nobody`\nhint: "),
        (("--project", "shop", "--before", "2026-01-01"), 1, "of project `shop` before 2026-01-01\nhint: "),
        (("--session", "zz"), 1, "No session's id begins with `zz`"),
    ],
)
def test_what_cannot_be_forgotten(
    ask: Ask, project: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    sample_week.write_sessions(project)
    done = ask("forget", *words, "--yes")
    assert done.exit_code == code
    assert said in done.stderr


def test_without_a_ledger_there_is_nothing_to_forget(ask: Ask) -> None:
    done = ask("forget", "--project", "shop", "--yes")
    assert (done.exit_code, done.stderr) == (1, "Error: No data recorded\nhint: usage-dashboard setup\n")


def laptop(folder: Path) -> Path:
    """The ledger of another machine, which worked on one more project."""
    folder.mkdir()
    line = response(
        "far", spent=usage(1, 2), sessionId="laptop", cwd="/home/dev/attic", at="2026-11-24T09:00:00.000Z"
    )
    scanner = Scanner(str(folder))
    with scanner:
        scanner.file(str(write(folder, line, "laptop")))
    scanner.db.close()
    return folder


def test_another_machines_ledger_is_a_part_of_this_one(
    page: Page, document: AskJson, project: Path, tmp_path: Path
) -> None:
    sample_week.write_sessions(project)
    page("week")
    other = laptop(tmp_path / "laptop")
    assert page("merge", str(other / "usage.db")) == "1 call (3 tokens) and 1 session are new in the ledger\n"
    assert page("merge", str(other)) == "Nothing is new in the ledger\n"
    found = document("report", "--window", "all")
    assert found["totals"]["calls"] == 10
    assert {row["project"] for row in found["by_project"]} == {"shop", "website", "attic"}


def test_merging_something_that_is_not_a_ledger_is_refused(ask: Ask, tmp_path: Path) -> None:
    done = ask("merge", str(tmp_path / "none.db"))
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: There is no ledger at `{tmp_path / 'none.db'}`\nhint: ")
    (tmp_path / "text.db").write_text("hello")
    assert (
        f"`{tmp_path / 'text.db'}` cannot be read as a ledger"
        in ask("merge", str(tmp_path / "text.db")).stderr
    )
