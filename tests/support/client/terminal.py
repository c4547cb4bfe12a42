"""The client's terminal screen, driven through tmux."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from tests.support.client.home import permitted
from tests.support.client.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.client.home import ClientHome

_PROMPT = "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"
_TRIES = 20
_TRY_SECONDS = 0.5


class InteractiveClient:
    """An interactive session of the client in a tmux server of its own.

    Use it as a context manager: it waits for the prompt at the start, and leaves nothing running.
    """

    def __init__(self, home: ClientHome, *args: str) -> None:
        if shutil.which("tmux") is None:
            pytest.skip("no tmux to run the client's screen in")
        home.trust()
        self._home = home
        self._args = permitted(args)
        # Not in the test's own folder: the path of a socket may have at most about 100 characters.
        self._folder = tempfile.TemporaryDirectory(prefix="ud-")
        self._socket = str(Path(self._folder.name) / "tmux")

    def __enter__(self) -> Self:
        command = shlex.join([str(self._home.binary), *self._args])
        size = ["-x", "140", "-y", "50"]
        self._tmux("new-session", "-d", "-s", "client", *size, "-c", str(self._home.project), command)
        self._tmux("set-option", "-g", "remain-on-exit", "on")
        self.wait_for(_PROMPT)
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server", check=False)
        self._folder.cleanup()

    @property
    def pid(self) -> int:
        """The client's process id."""
        return int(self._tmux("display-message", "-p", "-t", "client", "#{pane_pid}"))

    @property
    def ended(self) -> bool:
        """Whether the client's process has gone."""
        return self._tmux("display-message", "-p", "-t", "client", "#{pane_dead}").strip() == "1"

    def screen(self) -> str:
        """What is on the screen now, and what has scrolled off it."""
        return self._tmux("capture-pane", "-p", "-t", "client", "-S", "-500")

    def type(self, text: str) -> None:
        """Type `text` and send it once it stands in the prompt.

        An Enter that arrives together with the text would be taken for a pasted line break.
        """
        self._tmux("send-keys", "-t", "client", "-l", text)
        self._wait(lambda screen: text in _prompt(screen), f"`{text}` in the prompt")
        self.press("Enter")

    def press(self, key: str) -> None:
        """Press a key, by tmux's name for it."""
        self._tmux("send-keys", "-t", "client", key)

    def answer(self, question: str, key: str) -> str:
        """The screen with the dialog that asks `question`, which is then answered with `key`."""
        asked = self.wait_for(question)
        for _ in range(_TRIES):  # in its first moments a dialog takes no key
            self.press(key)
            with suppress(AssertionError):
                self.wait_until_gone(question, _TRY_SECONDS)
                return asked
        raise AssertionError(f"`{question}` took no `{key}`:\n{self.screen().rstrip()}")

    def keep_output(self, path: Path) -> None:
        """Append all that the client sends to its terminal from now on to the file `path`."""
        self._tmux("pipe-pane", "-O", "-t", "client", shlex.join(["tee", "-a", str(path)]))

    def resize(self, columns: int) -> None:
        """Make the terminal this wide."""
        self._tmux("resize-window", "-t", "client", "-x", str(columns))

    def wait_for(self, text: str, timeout: float = 20.0) -> str:
        """The screen, as soon as it shows `text`."""
        return self._wait(lambda screen: text in screen, f"`{text}`", timeout)

    def wait_until_gone(self, text: str, timeout: float = 20.0) -> str:
        """The screen, as soon as it shows `text` no more."""
        return self._wait(lambda screen: text not in screen, f"`{text}` to go", timeout)

    def leave(self) -> None:
        """End the session with `/exit` and wait until the process has gone."""
        self.type("/exit")
        self.wait_for_end()

    def wait_for_end(self) -> None:
        """Wait until the client's process has gone."""
        wait_until(lambda: self.ended, "the client to end")

    def _wait(self, shows: Callable[[str], bool], what: str, timeout: float = 20.0) -> str:
        def look() -> str | None:
            screen = self.screen()
            return screen if shows(screen) else None

        try:
            return wait_until(look, what, timeout)
        except AssertionError as missing:
            raise AssertionError(f"{missing} on the screen:\n{self.screen().rstrip()}") from None

    def _tmux(self, *args: str, check: bool = True) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, "-f", "/dev/null", *args],
            env=self._home.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout


def _prompt(screen: str) -> str:
    """The line that is being typed: the last one with a prompt sign."""
    return next((line for line in reversed(screen.splitlines()) if line.startswith(_PROMPT)), "")
