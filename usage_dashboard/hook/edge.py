"""The edge between Claude Code and a use case: whatever happens inside, the session goes on."""

from __future__ import annotations

import sys
import time

from usage_dashboard.config import paths
from usage_dashboard.runtime.json_light import quoted
from usage_dashboard.runtime.os_light import getenv, leave
from usage_dashboard.store import fault_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 64 * 1024 * 1024


class Answer:
    """What a hook shows the user: a message, a question before the tool runs, a sign to the terminal.

    It can say nothing else, so that no hook ever allows, denies or stops anything.
    """

    __slots__ = ("ask", "message", "signal")

    def __init__(self, message: str = "", ask: str = "", signal: str = "") -> None:
        self.message = message
        self.ask = ask
        self.signal = signal

    def json(self) -> str:
        """The object as Claude Code reads it, empty where there is nothing to say."""
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
    """Give `use_case` the event, the ledger's folder and the time; print what it answers; end the process.

    Exit code 0 and an empty standard output otherwise, whatever happens: a fault of ours is noted in the
    fault log. The process ends at once, since taking the interpreter down in order costs a hook two
    milliseconds and does nothing for it. This comes back, and has read nothing, only where the user
    wants no hook to do anything.
    """

    def answered(data: bytes, home: str, now_us: int) -> str:
        answer = use_case(data, home, now_us)
        return answer.json() if answer else ""

    run_and_print(name, answered)


def run_and_print(name: str, use_case: Callable[[bytes, str, int], str]) -> None:
    """As `run_hook`, for a use case whose answer is the very text to print."""
    if getenv("USAGE_DASHBOARD_DISABLE") == "1":
        return
    home, now_us = paths.ledger_home(), time.time_ns() // 1000
    try:
        text = use_case(sys.stdin.buffer.read(MOST_BYTES), home, now_us)
        if text:
            sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
            sys.stdout.buffer.flush()
    except BaseException as error:  # noqa: BLE001 - a usage meter must not stop the work it measures
        fault_log.note_fault(home, name, error, now_us)
    finally:  # even where the fault cannot be noted
        leave(0)
