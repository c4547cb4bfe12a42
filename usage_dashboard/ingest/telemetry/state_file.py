"""`telemetry.json` beside the ledger: where the receiver runs, and what it counted; numbers only.

It stays when the receiver has ended, so that counts go on and `doctor` can show them.
"""

from __future__ import annotations

import os

from usage_dashboard.runtime.atomic_file import write_text
from usage_dashboard.runtime.json_light import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COUNTS = ("requests", "refused_bodies", "refused_records", "dropped")
NUMBERS = ("pid", "port", "since_us", *COUNTS)
_MOST_BYTES = 4096


def state_file(home: str) -> str:
    """The file below the folder `home`."""
    return os.path.join(home, "telemetry.json")


def read(home: str) -> dict[str, int]:
    """What the receiver last wrote, every number there; `pid` 0: it ended. Zeros where it never ran."""
    try:
        with open(state_file(home), encoding="utf-8") as file:
            found: Any = decode(file.read(_MOST_BYTES))
    except (OSError, ValueError):
        found = {}
    numbers = dict.fromkeys(NUMBERS, 0)
    for name in NUMBERS:
        value = found.get(name) if isinstance(found, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            numbers[name] = value
    return numbers


def write(home: str, numbers: dict[str, int]) -> None:
    """Replace what the receiver last wrote, in one step, readable by its owner only.

    Raises:
        OSError: the folder is gone, full or not to be written.
    """
    fields = ", ".join(f'"{name}": {int(numbers[name])}' for name in NUMBERS)
    write_text(state_file(home), f"{{{fields}}}\n")


def remove(home: str) -> None:
    """Forget what was counted."""
    try:
        os.unlink(state_file(home))
    except FileNotFoundError:
        return
