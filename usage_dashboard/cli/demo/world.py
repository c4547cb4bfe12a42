"""A temporary home folder for one command, with generated transcripts, ledger and settings."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from usage_dashboard.cli.demo.work import HOUR_US, generate_sessions
from usage_dashboard.config import edit, paths
from usage_dashboard.ingest import sweep
from usage_dashboard.ingest.scanner import Scanner
from usage_dashboard.limits import current
from usage_dashboard.limits.status_json import StatusInput
from usage_dashboard.model.allowance import LENGTHS_US, WEEK_US
from usage_dashboard.model.events import SECOND_US, ToolResult
from usage_dashboard.model.ids import file_id, id_hash
from usage_dashboard.model.limit_names import FIVE_HOUR, WEEKLY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_dashboard.cli.demo.transcripts import DemoSession

    Spent = list[tuple[int, int]]

FOREIGN = ("CLAUDE", "ANTHROPIC", "USAGE_DASHBOARD", "XDG_CONFIG", "DAILY_BUDGET_USD", "MONTHLY_BUDGET_USD")
"""How the variables begin that say something about the caller's Claude Code, ledger or budgets."""

WEEK_USED, BLOCK_USED = 63, 38
WEEK_LEFT_US, BLOCK_LEFT_US = 57 * HOUR_US, 1 * HOUR_US + 40 * 60 * SECOND_US
MINUTE_US = 60 * SECOND_US

BUDGETS = (
    {"period": "weekly", "tokens": 26_000_000},
    {"period": "monthly", "usd": "30", "project": "shop"},
)


@contextmanager
def demo_home(now_us: int) -> Iterator[str]:
    """Fill a temporary folder with generated work up to `now_us`, and make it this process's home.

    Leaving the block restores the environment and removes the folder.
    """
    kept = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="usage-dashboard-demo-", ignore_cleanup_errors=True) as folder:
        try:
            use_as_home(os.path.realpath(folder))
            fill_home(os.path.realpath(folder), now_us)
            yield os.path.realpath(folder)
        finally:
            os.environ.clear()
            os.environ.update(kept)


def use_as_home(folder: str) -> None:
    """Make `folder` the home of this process and of those that it starts."""
    for name in list(os.environ):
        if name.startswith(FOREIGN):
            del os.environ[name]
    os.environ["HOME"] = os.environ["USERPROFILE"] = folder
    os.environ["CLAUDE_CONFIG_DIR"] = os.path.join(folder, ".claude")
    os.environ["USAGE_DASHBOARD_HOME"] = os.path.join(folder, ".claude-usage")


def fill_home(folder: str, now_us: int) -> None:
    """Generate five weeks of work in the home `folder`, and read them into its ledger."""
    home, claude = paths.ledger_home(), paths.claude_config_dirs()[0]
    made = generate_sessions(now_us, folder)
    for session in made:
        write_session(session, os.path.join(claude, "projects"))
    config = paths.config_file(home)
    edit.set_value(config, "roots", [claude])
    edit.set_value(config, "budgets", list(BUDGETS))
    sweep.sweep(home, now_us)
    _record_hook_data(home, claude, made, now_us)


def write_session(session: DemoSession, projects: str) -> None:
    """Write a session's files, with the modification time of its last work."""
    at = session.at_us / SECOND_US
    for path, content in session.files(projects):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        os.utime(path, (at, at))


def _record_hook_data(home: str, folder: str, made: list[DemoSession], now_us: int) -> None:
    """Record what hooks and the status line would have: durations of tools, and limits."""
    spent = sorted(call for session in made for call in session.spent)
    weekly = _DemoLimit(WEEKLY, WEEK_US, WEEK_USED, now_us, WEEK_LEFT_US)
    block = _DemoLimit(FIVE_HOUR, LENGTHS_US[FIVE_HOUR], BLOCK_USED, now_us, BLOCK_LEFT_US)
    scanner = Scanner(home)
    try:
        with scanner:
            place = file_id(scanner.salt, folder)
            for session in made:
                if weekly.includes(session.at_us):
                    _record_durations(scanner, session)
                rate_limits = {
                    window.name: window.status_at(session.at_us, spent) for window in (weekly, block)
                }
                status = StatusInput({"session_id": session.name, "rate_limits": rate_limits}, session.at_us)
                current.record_status(scanner.db, place, status, now_us, keyed=False)
    finally:
        scanner.db.close()


def _record_durations(scanner: Scanner, session: DemoSession) -> None:
    for use in session.uses:
        result = ToolResult(id_hash(use.id), 0, failed=use.failed, subagent=use.thread.id)
        thread = (session.name, use.thread.id)
        scanner.tool_outcome((result, thread, use.name, use.milliseconds))


class _DemoLimit:
    """A limit that is `used` percent used at `now_us` and resets `left_us` later."""

    def __init__(self, name: str, length_us: int, used: int, now_us: int, left_us: int) -> None:
        self.name = name
        self.length_us = length_us
        self.used = used
        self.now_us = now_us
        self.resets_us = (now_us + left_us) // MINUTE_US * MINUTE_US

    def includes(self, at_us: int) -> bool:
        """Whether `at_us` lies in the current window."""
        return at_us >= self.resets_us - self.length_us

    def status_at(self, at_us: int, spent: Spent) -> dict[str, int]:
        """The status JSON of this limit at `at_us`, for the window of that time."""
        ago = (self.resets_us - 1 - at_us) // self.length_us
        resets_us = self.resets_us - ago * self.length_us
        whole = self._tokens(self.resets_us, self.now_us, spent)
        percent = min(100, self._tokens(resets_us, at_us, spent) * self.used // whole)
        return {"used_percentage": percent, "resets_at": resets_us // SECOND_US}

    def _tokens(self, resets_us: int, until_us: int, spent: Spent) -> int:
        return sum(tokens for at_us, tokens in spent if resets_us - self.length_us <= at_us <= until_us)
