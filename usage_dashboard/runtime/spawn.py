"""Starting a command of the user's at a hook's price: `subprocess` costs more than the hook does."""

from __future__ import annotations

import os

SIGPIPE = 13


def start_command(command: str, data: bytes) -> int:
    """Run `command` in the POSIX shell, with `data` on its standard input; its process id.

    Its outputs are ours. What it does not read of `data` is given up.

    Raises:
        OSError: there is no shell, or no process is to be had.
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
