"""What a ledger holds does not depend on when its transcripts were looked at, nor in what order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.ledger_dump import dump_ledger
from tests.support.ledger_rows import NOW_US, rows
from tests.support.transcripts import (
    OTHER,
    SESSION,
    Line,
    copied,
    request,
    response,
    result,
    text,
    tool_use,
    usage,
    write,
)
from usage_dashboard.ingest.scanner import Scanner

THIRD = "33334444-fd95-4d67-a568-2e276c5cc993"
Look = tuple[str, str, list[Line]]
"""(session, subagent, the lines of its transcript so far)"""


def said(minute: int) -> str:
    return f"2026-11-22T10:{minute:02}:00.000Z"


def looked(folder: Path, looks: list[Look]) -> dict[str, Any]:
    """The ledger after hooks looked at transcripts, one after the other."""
    folder.mkdir()
    for session, subagent, lines in looks:
        path = write(folder, lines, session, subagent)
        with (scanner := Scanner(str(folder))):
            scanner.place(session, "/home/dev/shop", "cli")
            scanner.file(str(path))
        scanner.db.close()
    return dump_ledger(folder)


def state(session: str, output: int, **fields: Any) -> Line:
    """The client's own totals of a session whose count began with that of SESSION."""
    counted = {"claude-opus-5-5": {"inputTokens": 10, "outputTokens": output, "costUSD": 0.1}}
    line = {"type": "cost-state", "sessionId": session, "startTime": 1_795_341_540_000, "totalDuration": 9}
    return {**line, "modelUsage": counted, **fields}


def test_a_line_without_a_session_is_of_its_files(tmp_path: Path) -> None:
    lines = response("m1", text(), text())
    del lines[0]["sessionId"]
    found = looked(tmp_path / "one", [(SESSION, "", lines)])
    assert [row[:1] for row in found["session"]] == [(SESSION,)]
    assert rows(tmp_path / "one", "SELECT COUNT(*) FROM session WHERE parent IS NOT NULL") == [(0,)]


def test_a_session_is_where_the_first_line_that_tells_says_it_is(tmp_path: Path) -> None:
    lines = response("m1", text(), text())
    del lines[0]["entrypoint"], lines[1]["cwd"]
    whole, pieces = (SESSION, "", lines), [(SESSION, "", lines[:1]), (SESSION, "", lines)]
    found = looked(tmp_path / "whole", [whole])
    assert found == looked(tmp_path / "pieces", pieces)
    assert [row[1:3] for row in found["session"]] == [("project:shop", "channel:cli")]


@pytest.mark.parametrize("lines", [1, 2, 3, 5])
def test_a_reply_that_a_forked_subagent_showed_first_is_the_main_threads_with_all_its_calls(
    tmp_path: Path, lines: int
) -> None:
    who: Line = {"isSidechain": True, "agentId": "a1"}
    reply = response("m1", tool_use("t1"), tool_use("t2"), tool_use("t3"), at=said(1), spent=usage(10, 90))
    own = [
        *response("m0", tool_use("t0"), at=said(0)),
        result("t0", "x" * 30),
        *reply,
        result("t1", "x" * 9, failed=True),
        result("t2", "x" * 70),
        *response("m2", at=said(3), spent=usage(700, 7)),
    ]
    repeated = [{**line, **who} for line in reply]
    made_up = [result(name, "Fork started.", **who) for name in ("t1", "t2", "t3")]
    used = response("m3", tool_use("t4"), at=said(2), spent=usage(30, 3), **who)
    after = [result("t4", "y", **who), *response("m4", at=said(4), spent=usage(50, 5), **who)]
    forked = [*repeated, *made_up, *used, *after]
    main = (SESSION, "", own)
    first = looked(tmp_path / "first", [main, (SESSION, "a1", forked)])
    late = [(SESSION, "", own[: lines + 2]), main]
    assert looked(tmp_path / "late", [(SESSION, "a1", forked), *late]) == first
    early = [(SESSION, "a1", forked[:6]), (SESSION, "", own[: lines + 2]), (SESSION, "a1", forked), main]
    assert looked(tmp_path / "early", early) == first


def test_a_session_lasts_until_its_totals_whether_they_hide_anything_or_not(tmp_path: Path) -> None:
    own = [
        *response("m1", spent=usage(10, 100)),
        {"type": "system", "timestamp": said(9)},
        state(SESSION, 400),
    ]
    late = response("m2", spent=usage(0, 300), at=said(8), agentId="a1", isSidechain=True)
    looks = [(SESSION, "", own), (SESSION, "a1", late)]
    assert looked(tmp_path / "first", looks) == looked(tmp_path / "last", looks[::-1])


