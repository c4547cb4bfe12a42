"""The edge between Claude Code and a use case: whatever happens inside, the session goes on."""

from __future__ import annotations

import os
import sys
import time

from usage_dashboard import faults, paths
from usage_dashboard.decode import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 64 * 1024 * 1024


def run(name: str, use_case: Callable[[bytes, str, int], str | None]) -> None:
    """Give `use_case` the event, the ledger's folder and the time; show what it answers; end the process.

    An answer is shown to the user beside the tool call (`systemMessage`) and decides nothing. Exit code
    0 and an empty standard output otherwise, whatever happens: a fault of ours is noted in the fault
    log. The process ends at once, since taking the interpreter down in order costs a hook two
    milliseconds and does nothing for it.
    """
    home = paths.ledger_home()
    try:
        answer = use_case(sys.stdin.buffer.read(MOST_BYTES), home, time.time_ns() // 1000)
        if answer:
            sys.stdout.write('{"systemMessage": ' + quoted(answer) + "}\n")
            sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - a usage meter must not stop the work it measures
        faults.note(home, name, error, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    os._exit(0)
