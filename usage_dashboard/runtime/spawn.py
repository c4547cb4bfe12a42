"""Starting the user's own command without `subprocess`, which costs more than the whole hook."""

from __future__ import annotations

import os

SIGPIPE = 13


def start_command(command: str, data: bytes) -> int:
    """Start `command` in the POSIX shell with `data` on its standard input; return its process id.

    It prints where we do. What it does not read of `data` is dropped.

    Raises:
        OSError: there is no shell, or no process can be started.
    """
    reading, writing = os.pipe()
    shell = ["/bin/sh", "-c", command]
    standing_in = [(os.POSIX_SPAWN_DUP2, reading, 0)]
    # Our interpreter ignores the signal of a closed pipe, and a child would inherit that.
    pid = os.posix_spawn(shell[0], shell, os.environ, file_actions=standing_in, setsigdef=[SIGPIPE])
    os.close(reading)
    try:
        os.write(writing, data)
    except BrokenPipeError:
        pass
    finally:
        os.close(writing)
    return pid
