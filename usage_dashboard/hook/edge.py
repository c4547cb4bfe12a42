"""Where Claude Code calls a hook: whatever happens inside, the session goes on."""

from __future__ import annotations

import sys
import time

from usage_dashboard.config import paths
from usage_dashboard.runtime.json_light import parse_json_bytes, quoted
from usage_dashboard.runtime.os_light import POSIX, calls, getenv, leave
from usage_dashboard.store import fault_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
"""What a pipe holds at most, where nobody has changed it."""

MOST_SILENCE_MS = 200
"""Some clients leave the pipe open: an event that pauses for longer than this has ended."""


class Answer:
    """What a hook shows the user: a message, a question before the tool runs, a terminal sequence.

    It has no field for anything else, so that no hook ever allows, denies or stops anything.
    """

    __slots__ = ("ask", "message", "signal")

    def __init__(self, message: str = "", ask: str = "", signal: str = "") -> None:
        self.message = message
        self.ask = ask
        self.signal = signal

    def json(self) -> str:
        """Return the JSON object that Claude Code reads; empty if there is nothing to say."""
        parts = []
        if self.message:
            parts.append('"systemMessage": ' + quoted(self.message))
        if self.ask:
            parts.append(
                '"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "ask",'
                ' "permissionDecisionReason": ' + quoted(self.ask) + "}"
            )
        if self.signal:
            parts.append('"terminalSequence": ' + quoted(self.signal))
        return "{" + ", ".join(parts) + "}" if parts else ""


def run_hook(name: str, use_case: Callable[[bytes, str, int], Answer | None]) -> None:
    """Call `use_case` with the event, the ledger's folder and the time; print its answer; end the process.

    Whatever happens, the exit code is 0 and nothing else is printed; our own errors go to the fault log.
    The process ends at once, since an orderly shutdown of the interpreter costs a hook two milliseconds
    for nothing. This returns, without having read anything, only if the user has disabled all hooks.
    """

    def answered(data: bytes, home: str, now_us: int) -> str:
        answer = use_case(data, home, now_us)
        return answer.json() if answer else ""

    run_and_print(name, answered)


def run_and_print(name: str, use_case: Callable[[bytes, str, int], str]) -> None:
    """As `run_hook`, for a use case that returns the text to print."""
    if getenv("USAGE_DASHBOARD_DISABLE") == "1":
        return
    home, now_us = paths.ledger_home(), time.time_ns() // 1000
    try:
        text = use_case(read_input(sys.stdin.fileno()), home, now_us)
        if text:
            sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
            sys.stdout.buffer.flush()
    except BaseException as error:  # noqa: BLE001 - a usage meter must not stop the work it measures
        fault_log.note_fault(home, name, error, now_us)
    finally:  # even if the fault log cannot be written
        leave(0)


def read_input(source: int) -> bytes:
    """Read one JSON object from the file descriptor `source`, without waiting for its end of file.

    Reading stops at the end of the object, at the end of the file, or when nothing comes for
    `MOST_SILENCE_MS`; half an object is returned as it is. On Windows a read without a limit waits for more.

    Raises:
        OSError: `source` cannot be read.
    """
    data = bytearray()
    checked = 0
    while len(data) < MOST_BYTES:
        chunk = _read_ready(source)
        if chunk is None:
            # Each look at an object that is not whole costs its length, so wait until it has doubled.
            if len(data) >= 2 * checked and data[-CHUNK_BYTES:].rstrip().endswith(b"}"):
                if _is_whole(data):
                    break
                checked = len(data)
            chunk = _wait_and_read(source)
        if not chunk:
            break
        data += chunk
    return bytes(data)


def _read_ready(source: int) -> bytes | None:
    """What can be read at once, empty at the end of the file; None if there is nothing yet."""
    if not POSIX:
        return None
    blocking = calls.get_blocking(source)
    calls.set_blocking(source, False)
    try:
        return calls.read(source, CHUNK_BYTES)
    except BlockingIOError:
        return None
    finally:  # the flag belongs to everybody who has the same pipe or terminal open
        calls.set_blocking(source, blocking)


def _wait_and_read(source: int) -> bytes:
    """Wait for more, and return what came; empty if nothing did."""
    if POSIX:
        from select import POLLIN, poll  # noqa: PLC0415 - seldom: nearly always the whole event is there

        poller = poll()
        poller.register(source, POLLIN)
        if not poller.poll(MOST_SILENCE_MS):
            return b""
    return calls.read(source, CHUNK_BYTES)


def _is_whole(data: bytearray) -> bool:
    try:
        parse_json_bytes(bytes(data))
    except ValueError:
        return False
    return True
