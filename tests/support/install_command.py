"""Running `usage-dashboard` as a user does: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import usage_dashboard

ROOT = Path(usage_dashboard.__file__).resolve().parent.parent
START = "import sys; from usage_dashboard.cli.start import main; sys.exit(main())"


def run_command(
    *words: str, cwd: Path | None = None, stdin: int = subprocess.DEVNULL, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run `usage-dashboard WORDS` and return its output and exit code."""
    return subprocess.run(
        [sys.executable, "-c", START, *words],
        check=False,
        cwd=cwd,
        stdin=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **env},
    )
