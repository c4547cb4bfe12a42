"""However the same responses are written down, read and read again, they are counted once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.ledger_rows import NOW_US, rows, totals, totals_after_sweep
from tests.support.transcripts import OTHER, SESSION, packed, response, result, text, tool_use, usage, write
from usage_dashboard.ingest.scanner import Scanner
from usage_dashboard.ingest.sweep import sweep

THINKING = {"type": "thinking", "thinking": "Let me see.", "signature": "x"}
SPENT = usage(11, 307, 403, 705, 9011, thinking=40)


def conversation() -> list[dict[str, object]]:
    """A reply with five blocks, its three results, and the closing reply."""
    first = response("msg_1", THINKING, text(), tool_use("t1"), tool_use("t2"), tool_use("t3"), spent=SPENT)
    results = [result("t2", "b" * 50), result("t1", "a"), result("t3", "no", failed=True)]
    return [*first, *results, *response("msg_2", text("All done."), spent=usage(12, 314, 406, 0, 9022))]


EXACT = {
    "input": 23,
    "output": 621,
    "cache_creation": 1514,
    "cache_1h": 705,
    "cache_read": 18033,
    "thinking": 40,
    "calls": 2,
    "incomplete": 0,
    "cost": 25_803_600,
}


def test_a_response_of_five_lines_is_one_row(ledger: Path, project: Path) -> None:
    write(project, conversation())
    assert totals_after_sweep(ledger) == EXACT


def test_reading_twice_changes_nothing(ledger: Path, project: Path) -> None:
    write(project, conversation())
    totals_after_sweep(ledger)
    assert totals_after_sweep(ledger) == EXACT


def test_a_line_written_again_changes_nothing(ledger: Path, project: Path) -> None:
    write(project, conversation() + conversation())
    assert totals_after_sweep(ledger) == EXACT


@pytest.mark.parametrize("damage", ["rewritten", "shrunk", "replaced"])
def test_a_file_that_is_not_the_one_that_was_read_is_read_anew(
    ledger: Path, project: Path, damage: str
) -> None:
    path = write(project, [*response("msg_0", spent=usage(1, 1)), *conversation()])
    totals_after_sweep(ledger)
    if damage == "rewritten":
        path.write_bytes(packed([*conversation(), *response("msg_3", text("x" * 999), spent=usage(5, 7))]))
    elif damage == "shrunk":
        path.write_bytes(packed(response("msg_3", spent=usage(5, 7))))
    else:
        fresh = path.with_suffix(".new")
        fresh.write_bytes(path.read_bytes() + packed(response("msg_3", spent=usage(5, 7))))
        os.replace(fresh, path)
    found = totals_after_sweep(ledger)
    assert (found["input"], found["output"], found["calls"]) == (23 + 1 + 5, 621 + 1 + 7, 4)


def test_spaces_in_the_json_do_not_matter(ledger: Path, project: Path) -> None:
    lines = "".join(json.dumps(line, indent=None) + "\n" for line in conversation())
    (project / f"{SESSION}.jsonl").write_text(lines)
    assert totals_after_sweep(ledger) == EXACT


def test_a_half_written_last_line_waits_for_its_end(ledger: Path, project: Path) -> None:
    data = packed(conversation())
    path = project / f"{SESSION}.jsonl"
    path.write_bytes(data[:-200])
    assert totals_after_sweep(ledger)["calls"] == 1
    path.write_bytes(data)
    assert totals_after_sweep(ledger) == EXACT


def test_an_early_placeholder_gives_way_to_the_final_count(ledger: Path, project: Path) -> None:
    early = response("msg_1", text(), spent=usage(11, 3, 403, 705, 9011), stop_reason=None)
    path = write(project, early)
    found = totals_after_sweep(ledger)
    assert (found["output"], found["incomplete"]) == (3, 1)
    with path.open("ab") as file:
        file.write(packed(response("msg_1", text(), spent=SPENT)))
    found = totals_after_sweep(ledger)
    assert (found["output"], found["incomplete"], found["calls"]) == (307, 0, 1)


def test_a_copy_with_zeroed_usage_takes_nothing_away(ledger: Path, project: Path) -> None:
    write(project, conversation())
    zeroed = usage(0, 0, 0, 0, 0)
    zeroed["cache_creation"] = {"ephemeral_5m_input_tokens": 403, "ephemeral_1h_input_tokens": 705}
    copies = response("msg_1", THINKING, text(), spent=zeroed, sessionId=OTHER, requestSessionId=SESSION)
    write(project, copies, OTHER)
    assert totals_after_sweep(ledger) == EXACT


def test_a_fork_is_counted_once_and_belongs_to_the_session_that_was_billed(
    ledger: Path, project: Path
) -> None:
    copies = [{**line, "sessionId": OTHER, "requestSessionId": SESSION} for line in conversation()]
    own = response("msg_3", spent=usage(7, 9), sessionId=OTHER)
    write(project, [*copies, *own], OTHER)
    write(project, conversation())
    found = totals_after_sweep(ledger)
    assert (found["input"], found["output"], found["calls"]) == (30, 630, 3)
    names = "SELECT s.name, SUM(calls) FROM rollup JOIN session s ON s.id = session GROUP BY 1 ORDER BY 1"
    assert rows(ledger, names) == [(SESSION, 2), (OTHER, 1)]


def test_a_synthetic_line_costs_nothing(ledger: Path, project: Path) -> None:
    write(project, response("7c2e1a34-synthetic", model="<synthetic>", spent=usage(5, 5)))
    assert totals_after_sweep(ledger)["calls"] == 0


def test_lines_without_a_request_id_or_block_index_are_one_response(ledger: Path, project: Path) -> None:
    lines = conversation()
    for line in lines:
        line.pop("requestId", None)
        line.pop("apiBlockIndex", None)
    write(project, lines)
    assert totals_after_sweep(ledger) == EXACT


def test_a_response_without_a_message_id_is_known_by_its_request(ledger: Path, project: Path) -> None:
    lines = response("msg_1", text(), text("more"), spent=SPENT)
    for line in lines:
        del line["message"]["id"]
    write(project, lines)
    assert totals_after_sweep(ledger)["calls"] == 1


def test_subagents_are_counted_under_their_own_type(ledger: Path, project: Path) -> None:
    write(project, [*response("msg_1", tool_use("a1", "Agent", prompt="go"), spent=SPENT), result("a1")])
    agent = response(
        "msg_2", spent=usage(1, 2), isSidechain=True, agentId="a6999", attributionAgent="Explore"
    )
    write(project, agent, subagent="a6999")
    totals_after_sweep(ledger)
    kinds = "SELECT l.name, r.kind, r.output FROM rollup r JOIN label l ON l.id = r.agent ORDER BY r.kind"
    assert rows(ledger, kinds) == [("main", 0, 307), ("Explore", 1, 2)]


def test_the_copy_of_a_reply_in_a_forked_subagent_stays_the_main_threads(ledger: Path, project: Path) -> None:
    own = response("msg_1", tool_use("a1", "Agent", prompt="go"), spent=SPENT)
    copies = [{**line, "isSidechain": True, "agentId": "a7", "uuid": "another"} for line in own]
    agent = response("msg_2", spent=usage(1, 2), isSidechain=True, agentId="a7", attributionAgent="fork")
    write(project, [*copies, *agent], subagent="a7")
    assert totals_after_sweep(ledger)["calls"] == 2
    write(project, [*own, result("a1")])
    assert totals_after_sweep(ledger)["output"] == 309
    kinds = "SELECT l.name, r.kind, r.output FROM rollup r JOIN label l ON l.id = r.agent ORDER BY r.kind"
    assert rows(ledger, kinds) == [("main", 0, 307), ("fork", 1, 2)]
    waiting = "SELECT t.subagent, t.output FROM tool_call t"
    assert rows(ledger, waiting) == [(0, 267)]


def test_an_iteration_billed_beside_the_top_level_usage_is_a_row_of_its_own(
    ledger: Path, project: Path
) -> None:
    spent = usage(11, 307)
    extra = {"type": "compaction", **usage(5, 50, thinking=None)}
    spent["iterations"] = [{"type": "message", **usage(11, 307)}, extra]
    write(project, response("msg_1", text(), text("two"), spent=spent))
    found = totals_after_sweep(ledger)
    assert (found["input"], found["output"], found["calls"]) == (16, 357, 2)


@pytest.mark.parametrize("count", [-1, 10**15, "many", 1.5, True, [1]], ids=repr)
def test_a_line_with_an_absurd_count_costs_only_itself(ledger: Path, project: Path, count: object) -> None:
    bad = response("msg_9")
    bad[0]["message"]["usage"]["output_tokens"] = count
    write(project, [*bad, *conversation()])
    assert totals_after_sweep(ledger) == EXACT


@pytest.mark.parametrize(
    "junk",
    [
        b"\x00\xff\xfe\n", b"{\n", b'{"usage":{"assistant"\n', b"[1,2]\n", b'"usage" "assistant"\n',
        b"[" * 99_999 + b"\n",
    ],
    ids=lambda junk: repr(junk[:20]),
)  # fmt: skip
def test_damage_between_lines_costs_nothing_else(ledger: Path, project: Path, junk: bytes) -> None:
    lines = packed(conversation()).splitlines(keepends=True)
    (project / f"{SESSION}.jsonl").write_bytes(junk.join([b"", *lines, b""]))
    assert totals_after_sweep(ledger) == EXACT


def test_a_line_longer_than_a_piece_is_passed_over(
    ledger: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usage_dashboard.ingest.transcripts.reader.PIECE_BYTES", 4096)
    lines = conversation()
    lines.insert(3, {"type": "user", "big": "x" * 30_000})
    write(project, lines)
    assert totals_after_sweep(ledger) == EXACT


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 9000), max_size=8), again=st.booleans())
def test_any_way_of_reading_in_pieces_gives_the_same_ledger(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], again: bool
) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    data = packed(conversation())
    path = folder / f"{SESSION}.jsonl"
    for end in [*sorted(min(cut, len(data)) for cut in cuts), len(data)]:
        path.write_bytes(data[:end])
        for _ in range(2 if again else 1):
            with (scanner := Scanner(str(folder))):
                scanner.file(str(path))
            scanner.db.close()
    assert totals(folder) == EXACT
    names = "id, output, input, cache_creation, cache_1h, cost_output, cost_prompt"
    shares = f"SELECT {names} FROM tool_call ORDER BY id"
    whole = tmp_path_factory.mktemp("whole")
    (whole / f"{SESSION}.jsonl").write_bytes(data)
    with (scanner := Scanner(str(whole))):
        scanner.file(str(whole / f"{SESSION}.jsonl"))
    scanner.db.close()
    assert rows(folder, shares) == rows(whole, shares)


def test_rows_past_their_time_go_and_totals_stay(ledger: Path, project: Path) -> None:
    path = write(
        project, [*response("msg_0", at="2026-01-05T10:00:00Z", spent=usage(1000, 1)), *conversation()]
    )
    sweep(str(ledger), NOW_US)
    assert rows(ledger, "SELECT COUNT(*) FROM response") == [(2,)]
    assert rows(ledger, "SELECT SUM(input), SUM(calls) FROM rollup") == [(1023, 3)]
    path.write_bytes(
        path.read_bytes() + packed(response("msg_0", at="2026-01-05T10:00:00Z", spent=usage(1000, 1)))
    )
    sweep(str(ledger), NOW_US)
    assert rows(ledger, "SELECT SUM(input), SUM(calls) FROM rollup") == [(1023, 3)]
