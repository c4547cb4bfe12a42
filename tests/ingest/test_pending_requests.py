"""Requests without an answer are incomplete calls; answered or refused ones are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.ledger_rows import NOW_US, rows, totals
from tests.support.transcripts import (
    OTHER,
    SESSION,
    Line,
    failure,
    packed,
    request,
    response,
    synthetic,
    text,
)
from usage_dashboard.ingest.scanner import Scanner
from usage_dashboard.store.connection import open_writer, transaction
from usage_dashboard.store.upkeep.retention import prune_rows

REFUSED = synthetic(apiErrorStatus=400)
ASKED, LATER = "2026-11-22T09:59:59.000Z", "2026-11-22T10:00:01.000Z"


CASES: dict[str, tuple[list[Line], int]] = {
    "answered": ([request("r1", ASKED), *response("m1", requestRef="r1")], 0),
    "answered before it is logged": ([*response("m1", requestRef="r1"), request("r1", ASKED)], 0),
    "logged after the answer, and one before it was lost": (
        [request("r0", ASKED), *response("m1", requestRef="r1"), request("r1", ASKED), REFUSED],
        1,
    ),
    "refused beside an answer that is not logged yet": (
        [request("r0", ASKED), *response("m1", requestRef="r1"), failure(529), request("r1", ASKED)],
        0,
    ),
    "answered by two lines before it is logged": (
        [*response("m1", text(), text(), requestRef="r1"), request("r1", ASKED)],
        0,
    ),
    "retried after an HTTP error": (
        [request("r1", ASKED), failure(529), request("r2", ASKED), *response("m1", requestRef="r2")],
        0,
    ),
    "cut off, then asked again": (
        [request("r1", ASKED), failure(None), request("r2", ASKED), *response("m1", requestRef="r2")],
        1,
    ),
    "never answered": (
        [request("r1", ASKED), request("r2", ASKED), *response("m1", requestRef="r2"), request("r3", ASKED)],
        2,
    ),
    "refused for good": ([request("r1", ASKED), request("r2", ASKED), REFUSED], 0),
}


@pytest.mark.parametrize("pieces", [1, 9])
@pytest.mark.parametrize("case", CASES)
def test_only_lost_requests_are_incomplete(tmp_path: Path, case: str, pieces: int) -> None:
    lines, lost = CASES[case]
    path = tmp_path / f"{SESSION}.jsonl"
    for end in [len(lines)] if pieces == 1 else range(1, len(lines) + 1):
        path.write_bytes(packed(lines[:end]))
        with (scanner := Scanner(str(tmp_path))):
            scanner.file(str(path))
        scanner.db.close()
    with (scanner := Scanner(str(tmp_path))):
        scanner.give_up(NOW_US, SESSION)
    scanner.db.close()
    found = totals(tmp_path)
    assert found["incomplete"] == lost
    assert found["calls"] == len({line["requestRef"] for line in lines if "requestRef" in line})
    assert rows(tmp_path, "SELECT COUNT(*) FROM open_request") == [(0,)]


def test_a_request_that_is_logged_after_the_end_of_its_session_was_answered(tmp_path: Path) -> None:
    path = tmp_path / f"{SESSION}.jsonl"
    at_us = 1_795_341_600_000_000  # the answer's own time
    for lines in (response("m1", requestRef="r1"), [*response("m1", requestRef="r1"), request("r1", ASKED)]):
        path.write_bytes(packed(lines))
        with (scanner := Scanner(str(tmp_path))):
            scanner.file(str(path))
            scanner.give_up(at_us, SESSION)
        scanner.db.close()
    assert totals(tmp_path)["incomplete"] == 0


def read(ledger: Path, path: Path, lines: list[Line]) -> None:
    """What a hook does that finds `lines` in a file of another identity than before: it reads all of it."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(packed(lines))
    fresh.replace(path)
    with (scanner := Scanner(str(ledger))):
        scanner.file(str(path))
    scanner.db.close()


