"""A terminal's whole screen, for a program that paints it again and again and gives it back as it was."""

from __future__ import annotations

import importlib
import os
import select
import shutil
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from usage_dashboard.cli.terminal import output

if TYPE_CHECKING:
    from types import FrameType, ModuleType, TracebackType
    from typing import Any, Self

    from usage_dashboard.cli.terminal.layout import Line

termios: ModuleType | None
try:
    termios = importlib.import_module("termios")
except ImportError:  # Windows
    termios = None

ENTER = "\x1b[?1049h\x1b[?7l\x1b[?25l"
"""The other screen, without wrapping of long lines and without a cursor."""

LEAVE = "\x1b[?25h\x1b[?7h\x1b[?1049l"
HOME, CLEAR_LINE, CLEAR_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"
AT_ONCE = ("\x1b[?2026h", "\x1b[?2026l")
"""What comes between is shown in one go, by the terminals that know this; the others pass over it."""

QUIT = b"qQ\x04"
LOOK_SECONDS = 0.1


class Screen:
    """The screen while it is ours, as a context. `size` is (columns, lines) as of now.

    However the context is left, the terminal is as it was: by a signal too, and while it is suspended.
    """

    def __init__(self) -> None:
        self._escapes = _escapes()
        self._shown = ""
        self._modes: list[Any] | None = None
        self._handlers: dict[int, Any] = {}
        self._woken, self._wakes = -1, -1

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines of the terminal."""
        return shutil.get_terminal_size()

    def __enter__(self) -> Self:
        try:
            self._catch_signals()
            self._take()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in self._handlers:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl+C would leave it half restored
        self._give_back()
        if self._wakes >= 0:
            signal.set_wakeup_fd(-1)
            os.close(self._woken)
            os.close(self._wakes)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def paint(self, lines: list[Line]) -> None:
        """Show `lines`, of which the screen has room for the first ones."""
        # A line is cleared before it is written: once it is full, the cursor stands on its last character.
        painted = [CLEAR_LINE + self._painted(line) for line in output.encodable(lines[: self.size[1]])]
        text = HOME + "\n".join(painted)
        if len(painted) < self.size[1]:
            text += f"\n{CLEAR_BELOW}"
        if text != self._shown:
            self._shown = text
            _write(text.join(AT_ONCE))

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until the screen has another size; whether the user wants to leave."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if termios is None:
                if _pressed():
                    return True
                time.sleep(min(left, LOOK_SECONDS))
                continue
            watched = [self._woken, *([sys.stdin.fileno()] if self._modes else [])]
            ready, _, _ = select.select(watched, [], [], left)
            if self._woken in ready:
                os.read(self._woken, 512)
                self._shown = ""  # what a terminal does to a screen when it is resized is its own affair
                return False
            if ready:
                keys = os.read(sys.stdin.fileno(), 512)
                if not keys or any(key in QUIT for key in keys):
                    return True
        return False

    def _painted(self, line: Line) -> str:
        pieces = []
        for text, style in line:
            before, after = self._escapes[style]
            pieces.append(f"{before}{text}{after}")
        return "".join(pieces)

    def _take(self) -> None:
        if termios is not None and sys.stdin.isatty():
            self._modes = termios.tcgetattr(sys.stdin)
            modes = termios.tcgetattr(sys.stdin)
            modes[3] &= ~(termios.ECHO | termios.ICANON)  # each key at once, and none shown
            termios.tcsetattr(sys.stdin, termios.TCSANOW, modes)
        self._shown = ""
        _write(ENTER)

    def _give_back(self) -> None:
        with suppress(OSError):  # the terminal itself may be gone
            _write(LEAVE)
        if termios is not None and self._modes is not None:
            with suppress(termios.error):
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._modes)

    def _catch_signals(self) -> None:
        self._handle("SIGINT", signal.default_int_handler)
        for name in ("SIGTERM", "SIGHUP", "SIGQUIT"):
            self._handle(name, _end)
        self._handle("SIGTSTP", self._suspend)
        self._handle("SIGWINCH", _wake)
        if termios is not None:
            self._woken, self._wakes = os.pipe()
            os.set_blocking(self._wakes, False)
            signal.set_wakeup_fd(self._wakes, warn_on_full_buffer=False)

    def _handle(self, name: str, handler: Any) -> None:
        number = getattr(signal, name, None)
        if number is not None:
            self._handlers[number] = signal.signal(number, handler) or signal.SIG_DFL

    def _suspend(self, _number: int, _frame: FrameType | None) -> None:
        """Ctrl+Z: the shell gets its screen, and we take ours again when we go on."""
        self._give_back()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._take()


def _escapes() -> dict[str, tuple[str, str]]:
    """What stands before and after a text of each style, in the colors that the terminal has."""
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False)
    found = {}
    for name, style in output.STYLES.items():
        with console.capture() as captured:
            console.print(Text("x", style), end="")
        before, _, after = captured.get().partition("x")
        found[name] = (before, after)
    return found


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _pressed() -> bool:
    """Whether a key that quits was pressed, where there is no termios."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - no other system has it

        while msvcrt.kbhit():
            if msvcrt.getwch().encode() in (b"q", b"Q", b"\x04"):
                return True
    return False


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _wake(_number: int, _frame: FrameType | None) -> None:
    """Nothing: that there is a handler is what wakes `wait`."""
