"""Requests without an answer are incomplete calls; answered or refused ones are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.build import SESSION, Line, packed, response
from tests.read import NOW_US, rows, totals
from usage_dashboard.scan import Scanner


def request(name: str) -> Line:
    return {
        "type": "api-request",
        "sessionId": SESSION,
        "id": name,
        "timestamp": "2026-11-22T09:59:59.000Z",
        "params": {"model": "claude-opus-5-5"},
    }


def error(status: int | None) -> Line:
    return {"type": "system", "subtype": "api_error", "error": {"status": status}, "sessionId": SESSION}


REFUSED = {
    "type": "assistant",
    "isApiErrorMessage": True,
    "apiErrorStatus": 400,
    "message": {"model": "<synthetic>", "usage": {}, "content": []},
}
CASES: dict[str, tuple[list[Line], int]] = {
    "answered": ([request("r1"), *response("m1", requestRef="r1")], 0),
    "answered before it is logged": ([*response("m1", requestRef="r1"), request("r1")], 0),
    "retried after an HTTP error": (
        [request("r1"), error(529), request("r2"), *response("m1", requestRef="r2")],
        0,
    ),
    "cut off, then asked again": (
        [request("r1"), error(None), request("r2"), *response("m1", requestRef="r2")],
        1,
    ),
    "never answered": ([request("r1"), request("r2"), *response("m1", requestRef="r2"), request("r3")], 2),
    "refused for good": ([request("r1"), request("r2"), REFUSED], 0),
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
    assert found["calls"] == sum(line["type"] == "assistant" and line is not REFUSED for line in lines)
    assert rows(tmp_path, "SELECT COUNT(*) FROM open_request") == [(0,)]


def test_a_request_that_is_logged_after_the_end_of_its_session_was_answered(tmp_path: Path) -> None:
    path = tmp_path / f"{SESSION}.jsonl"
    at_us = 1_795_341_600_000_000  # the answer's own time
    for lines in (response("m1", requestRef="r1"), [*response("m1", requestRef="r1"), request("r1")]):
        path.write_bytes(packed(lines))
        with (scanner := Scanner(str(tmp_path))):
            scanner.file(str(path))
            scanner.give_up(at_us, SESSION)
        scanner.db.close()
    assert totals(tmp_path)["incomplete"] == 0
