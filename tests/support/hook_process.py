"""The command of a hook, as `setup` registers it."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())


def hook_command(name: str) -> list[str]:
    """Build the command of the hook script `name`: no site-packages, no environment, no user site."""
    return [PYTHON, "-I", "-S", str(ROOT / "hooks" / f"{name}.py")]
