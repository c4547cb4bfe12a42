"""A last line without its newline: read once nobody goes on with it, and whole if somebody does after all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ingest.test_bulk import twins
from tests.support.ledger_rows import NOW_US, rows
from tests.support.transcripts import SESSION, packed, response, text, usage
from usage_dashboard.hook.counter import record_event
from usage_dashboard.ingest import sweep as sweeping
from usage_dashboard.ingest.follow import Follower
from usage_dashboard.ingest.sweep import sweep

MINUTE_US = 60_000_000
FIRST = packed(response("m1", spent=usage(1)))
LAST = packed(response("m2", text("é" * 200), spent=usage(20)))
NEXT = packed(response("m3", spent=usage(300)))


@pytest.fixture
def transcript(project: Path) -> Path:
    return project / f"{SESSION}.jsonl"


def put(path: Path, data: bytes, at_us: int = NOW_US) -> None:
    """Let the file hold `data`, written at `at_us`."""
    with path.open("r+b" if path.exists() else "wb") as file:  # the same file, as an append leaves it
        file.write(data)
    os.utime(path, ns=(at_us * 1000,) * 2)


def counted(ledger: Path) -> tuple[int, int]:
    """(input tokens, damaged lines) of a ledger."""
    ((tokens,),) = rows(ledger, "SELECT COALESCE(SUM(input), 0) FROM response")
    refused = rows(ledger, "SELECT value FROM meta WHERE name = 'refused_lines'")
    return tokens, int(refused[0][0]) if refused else 0


def hook(name: str) -> Callable[[Path, Path, int], None]:
    def run(ledger: Path, transcript: Path, now_us: int) -> None:
        event = f'{{"hook_event_name":"{name}","session_id":"{SESSION}","transcript_path":"{transcript}"}}'
        record_event(event.encode(), str(ledger), now_us)

    return run


def run_sweep(ledger: Path, transcript: Path, now_us: int) -> None:
    sweep(str(ledger), now_us)


READERS = {"sweep": run_sweep, "hook": hook("PostToolUse")}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_it_is_read_a_minute_later(
    ledger: Path, transcript: Path, read: Callable[[Path, Path, int], None]
) -> None:
    put(transcript, FIRST + LAST[:-1])
    read(ledger, transcript, NOW_US + MINUTE_US)
    assert counted(ledger) == (1, 0)
    read(ledger, transcript, NOW_US + MINUTE_US + 1)
    assert counted(ledger) == (21, 0)


@pytest.mark.parametrize("subagent", ["", "a1"])
def test_it_is_read_when_its_session_ends(ledger: Path, transcript: Path, subagent: str) -> None:
    path = transcript
    if subagent:
        put(transcript, FIRST)
        path = transcript.with_suffix("") / "subagents" / f"agent-{subagent}.jsonl"
        path.parent.mkdir(parents=True)
    put(path, FIRST + LAST[:-1])
    hook("Stop")(ledger, transcript, NOW_US)
    assert counted(ledger) == (1, 0)
    hook("SessionEnd")(ledger, transcript, NOW_US)
    assert counted(ledger) == (21, 0)


@pytest.mark.parametrize("cut", range(1, len(LAST) + 1, 37))
def test_what_follows_it_later_is_not_lost(ledger: Path, transcript: Path, cut: int) -> None:
    """Its own rest, or a record right behind it."""
    put(transcript, FIRST + LAST[:-cut])
    run_sweep(ledger, transcript, NOW_US + 2 * MINUTE_US)
    put(transcript, FIRST + LAST + NEXT, NOW_US + 2 * MINUTE_US)
    hook("Stop")(ledger, transcript, NOW_US + 2 * MINUTE_US)
    assert counted(ledger) == (321, 0)


@pytest.mark.parametrize(("cut", "want"), [(1, (321, 0)), (40, (301, 1)), (len(LAST) - 30, (301, 1))])
def test_a_record_glued_to_it_is_not_lost(
    ledger: Path, transcript: Path, cut: int, want: tuple[int, int]
) -> None:
    put(transcript, FIRST + LAST[:-cut])
    run_sweep(ledger, transcript, NOW_US + 2 * MINUTE_US)
    put(transcript, FIRST + LAST[:-cut] + NEXT, NOW_US + 2 * MINUTE_US)
    run_sweep(ledger, transcript, NOW_US + 2 * MINUTE_US)
    assert counted(ledger) == want


def test_a_line_that_stays_cut_is_counted_once(ledger: Path, transcript: Path) -> None:
    cut = LAST[:-9]
    put(transcript, FIRST + cut)
    for _ in range(3):
        run_sweep(ledger, transcript, NOW_US + 2 * MINUTE_US)
    assert counted(ledger) == (1, 1)
    put(transcript, FIRST + cut + b"\n" + NEXT, NOW_US + 2 * MINUTE_US)
    run_sweep(ledger, transcript, NOW_US + 2 * MINUTE_US)
    assert counted(ledger) == (301, 1)


def test_a_sweep_that_has_read_it_only_reads(ledger: Path, transcript: Path) -> None:
    put(transcript, FIRST + LAST[:-1])
    assert sweep(str(ledger), NOW_US + 2 * MINUTE_US) == 2
    assert rows(ledger, "SELECT offset = size FROM position") == [(1,)]
    assert sweep(str(ledger), NOW_US + 2 * MINUTE_US) == 0


def test_an_import_reads_it_too(
    tmp_path: Path, project: Path, transcript: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(transcript, FIRST + LAST[:-1])
    one, other = twins(tmp_path)
    sweep(str(other), NOW_US + 2 * MINUTE_US)
    monkeypatch.setattr(sweeping, "MANY_BYTES", 1)
    sweep(str(one), NOW_US + 2 * MINUTE_US)
    assert counted(one) == counted(other) == (21, 0)
    assert rows(one, "SELECT * FROM position") == rows(other, "SELECT * FROM position")


def test_a_screen_that_follows_sees_it(ledger: Path, transcript: Path) -> None:
    put(transcript, FIRST + LAST[:-1])
    follower = Follower(str(ledger))
    follower.REST = 0
    for later_us, tokens in ((0, 1), (MINUTE_US, 1), (2 * MINUTE_US, 21)):
        follower.follow(NOW_US + later_us)
        assert counted(ledger) == (tokens, 0)
