"""The counter hook: record what is new in the transcripts, and how a tool call ended."""

from __future__ import annotations

import time

from usage_dashboard.hook.event import Event, read_event
from usage_dashboard.ingest.scanner import Scanner
from usage_dashboard.ingest.transcripts.files import closed_since_ns
from usage_dashboard.runtime.bundle import load
from usage_dashboard.runtime.os_light import file_size, getenv, join_path
from usage_dashboard.store.connection import close_grown

STOP_WAIT_SECONDS = 0.150
LOOK_SECONDS = 0.010
PRUNE_SECONDS = 0.020
NEW_PROCESS = ("startup", "resume", "fork")


def record_event(data: bytes, home: str, now_us: int) -> None:
    """Record a hook event, given as the bytes of its standard input, in the ledger in `home`.

    Starts the telemetry receiver if telemetry is on.

    Raises:
        OSError, sqlite3.DatabaseError: nothing was written, and the next event tries again.
    """
    try:
        if getenv("USAGE_DASHBOARD_TELEMETRY"):
            from usage_dashboard.ingest.telemetry.launch import ensure_running  # noqa: PLC0415 - only where telemetry is on

            ensure_running(home)
    finally:
        _record_transcript(data, home, now_us)


def _record_transcript(data: bytes, home: str, now_us: int) -> None:
    event = read_event(data)
    if event is None or not event.transcript:
        return
    ended = _scan_session(event, home, now_us)
    if event.name == "SessionEnd":
        _prune_old_rows(home, now_us)
    if event.name == "SessionEnd" and not load.used:
        from usage_dashboard.runtime.bundle.build import refresh_bundles  # noqa: PLC0415 - once after an upgrade

        refresh_bundles()
    if event.name == "Stop" or (event.name == "SubagentStop" and event.agent_type):
        _wait_for_last_reply(event, home, now_us, ended=ended)


def _scan_session(event: Event, home: str, now_us: int) -> bool:
    """Record what is new; whether the thread of the event has ended with a finished reply."""
    scanner = Scanner(home)
    scanner.closed_ns = closed_since_ns(now_us, ended=event.name == "SessionEnd")
    with scanner:
        named = (getenv("USAGE_DASHBOARD_DOMAIN"), getenv("USAGE_DASHBOARD_CHANNEL"))
        scanner.place(event.session, event.cwd, getenv("CLAUDE_CODE_ENTRYPOINT"), named)
        thread = (event.session, event.agent_id)
        outcome = None if event.tool is None else (event.tool, thread, event.tool_name, event.duration_ms)
        ended = scanner.session(event.transcript, outcome)
        if event.name == "SessionStart" and event.source in NEW_PROCESS:
            pid = getenv("CLAUDE_PID")
            scanner.process(event.session, now_us, int(pid) if pid.isdecimal() else 0)
        if event.name == "StopFailure" and event.error == "rate_limit":
            scanner.limit_hit(event.session, now_us)
        if event.name == "SessionEnd":
            scanner.give_up(now_us, event.session)
            from usage_dashboard.store.read.baseline import refresh_baseline  # noqa: PLC0415 - once per session

            refresh_baseline(scanner.db, now_us)
        if event.name == "SubagentStop":
            ended = scanner.stands_at_end(_transcript_of(event))
    close_grown(scanner.db, home)
    return ended


def _prune_old_rows(home: str, now_us: int) -> None:
    """Drop rows past their time, as a sweep would, for at most 20 ms.

    With a setting that is not allowed nothing is dropped: the user may have meant to keep it.
    """
    from usage_dashboard.config import paths  # noqa: PLC0415 - once per session
    from usage_dashboard.config.settings import read_settings  # noqa: PLC0415
    from usage_dashboard.model.errors import SettingsError  # noqa: PLC0415
    from usage_dashboard.model.events import DAY_US  # noqa: PLC0415
    from usage_dashboard.store.connection import HOOK_WAIT_SECONDS, open_writer  # noqa: PLC0415
    from usage_dashboard.store.upkeep.retention import prune_for  # noqa: PLC0415

    try:
        days = read_settings(paths.config_file(home)).retention_days
    except SettingsError:
        return
    db = open_writer(home, HOOK_WAIT_SECONDS)
    prune_for(db, now_us - days * DAY_US, PRUNE_SECONDS)
    close_grown(db, home)


def _wait_for_last_reply(event: Event, home: str, now_us: int, *, ended: bool) -> None:
    """Read the transcript again until the last reply is on disk, for at most 150 ms.

    Claude Code writes the transcript about 100 ms after the reply (research/EVIDENCE.md).
    """
    path = _transcript_of(event)
    deadline = time.monotonic() + STOP_WAIT_SECONDS
    seen = file_size(path)
    while not ended and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        if file_size(path) != seen:
            seen = file_size(path)
            ended = _scan_session(event, home, now_us)


def _transcript_of(event: Event) -> str:
    """Return the transcript of the thread that the event is about."""
    if event.agent_id:
        folder = event.transcript.removesuffix(".jsonl")
        return join_path(folder, "subagents", f"agent-{event.agent_id}.jsonl")
    return event.transcript
