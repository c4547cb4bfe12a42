"""The alert hook: one message per level of the weekly cap, and otherwise nothing."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.build import OTHER, SESSION, packed, response, usage, write
from tests.hooks.conftest import Hook, silent
from usage_dashboard.history import sweep


def before_a_call(session: str = SESSION) -> dict[str, object]:
    return {
        "session_id": session,
        "transcript_path": "/nowhere.jsonl",
        "hook_event_name": "PreToolUse",
        "tool_name": "Bash",
        "tool_use_id": "t1",
    }


def cap(ledger: Path, **limit: object) -> None:
    ledger.mkdir(mode=0o700, exist_ok=True)
    (ledger / "config.json").write_text(json.dumps({"budgets": [{"period": "weekly", **limit}]}))


def spend(ledger: Path, project: Path, tokens: int, message: str, at: str) -> None:
    path = project / f"{SESSION}.jsonl"
    before = path.read_bytes() if path.exists() else b""
    path.write_bytes(before + packed(response(message, spent=usage(0, tokens), at=at)))
    sweep(str(ledger), 0)


@pytest.fixture
def now() -> str:
    """An instant of the present week, since a hook reads the clock itself."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def message(hook: Hook, session: str = SESSION) -> str:
    done = hook("alert", before_a_call(session))
    assert (done.returncode, done.stderr) == (0, b"")
    said = json.loads(done.stdout)
    assert list(said) == ["systemMessage"]
    return str(said["systemMessage"])


def test_each_level_is_said_once_per_session(hook: Hook, ledger: Path, project: Path, now: str) -> None:
    cap(ledger, tokens=1000)
    spend(ledger, project, 499, "m1", now)
    assert silent(hook("alert", before_a_call()))
    for tokens, name, share in ((1, "m2", "50%"), (300, "m3", "80%"), (150, "m4", "95%")):
        spend(ledger, project, tokens, name, now)
        assert f"{share} of this week's cap of 1.0k tokens is used" in message(hook)
        assert silent(hook("alert", before_a_call()))
    assert "95%" in message(hook, OTHER)
    assert silent(hook("alert", before_a_call(OTHER)))


def test_a_cap_in_dollars_counts_estimated_dollars(hook: Hook, ledger: Path, project: Path, now: str) -> None:
    cap(ledger, usd="0.02")
    spend(ledger, project, 1000, "m1", now)  # 1,000 output tokens of Opus 5.5 are 0.02 dollars
    assert "100% of this week's cap of $0.02 is used, $0.00 over" in message(hook)


def test_spending_of_another_week_does_not_count(hook: Hook, ledger: Path, project: Path) -> None:
    cap(ledger, tokens=1000)
    spend(ledger, project, 5000, "m1", "2026-01-05T10:00:00Z")
    assert silent(hook("alert", before_a_call()))


def test_without_a_cap_there_is_silence(hook: Hook, ledger: Path, project: Path, now: str) -> None:
    spend(ledger, project, 10**9, "m1", now)
    assert silent(hook("alert", before_a_call()))


def test_settings_that_cannot_be_read_are_met_with_silence_and_noted(hook: Hook, ledger: Path) -> None:
    ledger.mkdir()
    (ledger / "config.json").write_text("{")
    assert silent(hook("alert", before_a_call()))
    assert "SettingsError" in (ledger / "faults.log").read_text()


def test_a_transcript_is_not_read_before_a_call(hook: Hook, ledger: Path, project: Path) -> None:
    cap(ledger, tokens=10)
    write(project, response("m1", spent=usage(0, 100)))
    assert silent(hook("alert", before_a_call()))
    assert not (ledger / "usage.db").exists()
