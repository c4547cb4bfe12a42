"""`live` on a terminal of its own: it follows what happens, and gives the terminal back as it was."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import usage_dashboard
from tests.support.transcripts import packed, response, usage, write

pytest.importorskip("pty", reason="a terminal of one's own is a thing of POSIX")
termios = pytest.importorskip("termios")

ROOT = Path(usage_dashboard.__file__).resolve().parents[1]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
PATIENCE_SECONDS = 60
NEVER = "3600"
ENTER = "\x1b[?1049h\x1b[H\x1b[?25l"
"""The other screen, from its upper left corner on, without a cursor."""

LEAVE = "\x1b[?25h\x1b[?1049l"
LOGIN = """
import os, sys
os.login_tty(int(sys.argv[1]))  # as a shell does: only then do keys become signals
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


class Terminal:
    """A terminal with `live` running on it, as a shell would have started it."""

    def __init__(self, *words: str) -> None:
        self.ours, self.theirs = os.openpty()
        termios.tcsetwinsize(self.theirs, (24, 80))
        self.modes = termios.tcgetattr(self.theirs)
        self.shown = ""
        environment = {**os.environ, "TERM": "xterm-256color", "PYTHONUTF8": "1"}
        for name in ("COLUMNS", "LINES"):
            environment.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, "-c", LOGIN, str(self.theirs), "-m", "usage_dashboard", "live", *words],
            cwd=ROOT,
            env=environment,
            pass_fds=(self.theirs,),
        )

    def until(self, text: str, after: int = 0) -> int:
        """Read what is shown until `text` stands in it, and from there on; where it ends."""
        while text not in self.shown[after:]:
            assert self._read(), self.shown
        return self.shown.index(text, after) + len(text)

    def press(self, keys: bytes) -> None:
        os.write(self.ours, keys)

    def ended(self) -> int:
        """The exit code, once all that is shown was read and nothing of the terminal is left changed."""
        while self.process.poll() is None or select.select([self.ours], [], [], 0)[0]:
            self._read(0.05)
        assert termios.tcgetattr(self.theirs) == self.modes
        assert self.shown.count(ENTER) == self.shown.count(LEAVE)
        return self.process.returncode

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)

    def _read(self, seconds: float = PATIENCE_SECONDS) -> bool:
        ready = select.select([self.ours], [], [], seconds)[0]
        if ready:
            self.shown += os.read(self.ours, 65536).decode()
        return bool(ready)


@pytest.fixture
def start() -> Iterator[Callable[..., Terminal]]:
    """Start `live WORDS` on a terminal that is closed when the test is over."""
    found: list[Terminal] = []

    def begin(*words: str) -> Terminal:
        found.append(Terminal(*words))
        return found[-1]

    yield begin
    for terminal in found:
        terminal.close()


@pytest.fixture
def terminal(project: Path, start: Callable[..., Terminal]) -> Terminal:
    """A terminal with a call of today on it, and an hour until the next look."""
    write(project, response("m1", at=_now(project)))
    found = start("--interval", NEVER)
    found.until("q quits")
    return found


def _now(project: Path) -> str:
    """The time by the clock of the processes, which is not frozen."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(project.stat().st_mtime))


def test_it_takes_the_other_screen_and_no_echo(terminal: Terminal) -> None:
    assert terminal.shown.startswith(ENTER)
    modes = termios.tcgetattr(terminal.theirs)
    assert not modes[3] & (termios.ECHO | termios.ICANON)
    assert "110 tokens today" in ESCAPES.sub("", terminal.shown)


@pytest.mark.parametrize("keys", [b"q", b"Q", b"\x04", b"xyzq", b"\x03"], ids=repr)
def test_a_key_ends_it_and_the_terminal_is_as_it_was(terminal: Terminal, keys: bytes) -> None:
    terminal.press(keys)
    assert terminal.ended() == 0
    assert terminal.shown.endswith(LEAVE)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"])
def test_a_signal_ends_it_and_the_terminal_is_as_it_was(terminal: Terminal, name: str) -> None:
    number = getattr(signal, name)
    terminal.process.send_signal(number)
    assert terminal.ended() == (0 if name == "SIGINT" else 128 + number)
    assert terminal.shown.endswith(LEAVE)


def test_a_failure_is_reported_on_the_normal_screen(ledger: Path, start: Callable[..., Terminal]) -> None:
    terminal = start("--interval", "0.2", "--no-sweep")
    terminal.until("No data recorded")
    ledger.mkdir()
    (ledger / "usage.db").write_bytes(b"this is no database" * 500)
    assert terminal.ended() == 1
    said = terminal.shown.split(LEAVE)[1]
    assert "Error: " in said
    assert "hint: usage-dashboard doctor" in said


def test_a_new_call_comes_up_by_itself(project: Path, start: Callable[..., Terminal]) -> None:
    path = write(project, response("m1", at=_now(project)))
    terminal = start("--interval", "0.2")
    terminal.until("1 call")
    lines = [*response("m2", at=_now(project)), *response("m3", spent=usage(0, 54_321), at=_now(project))]
    path.write_bytes(path.read_bytes() + packed(lines))
    terminal.until("54.5k tokens today")
    terminal.until("3 calls")
    terminal.press(b"q")
    assert terminal.ended() == 0


def test_it_is_painted_again_when_the_terminal_is_resized(terminal: Terminal) -> None:
    before = len(terminal.shown)
    termios.tcsetwinsize(terminal.theirs, (12, 40))
    terminal.until("q quits", before)
    terminal.press(b"q")
    assert terminal.ended() == 0
    lines = ESCAPES.sub("", terminal.shown[before:]).replace("\r", "").split("\n")
    assert len(lines) == 12
    assert max(map(len, lines)) == 40


def test_while_it_is_suspended_the_terminal_is_as_it_was(terminal: Terminal) -> None:
    terminal.press(b"\x1a")
    _, status = os.waitpid(terminal.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    terminal.until(LEAVE)
    assert termios.tcgetattr(terminal.theirs) == terminal.modes
    before = len(terminal.shown)
    terminal.process.send_signal(signal.SIGCONT)
    terminal.until("q quits", terminal.until(ENTER, before))
    terminal.press(b"q")
    assert terminal.ended() == 0


def test_it_paints_without_reading_keys_where_nobody_can_press_any(project: Path) -> None:
    write(project, response("m1", at=_now(project)))
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "usage_dashboard", "live", "--interval", NEVER],
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
    )
    shown = b""
    while b"q quits" not in shown:
        shown += os.read(ours, 65536)
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 128 + signal.SIGTERM
    os.close(ours)
    os.close(theirs)