def given_up(ledger: Path) -> int:
    """How many calls are incomplete once nothing more is waited for."""
    with (scanner := Scanner(str(ledger))):
        scanner.give_up(NOW_US)
    scanner.db.close()
    assert rows(ledger, "SELECT COUNT(*) FROM open_request") == [(0,)]
    return totals(ledger)["incomplete"]


AGAIN: dict[str, tuple[list[Line], int]] = {
    "answered": ([request("r1", ASKED), *response("m1", requestRef="r1")], 0),
    "answered before it is logged": (
        [*response("m1", text(), text(), requestRef="r1"), request("r1", ASKED)],
        0,
    ),
    "lost": ([request("r1", ASKED), request("r2", ASKED), *response("m1", requestRef="r2")], 1),
    "refused, and one that is waited for": (
        [request("r1", ASKED), failure(529), request("r2", LATER)],
        1,
    ),
    "answered, and one that is waited for": (
        [
            request("r1", ASKED),
            *response("m1", requestRef="r1"),
            request("r2", LATER),
        ],
        1,
    ),
}


@pytest.mark.parametrize("case", AGAIN)
def test_a_transcript_that_is_read_again_tells_nothing_new_of_its_requests(tmp_path: Path, case: str) -> None:
    lines, lost = AGAIN[case]
    path = tmp_path / f"{SESSION}.jsonl"
    for _ in range(2):
        read(tmp_path, path, lines)
    opened = rows(tmp_path, "SELECT COUNT(*) FROM open_request WHERE class >= 0")
    assert totals(tmp_path)["incomplete"] + opened[0][0] == lost
    assert given_up(tmp_path) == lost
    read(tmp_path, path, lines)
    assert given_up(tmp_path) == lost


def test_a_request_that_a_fork_repeats_is_its_parents(tmp_path: Path) -> None:
    fork = [request("r1", ASKED, session=OTHER), failure(529)]
    read(tmp_path, tmp_path / f"{SESSION}.jsonl", [request("r1", ASKED)])
    read(tmp_path, tmp_path / f"{OTHER}.jsonl", fork[:1])
    sessions = "SELECT s.name FROM open_request r JOIN session s ON s.id = r.session"
    assert rows(tmp_path, sessions) == [(SESSION,)]
    read(tmp_path, tmp_path / f"{OTHER}.jsonl", fork)
    assert rows(tmp_path, sessions) == [(SESSION,)]
    answered = [request("r1", ASKED), *response("m1", requestRef="r1")]
    read(tmp_path, tmp_path / f"{SESSION}.jsonl", answered)
    assert given_up(tmp_path) == 0


def test_an_answer_that_only_a_fork_has_shown_so_far_is_its_parents_answer(tmp_path: Path) -> None:
    asked = [request("r0", "2026-11-22T09:59:58.000Z"), request("r1", ASKED)]
    copied = response("m1", requestRef="r1", sessionId=OTHER, requestSessionId=SESSION)
    read(tmp_path, tmp_path / f"{SESSION}.jsonl", asked)
    read(tmp_path, tmp_path / f"{OTHER}.jsonl", copied)
    assert given_up(tmp_path) == 1
    read(tmp_path, tmp_path / f"{SESSION}.jsonl", [*asked, *response("m1", requestRef="r1")])
    assert given_up(tmp_path) == 1


def test_a_lost_request_that_was_dropped_by_age_is_not_counted_again(tmp_path: Path) -> None:
    lines = [request("r1", ASKED), request("r2", ASKED), *response("m1", requestRef="r2")]
    path = tmp_path / f"{SESSION}.jsonl"
    read(tmp_path, path, lines)
    db = open_writer(str(tmp_path))
    with transaction(db):
        prune_rows(db, NOW_US)
    db.close()
    before = rows(tmp_path, "SELECT SUM(calls), SUM(incomplete) FROM rollup")
    read(tmp_path, path, lines)
    assert rows(tmp_path, "SELECT SUM(calls), SUM(incomplete) FROM rollup") == before == [(1, 1)]
    assert rows(tmp_path, "SELECT COUNT(*) FROM open_request") == [(0,)]
