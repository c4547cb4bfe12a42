"""The counter hook: it records, says nothing, and gets out of the way of everything."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hook.conftest import Hook, silent
from tests.support.hook_process import hook_command
from tests.support.ledger_rows import rows, totals, totals_after_sweep
from tests.support.transcripts import SESSION, packed, response, result, text, tool_use, usage, write

CANARY = "k7canaryq3"


def event(transcript: Path | str, name: str = "SessionEnd", **fields: object) -> dict[str, object]:
    return {
        "session_id": SESSION,
        "transcript_path": str(transcript),
        "cwd": "/home/dev/shop",
        "hook_event_name": name,
        **fields,
    }


def one_call() -> list[dict[str, object]]:
    return [*response("msg_1", tool_use("t1"), spent=usage(11, 307)), result("t1"), *response("msg_2")]


def test_an_event_records_what_the_transcript_shows(hook: Hook, ledger: Path, project: Path) -> None:
    path = write(project, one_call())
    assert silent(hook("counter", event(path)))
    assert totals(ledger)["output"] == 407


def test_subagents_of_the_session_are_recorded_with_it(hook: Hook, ledger: Path, project: Path) -> None:
    path = write(project, response("msg_1", spent=usage(1, 10)))
    write(project, response("msg_2", spent=usage(1, 20), isSidechain=True, agentId="a1"), subagent="a1")
    write(project, response("msg_3", spent=usage(1, 40), isSidechain=True, agentId="a2"), subagent="a2")
    assert silent(
        hook("counter", event(path, "PostToolUse", tool_name="Agent", tool_use_id="x", agent_id="a1"))
    )
    assert totals(ledger)["output"] == 70


def test_a_tools_duration_and_failure_come_from_its_event_whichever_is_first(
    hook: Hook, ledger: Path, project: Path
) -> None:
    path = write(project, [])
    done = {"tool_name": "Bash", "tool_use_id": "t1", "duration_ms": 1234}
    assert silent(hook("counter", event(path, "PostToolUseFailure", **done)))
    path.write_bytes(packed(one_call()))
    assert silent(hook("counter", event(path)))
    assert rows(ledger, "SELECT duration_ms, failed, response IS NOT NULL FROM tool_call") == [(1234, 1, 1)]
    assert rows(ledger, "SELECT SUM(calls), SUM(failed) FROM tool_rollup") == [(1, 1)]


def test_a_stop_waits_for_the_last_reply(ledger: Path, project: Path) -> None:
    path = write(project, one_call()[:2])
    late = packed(response("msg_2", text("Done."), spent=usage(1, 77)))
    process = subprocess.Popen(hook_command("counter"), stdin=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(json.dumps(event(path, "Stop")).encode())
    process.stdin.close()
    while not (ledger / "usage.db").exists() or not _has_a_row(ledger):  # the first scan is done
        assert process.poll() is None
    with path.open("ab") as file:
        file.write(late)
    assert process.wait(30) == 0
    assert totals(ledger)["output"] == 307 + 77


def _has_a_row(ledger: Path) -> bool:
    try:
        return rows(ledger, "SELECT COUNT(*) FROM response") == [(1,)]
    except sqlite3.OperationalError:
        return False


def test_sixteen_hooks_at_once_lose_and_double_nothing(hook: Hook, ledger: Path, project: Path) -> None:
    path = write(project, [line for i in range(50) for line in response(f"msg_{i}", tool_use(f"t{i}"))])
    outcomes: list[bool] = []
    calls = [{"tool_name": "Bash", "tool_use_id": f"t{i}", "duration_ms": i} for i in range(16)]

    def run(fields: dict[str, object]) -> None:
        outcomes.append(silent(hook("counter", event(path, "PostToolUse", **fields))))

    runners = [threading.Thread(target=run, args=(fields,)) for fields in calls]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert outcomes == [True] * 16
    assert totals(ledger)["calls"] == 50
    assert rows(ledger, "SELECT SUM(duration_ms) FROM tool_call") == [(sum(range(16)),)]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x00\xff", b"null", b"[]", b"7", b'"x"', b"{", b"{}", b"\xef\xbb\xbf{}", b"[" * 200_000,
        b'{"transcript_path": 7, "session_id": []}', b'{"transcript_path": "/nowhere/x.jsonl"}',
        b'{"transcript_path": "", "session_id": "s", "hook_event_name": "Stop"}',
        b'{"transcript_path": "/dev/null", "session_id": "s", "hook_event_name": "Stop"}',
        b'{"transcript_path": "/", "session_id": "s", "hook_event_name": "Stop"}',
        b'{"transcript_path": "a\\u0000b", "session_id": "s"}',
        b'{"tool_use_id": "t", "tool_name": "Bash", "hook_event_name": "PostToolUse", "duration_ms": "NaN"}',
    ],
    ids=lambda data: repr(data[:40]),
)  # fmt: skip
@pytest.mark.parametrize("name", ["counter", "alert"])
def test_any_event_is_met_with_silence(hook: Hook, data: bytes, name: str) -> None:
    assert silent(hook(name, data))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_any_bytes_are_met_with_silence(hook: Hook, data: bytes) -> None:
    assert silent(hook("counter", data))


def test_a_binary_transcript_is_met_with_silence(hook: Hook, project: Path) -> None:
    path = project / f"{SESSION}.jsonl"
    path.write_bytes(os.urandom(300_000) + b"\n")
    assert silent(hook("counter", event(path)))


@pytest.mark.parametrize(
    "junk",
    [
        b'{"usage":{"assistant"',
        b'{"usage":"assistant" x}',
        b'"usage" "assistant" {',
        b'{"tool_result"',
        b'["tool_result",]',
    ],
    ids=repr,
)
def test_a_damaged_line_does_not_stop_the_lines_behind_it(
    hook: Hook, ledger: Path, project: Path, junk: bytes
) -> None:
    path = project / f"{SESSION}.jsonl"
    path.write_bytes(junk + b"\n" + packed(one_call()))
    assert silent(hook("counter", event(path)))
    assert totals(ledger)["calls"] == 2


def test_an_unreadable_transcript_is_read_once_it_can_be(hook: Hook, ledger: Path, project: Path) -> None:
    path = project / f"{SESSION}.jsonl"
    path.symlink_to(project / "later.jsonl")
    assert silent(hook("counter", event(path)))
    (project / "later.jsonl").write_bytes(packed(one_call()))
    assert silent(hook("counter", event(path)))
    assert totals(ledger)["calls"] == 2


def test_what_a_locked_ledger_could_not_take_is_taken_later(hook: Hook, ledger: Path, project: Path) -> None:
    path = write(project, response("msg_0"))
    assert silent(hook("counter", event(path)))
    path.write_bytes(path.read_bytes() + packed(one_call()))
    other = sqlite3.connect(ledger / "usage.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert silent(hook("counter", event(path)))
    other.execute("ROLLBACK")
    other.close()
    assert totals(ledger)["calls"] == 1
    assert "OperationalError" in (ledger / "faults.log").read_text()
    assert silent(hook("counter", event(path)))
    assert totals(ledger)["calls"] == 3


def test_what_a_full_disk_could_not_take_is_taken_later(hook: Hook, ledger: Path, project: Path) -> None:
    path = write(project, response("msg_0"))
    assert silent(hook("counter", event(path)))
    many = [line for i in range(3000) for line in response(f"m{i}", tool_use(f"t{i}"))]
    path.write_bytes(path.read_bytes() + packed(many))
    script = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000));"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); runpy.run_path(sys.argv[1])"
    )
    python, _, _, file = hook_command("counter")
    limited = [python, "-c", script, file]
    done = subprocess.run(limited, input=json.dumps(event(path)).encode(), capture_output=True, check=False)
    assert silent(done)
    assert totals(ledger)["calls"] == 1
    assert silent(hook("counter", event(path)))
    assert totals(ledger)["calls"] == 3001


def test_a_corrupt_ledger_disturbs_nobody(hook: Hook, ledger: Path, project: Path) -> None:
    path = write(project, one_call())
    ledger.mkdir()
    (ledger / "usage.db").write_bytes(b"this is no database" * 500)
    for name in ("counter", "alert"):
        assert silent(hook(name, event(path)))
    assert "DatabaseError" in (ledger / "faults.log").read_text()


def test_switched_off_it_does_nothing(hook: Hook, ledger: Path, project: Path) -> None:
    path = write(project, one_call())
    assert silent(hook("counter", event(path), env={**os.environ, "USAGE_DASHBOARD_DISABLE": "1"}))
    assert not ledger.exists()


def test_the_ledger_is_the_users_alone(hook: Hook, ledger: Path, project: Path) -> None:
    previous = os.umask(0)
    try:
        assert silent(hook("counter", event(write(project, one_call()))))
    finally:
        os.umask(previous)
    assert ledger.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in ledger.iterdir()} == {0o600}


def test_no_word_of_the_session_reaches_the_disk(hook: Hook, ledger: Path, home: Path) -> None:
    folder = home / ".claude" / "projects" / f"-srv-{CANARY}-x"
    folder.mkdir(parents=True)
    lines = [
        *response(
            "msg_1", text(CANARY), tool_use("t1", "Bash", command=CANARY), gitBranch=CANARY, slug=CANARY
        ),
        result("t1", CANARY, toolUseResult={"stdout": CANARY, "usage": CANARY}),
        *response("msg_2", {"type": "thinking", "thinking": CANARY, "signature": CANARY}),
        {"type": "user", "message": {"role": "user", "content": CANARY}, "sessionId": SESSION},
    ]
    for line in lines:
        line["cwd"] = f"/srv/{CANARY}/shop"
    path = write(folder, lines)
    fields = {
        "tool_input": CANARY,
        "tool_response": CANARY,
        "error": CANARY,
        "prompt": CANARY,
        "cwd": f"/{CANARY}/shop",
    }
    payload = (
        event(path, "PostToolUse", tool_name="Bash", tool_use_id="t1", last_assistant_message=CANARY) | fields
    )
    assert silent(hook("counter", payload))
    assert totals(ledger)["calls"] == 2
    (ledger / "usage.db").chmod(0o400)
    other = folder / "unreadable.jsonl"
    other.mkdir()
    hook("counter", event(other))
    totals_after_sweep(ledger)
    for file in ledger.iterdir():
        assert CANARY.encode() not in file.read_bytes(), file.name


def test_a_hook_loads_few_modules_and_none_that_is_heavy(hook: Hook, ledger: Path, project: Path) -> None:
    path = write(project, one_call())
    hook("counter", event(path))  # makes the ledger, which no later one does
    path.write_bytes(path.read_bytes() + packed(response("m9")))
    script = (
        "import sys; sys.path.append(sys.argv[1]);"
        "from usage_dashboard.hook.counter import record_event; import usage_dashboard.hook.edge;"
        "record_event(sys.stdin.buffer.read(), sys.argv[2], 0); print(*sorted(sys.modules))"
    )
    python, isolated, bare, file = hook_command("counter")
    run = [python, isolated, bare, "-c", script, str(Path(file).parents[1]), str(ledger)]
    done = subprocess.run(run, input=json.dumps(event(path)).encode(), capture_output=True, check=True)
    loaded = set(done.stdout.decode().split())
    heavy = {
        "click",
        "rich",
        "msgspec",
        "urllib",
        "logging",
        "argparse",
        "asyncio",
        "dataclasses",
        "typing",
        "pathlib",
    }
    assert not loaded & (
        heavy | {"re", "subprocess", "json", "sqlite3", "datetime", "zoneinfo", "hashlib", "enum"}
    )
    assert len(loaded) <= 93, sorted(loaded)  # this is SessionEnd, which drops rows by age, too


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such devices")
def test_a_transcript_that_is_a_device_or_a_pipe_is_not_waited_for(hook: Hook, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (Path("/dev/zero"), tmp_path / "pipe"):
        assert silent(hook("counter", event(path, name="Stop")))