def test_a_fork_began_before_its_own_totals(tmp_path: Path) -> None:
    """Whatever it says after them, and whatever the session does meanwhile where its count began."""
    begun = [{"type": "system", "timestamp": said(0)}, state(SESSION, 40)]
    parent = response("m1", at=said(1), sessionId=OTHER)
    fork = [copied(parent[0], OTHER, THIRD), state(THIRD, 470)]
    whole = [
        (SESSION, "", [*begun, *response("m2", at=said(5))]),
        (OTHER, "", parent),
        (THIRD, "", [*fork, *response("m3", at=said(9), sessionId=THIRD)]),
    ]
    pieces = [(SESSION, "", begun), (OTHER, "", parent), (THIRD, "", fork), *whole]
    assert looked(tmp_path / "pieces", pieces) == looked(tmp_path / "whole", whole)


CUT: Line = {
    "type": "user", "isMeta": True, "turnCompanion": True, "timestamp": said(2), "sessionId": SESSION,
    "message": {"role": "user", "content": "Your response above was cut off mid-stream"},
}  # fmt: skip


@pytest.mark.parametrize("cut_at", [1, 2])
def test_a_reply_that_was_cut_off_is_known_again_when_its_transcript_is_read_again(
    tmp_path: Path, cut_at: int
) -> None:
    lines = [*response("m1", at=said(1)), CUT, *response("m2", at=said(3))]
    whole = (SESSION, "", lines)
    found = looked(tmp_path / "once", [whole])
    again = [whole, (SESSION, "", []), (SESSION, "", lines[:cut_at]), whole]
    assert looked(tmp_path / "again", again) == found
    assert rows(tmp_path / "again", "SELECT incomplete FROM response ORDER BY at_us") == [(1,), (0,)]


def test_a_cut_that_a_fork_repeats_is_its_parents(tmp_path: Path) -> None:
    lines = [*response("m1", at=said(1)), CUT]
    fork = [copied(line, SESSION, OTHER) for line in lines]
    found = looked(tmp_path / "whole", [(OTHER, "", fork)])
    assert looked(tmp_path / "pieces", [(OTHER, "", fork[:1]), (OTHER, "", fork)]) == found
    assert rows(tmp_path / "whole", "SELECT incomplete FROM response") == [(1,)]


def test_what_was_billed_beside_a_reply_was_not_cut_off(tmp_path: Path) -> None:
    spent = usage(10, 100) | {"iterations": [{"type": "compaction", "input_tokens": 9, "output_tokens": 5}]}
    lines = [*response("m1", at=said(1), spent=spent), CUT]
    found = looked(tmp_path / "whole", [(SESSION, "", lines)])
    assert looked(tmp_path / "pieces", [(SESSION, "", lines[:1]), (SESSION, "", lines)]) == found
    assert rows(tmp_path / "whole", "SELECT incomplete FROM response ORDER BY output") == [(0,), (1,)]


def test_a_result_that_a_fork_hands_on_is_carried_by_it_though_its_parent_is_looked_at_again(
    tmp_path: Path,
) -> None:
    own = [*response("m1", tool_use("t1"), at=said(1)), result("t1", "x" * 9)]
    begun = [copied(line, SESSION, OTHER) for line in own]
    fork = [*begun, *response("m2", at=said(3), sessionId=OTHER)]
    found = looked(tmp_path / "whole", [(SESSION, "", own), (OTHER, "", fork)])
    late = [(SESSION, "", own[:1]), (OTHER, "", begun), (SESSION, "", own), (OTHER, "", fork)]
    assert looked(tmp_path / "late", late) == found


def test_a_request_that_was_lost_at_the_end_of_its_session_is_no_hidden_call_too(tmp_path: Path) -> None:
    """The client's totals contain its estimate of what a broken answer had said."""
    lines = [*response("m1"), request("r1", said(5)), state(SESSION, 140)]
    looked(tmp_path / "one", [(SESSION, "", lines)])
    with (scanner := Scanner(str(tmp_path / "one"))):
        scanner.give_up(NOW_US, SESSION)
    scanner.db.close()
    found = rows(tmp_path / "one", "SELECT kind, calls, incomplete FROM response ORDER BY at_us")
    assert found == [(0, 1, 0), (0, 0, 1)]
