"""Sessions with durations of tool calls, which a hook reported and reports look for."""

from __future__ import annotations

from pathlib import Path

from tests.hook.conftest import Hook, silent
from tests.support.ledger_rows import rows, totals_after_sweep
from tests.support.transcripts import SESSION, response, tool_use, write


def test_a_session_knows_whether_a_hook_reported_durations(hook: Hook, ledger: Path, project: Path) -> None:
    path = write(project, response("m1", tool_use("t1", "Bash")))
    totals_after_sweep(ledger)
    assert rows(ledger, "SELECT lasted FROM session") == [(0,)]
    assert rows(ledger, "SELECT COUNT(*) FROM tool_call") == [(1,)]
    common = {"session_id": SESSION, "transcript_path": str(path), "cwd": "/home/dev/shop"}
    ran = {"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_use_id": "t1", "duration_ms": 5}
    assert silent(hook("counter", common | ran))
    assert rows(ledger, "SELECT lasted FROM session") == [(1,)]
