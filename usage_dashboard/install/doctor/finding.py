"""What `usage-dashboard doctor` reports about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One sentence about one thing that was examined, and a hint that can be pasted.

    `warning`: recording works, but not as it should; `problem`: something is not recorded or not shown.
    """

    level: Literal["ok", "warning", "problem"]
    check: str
    message: str
    hint: str = ""
