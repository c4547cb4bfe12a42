"""The edge between Claude Code and a use case: whatever happens inside, the session goes on."""

from __future__ import annotations

import os
import sys
import time

from usage_dashboard import faults, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 64 * 1024 * 1024


def run(name: str, use_case: Callable[[bytes, str], str | None]) -> None:
    """Give `use_case` the event and the ledger's folder, print what it answers, and end the process.

    Exit code 0 and nothing on standard output, unless there is something to say. A fault of ours is
    noted in the fault log. The process ends at once: taking the interpreter down in order costs a
    hook two milliseconds and does nothing for it.
    """
    home = paths.ledger_home()
    try:
        answer = use_case(sys.stdin.buffer.read(MOST_BYTES), home)
        if answer:
            sys.stdout.write(answer + "\n")
            sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - a usage meter must not stop the work it measures
        faults.note(home, name, error, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    os._exit(0)
