"""`telemetry.json` beside the ledger: where the receiver runs and what it counted; numbers only.

It stays when the receiver has ended, so that counts continue and `doctor` can show them.
"""

from __future__ import annotations

import os

from usage_dashboard.runtime.atomic_file import write_text
from usage_dashboard.runtime.json_light import parse_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COUNTS = ("requests", "refused_bodies", "refused_records", "dropped")
NUMBERS = ("pid", "port", "since_us", *COUNTS)
_MOST_BYTES = 4096


def state_path(home: str) -> str:
    """The path of the file below the folder `home`."""
    return os.path.join(home, "telemetry.json")


def read_state(home: str) -> dict[str, int]:
    """Read what the receiver last wrote; `pid` is 0 if it ended, all numbers are 0 if it never ran."""
    try:
        with open(state_path(home), encoding="utf-8") as file:
            state: Any = parse_json(file.read(_MOST_BYTES))
    except (OSError, ValueError):
        state = {}
    numbers = dict.fromkeys(NUMBERS, 0)
    for name in NUMBERS:
        value = state.get(name) if isinstance(state, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            numbers[name] = value
    return numbers


def write_state(home: str, numbers: dict[str, int]) -> None:
    """Replace what the receiver last wrote.

    Raises:
        OSError: the folder is gone, full or cannot be written.
    """
    fields = ", ".join(f'"{name}": {int(numbers[name])}' for name in NUMBERS)
    write_text(state_path(home), f"{{{fields}}}\n")


def remove_state(home: str) -> None:
    """Remove the file, and with it what was counted."""
    try:
        os.unlink(state_path(home))
    except FileNotFoundError:
        return
