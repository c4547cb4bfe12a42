"""The full screen of a terminal for `live`: Rich paints it; keys, resizing and suspending are handled here.

Rich's `Live` knows neither of the three. Its own output is buffered, so a signal handler that left the screen
in the middle of a paint would stop the process before the bytes are written. Handlers therefore only wake
`wait`, which resizes and suspends between two paints.
"""

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

from rich.console import Console
from rich.live import Live
from rich.text import Text

from usage_dashboard.cli.terminal import output

if TYPE_CHECKING:
    from types import FrameType, ModuleType, TracebackType
    from typing import Any, Self

    from usage_dashboard.cli.terminal.layout import StyledLine

termios: ModuleType | None
try:
    termios = importlib.import_module("termios")
except ImportError:  # Windows
    termios = None

QUIT_KEYS = b"qQ\x04"
POLL_SECONDS = 0.1


class FullScreen:
    """The terminal's other screen, without echo and cursor, while the context lasts.

    However the context is left, the terminal is as it was: after a signal too, and while suspended.
    """

    def __init__(self) -> None:
        console = Console(highlight=False)
        self._live = Live(
            console=console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
        )
        self._shown: list[StyledLine] | None = None
        self._modes: list[Any] | None = None
        self._handlers: dict[int, Any] = {}
        self._wakeups: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines of the terminal at this moment."""
        return shutil.get_terminal_size()

    def __enter__(self) -> Self:
        try:
            self._catch_signals()
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in self._handlers:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl+C would leave it half restored
        self._stop()
        if self._wakeups is not None:
            signal.set_wakeup_fd(-1)
            for end in self._wakeups:
                os.close(end)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def paint(self, lines: list[StyledLine]) -> None:
        """Show `lines`, as many as the screen has room for, unless it shows them already."""
        if lines == self._shown:
            return
        self._shown = lines
        texts = [
            Text.assemble(*((text, output.STYLES[style]) for text, style in line))
            for line in output.make_encodable(lines)
        ]
        page = Text("\n", no_wrap=True, overflow="crop").join(texts)
        self._live.update(page, refresh=True)

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until the screen has to be painted again; return whether the user quits."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if self._wakeups is None:
                if _quit_pressed():
                    return True
                time.sleep(min(left, POLL_SECONDS))
                continue
            keyboard = [sys.stdin.fileno()] if self._modes else []
            ready, _, _ = select.select([self._wakeups[0], *keyboard], [], [], left)
            if self._wakeups[0] in ready:
                self._handle_wakeup(os.read(self._wakeups[0], 512))
                return False
            if ready:
                keys = os.read(sys.stdin.fileno(), 512)
                if not keys or any(key in QUIT_KEYS for key in keys):
                    return True
        return False

    def _handle_wakeup(self, numbers: bytes) -> None:
        """Suspend if one of the signals asks for it (Ctrl+Z); the screen is painted again in any case."""
        if signal.SIGTSTP in numbers:
            self._stop()
            os.kill(os.getpid(), signal.SIGSTOP)
            self._start()
        self._shown = None

    def _start(self) -> None:
        if termios is not None and sys.stdin.isatty():
            self._modes = termios.tcgetattr(sys.stdin)
            modes = termios.tcgetattr(sys.stdin)
            modes[3] &= ~(termios.ECHO | termios.ICANON)  # each key at once, and none shown
            termios.tcsetattr(sys.stdin, termios.TCSANOW, modes)
        self._live.start()

    def _stop(self) -> None:
        with suppress(OSError):  # the terminal itself may be gone
            self._live.stop()
        if termios is not None and self._modes is not None:
            with suppress(termios.error):
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._modes)

    def _catch_signals(self) -> None:
        self._set_handler("SIGINT", signal.default_int_handler)
        for name in ("SIGTERM", "SIGHUP", "SIGQUIT"):
            self._set_handler(name, _raise_exit)
        for name in ("SIGTSTP", "SIGWINCH"):
            self._set_handler(name, _wake_up)
        if termios is not None:
            self._wakeups = os.pipe()
            os.set_blocking(self._wakeups[1], False)
            signal.set_wakeup_fd(self._wakeups[1], warn_on_full_buffer=False)

    def _set_handler(self, name: str, handler: Any) -> None:
        number = getattr(signal, name, None)
        if number is not None:
            self._handlers[number] = signal.signal(number, handler) or signal.SIG_DFL


def _quit_pressed() -> bool:
    """Whether a key that quits was pressed, on Windows, which has no termios."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - no other system has it

        while msvcrt.kbhit():
            if msvcrt.getwch().encode() in (b"q", b"Q", b"\x04"):
                return True
    return False


def _raise_exit(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _wake_up(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: having a handler makes Python write the signal's number to the pipe that `wait` reads."""
