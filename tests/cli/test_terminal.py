"""What a terminal gets: the page of the pipe with colors on it, and a bar while a long reading lasts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import usage_dashboard
from tests.support import sample_week
from tests.support.transcripts import packed, response

pty = pytest.importorskip("pty", reason="a terminal of one's own is a thing of POSIX")
termios = pytest.importorskip("termios")

ROOT = Path(usage_dashboard.__file__).resolve().parents[1]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
COLOR = re.compile(r"\x1b\[[0-9;]*(?<![0-9])(3[0-7]|38;)[0-9;]*m")


def on_a_terminal(*words: str, columns: int = 80, **settings: str) -> str:
    """What a command printed on a terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONUTF8": "1", **settings}
    environment.pop("COLUMNS", None)
    command = [sys.executable, "-m", "usage_dashboard", *words]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:  # how Linux says that the other side is closed
            pass
    os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode().replace("\r\n", "\n")


def test_it_is_the_page_of_a_pipe_with_colors(project: Path) -> None:
    sample_week.write_sessions(project)
    shown = on_a_terminal("month")
    piped = subprocess.run(
        [sys.executable, "-m", "usage_dashboard", "month"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=True,
    ).stdout
    assert COLOR.search(shown)
    assert ESCAPES.sub("", shown) == piped
    assert "\x1b" not in piped


def test_no_color_means_none(project: Path) -> None:
    sample_week.write_sessions(project)
    shown = on_a_terminal("report", "--window", "all", NO_COLOR="1")
    assert not COLOR.search(shown)
    assert "Haiku" in shown


@pytest.mark.parametrize("columns", [32, 40, 120, 400])
def test_it_fits_the_terminal(project: Path, columns: int) -> None:
    sample_week.write_sessions(project)
    shown = ESCAPES.sub("", on_a_terminal("report", "--window", "all", "--by", "day", columns=columns))
    assert max(map(len, shown.splitlines())) <= min(columns, 100)


def test_a_long_reading_shows_how_far_it_is_and_leaves_no_trace(project: Path) -> None:
    filler = b'{"type":"system","content":"' + b"x" * (1 << 20) + b'"}\n'
    for number in range(3):
        lines = response(f"m{number}", sessionId=f"s{number}")
        (project / f"s{number}.jsonl").write_bytes(filler * 20 + packed(lines))
    shown = on_a_terminal("import")
    assert "Reading transcripts" in shown
    assert ESCAPES.sub("", shown).splitlines()[-1] == "3 responses are new in the ledger"
