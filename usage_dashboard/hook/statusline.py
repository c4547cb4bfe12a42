"""The status line: record the official percentages, and show limits and cost in one line."""

from __future__ import annotations

from usage_dashboard.config import paths
from usage_dashboard.config.settings import read_recording_settings
from usage_dashboard.hook import statusline_text
from usage_dashboard.ingest.scanner import Scanner
from usage_dashboard.limits import current
from usage_dashboard.limits.status_json import read_status
from usage_dashboard.model.ids import file_id
from usage_dashboard.runtime.os_light import calls, getenv
from usage_dashboard.store.read.session_cost import read_visible_cost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.limits.status_json import StatusInput

CHAINED = "USAGE_DASHBOARD_STATUSLINE"
"""Holds the status line command that was there before `setup` (install/command_line.py)."""

WIDTH = 120
MARGINS = 4
"""Columns beside the line that Claude Code leaves free; what is longer than the rest it cuts."""

ASCII = str.maketrans("▓░┃│→", "#.||>")


def status_line(data: bytes, home: str, now_us: int) -> str:
    """Return the line to show for the status JSON in `data`, below the output of the user's own command.

    Raises:
        OSError, SettingsError, sqlite3.DatabaseError: the percentages could not be recorded.
    """
    chained = _start_chained(getenv(CHAINED), data)
    try:
        status = read_status(data, now_us)
        text = _record_and_format(status, home, now_us) if status is not None and status.session else ""
    finally:
        if chained:
            calls.waitpid(chained, 0)
    if not _speaks_unicode():
        text = text.translate(ASCII)
    # Its last line may have no end; the client leaves empty lines out.
    return f"\n{text}" if chained and text else text


def _record_and_format(status: StatusInput, home: str, now_us: int) -> str:
    scanner = Scanner(home)
    with scanner:
        scanner.place(status.session, status.cwd, getenv("CLAUDE_CODE_ENTRYPOINT"))
        scanner.session(status.transcript)
        keyed = bool(getenv("ANTHROPIC_API_KEY"))
        folder = file_id(scanner.salt, paths.claude_folder(status.transcript))
        current.record_status(scanner.db, folder, status, now_us, keyed=keyed)
    known = current.current_limits(scanner.db, folder, now_us)
    shown = read_visible_cost(scanner.db, status.session)
    hidden = None
    if shown is not None and status.cost_nusd:
        hidden = max(0, status.cost_nusd - shown) / status.cost_nusd
    colored = not getenv("NO_COLOR")
    levels = read_recording_settings(paths.config_file(home)).alerts_levels
    look = statusline_text.LineStyle(_line_width(), levels, colored=colored)
    return statusline_text.format_line(known, now_us, status.cost_nusd, hidden, look)


def _start_chained(command: str, data: bytes) -> int:
    """Start the user's own status line command, which prints where we do; its process id, 0 without one.

    On Windows `setup` chains no command, since the shell that it was written for is unknown.
    """
    if not command:
        return 0
    from usage_dashboard.runtime.spawn import start_command  # noqa: PLC0415 - few users have one

    return start_command(command, data)


def _line_width() -> int:
    columns = getenv("COLUMNS")
    width = int(columns) if columns.isdecimal() and len(columns) < 5 else 0
    return (width or WIDTH) - MARGINS


def _speaks_unicode() -> bool:
    """Whether the terminal displays Unicode, according to its locale."""
    locale = getenv("LC_ALL") or getenv("LC_CTYPE") or getenv("LANG")
    return not locale or "utf" in locale.lower()
