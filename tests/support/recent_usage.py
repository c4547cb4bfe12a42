"""A user's work up to this very moment, for dashboards that run on the real clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.support.times import DAY_US
from tests.support.transcripts import SESSION, response, result, text, tool_use, usage, write
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.limits.current import record_readings
from usage_dashboard.model.events import Reading
from usage_dashboard.reports.envelope import iso_time

OLD = "22222222-fd95-4d67-a568-2e276c5cc993"
RECENT_TOKENS, OLD_TOKENS = 41_130, 5_000


def write_sessions(project: Path) -> None:
    """Write a session of a minute ago with a tool, and one of 40 days ago."""
    now_us = time.time_ns() // 1000
    at = str(iso_time(now_us - 60_000_000))
    first = response("m1", tool_use("t1", "Read"), spent=usage(10, 100, 1000, 0, 20_000), at=at)
    second = response("m2", text("Done."), spent=usage(5, 15, 0, 0, 20_000), at=at)
    write(project, [*first, result("t1"), *second], SESSION)
    long_ago = str(iso_time(now_us - 40 * DAY_US))
    old = response("o1", spent=usage(0, OLD_TOKENS), at=long_ago, sessionId=OLD, cwd="/home/dev/website")
    write(project, old, OLD)


def record_percentage(ledger: Path, used: float) -> None:
    """Sweep, and record a percentage of a week that is in progress now."""
    now_us = time.time_ns() // 1000
    sweep(str(ledger), now_us)
    reading = Reading("seven_day", round(used * 1000), now_us + 2 * DAY_US, now_us, "statusline")
    record_readings(str(ledger), os.path.realpath(ledger.parent / ".claude"), [reading], now_us)


def json_of_command(*words: str) -> Any:
    """Run a command in a process of its own and parse the JSON that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "usage_dashboard", *words, "--json"],
        capture_output=True,
        check=True,
        timeout=30,
    )
    return json.loads(done.stdout)
