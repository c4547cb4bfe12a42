"""Splitting a whole number fairly, and a response's tokens and cost among what they were spent on."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.test_attribution import audit, scan, totals_of
from tests.support.ledger_rows import rows
from tests.support.transcripts import (
    OTHER,
    SESSION,
    Line,
    packed,
    response,
    result,
    text,
    tool_use,
    usage,
    write,
)
from usage_dashboard.model.attribution import share_output, share_prompt, shares
from usage_dashboard.model.events import ToolResult
from usage_dashboard.model.ids import id_hash
from usage_dashboard.model.rows import RESPONSE_FIELDS, TOOL_FIELDS, ResponseRow, ToolRow

calm = settings(deadline=None)

weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=9)


@calm
@given(amount=st.integers(0, 10**15), parts=weights)
def test_shares_add_up_to_what_was_split(amount: int, parts: list[int]) -> None:
    assert sum(shares(amount, parts)) == amount


@calm
@given(amount=st.integers(0, 10**15), parts=weights)
def test_each_share_is_within_one_of_its_proportion(amount: int, parts: list[int]) -> None:
    total = sum(parts)
    exact = [Fraction(amount * part, total) if total else Fraction(amount, len(parts)) for part in parts]
    assert all(abs(share - part) < 1 for share, part in zip(shares(amount, parts), exact, strict=True))


@calm
@given(amount=st.integers(0, 10**15), parts=weights)
def test_a_larger_weight_never_gets_a_smaller_share(amount: int, parts: list[int]) -> None:
    pairs = sorted(zip(parts, shares(amount, parts), strict=True))
    assert all(low[1] <= high[1] for low, high in pairwise(pairs) if low[0] < high[0])


@calm
@given(amount=st.integers(0, 10**9), parts=weights, place=st.integers(0, 9))
def test_a_weight_of_nothing_gets_nothing_beside_one_of_something(
    amount: int, parts: list[int], place: int
) -> None:
    parts.insert(place, 0)
    if any(parts):
        assert all(share == 0 for share, part in zip(shares(amount, parts), parts, strict=True) if part == 0)


@pytest.mark.parametrize(
    ("amount", "parts", "split"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (10, [0, 0, 0], [4, 3, 3]),
        (1, [1, 1], [1, 0]),
        (100, [1, 2, 4], [14, 29, 57]),
        (5, [3, 3, 1], [2, 2, 1]),
        (7, [0, 5], [0, 7]),
        (0, [3, 0], [0, 0]),
        (9, [], []),
    ],
)
def test_the_largest_remainder_wins_and_among_equals_the_earlier(
    amount: int, parts: list[int], split: list[int]
) -> None:
    assert shares(amount, parts) == split


def test_weights_may_come_from_a_generator() -> None:
    assert shares(10, (part for part in (3, 7))) == [3, 7]


def reply(**fields: int | None) -> ResponseRow:
    return ResponseRow.of(tuple(fields.get(name, 0) for name in RESPONSE_FIELDS))


def tool(tool_id: int, **fields: int | None) -> ToolRow:
    return ToolRow.of(tuple(tool_id if name == "id" else fields.get(name, 0) for name in TOOL_FIELDS))


def test_known_thinking_is_taken_off_before_the_blocks_share() -> None:
    bash, read = tool(1, input_bytes=30), tool(2, input_bytes=50)
    share_output(
        reply(output=1000, thinking=900, text_bytes=20, thinking_bytes=9999, cost=5000), [bash, read]
    )
    assert (bash.output, read.output) == (30, 50)
    assert (bash.cost_output, read.cost_output) == (150, 250)


def test_unknown_thinking_weighs_by_its_text() -> None:
    bash = tool(1, input_bytes=25)
    share_output(reply(output=100, thinking=None, text_bytes=25, thinking_bytes=50), [bash])
    assert bash.output == 25


def test_a_reply_of_nothing_but_tools_leaves_nothing_over() -> None:
    bash, read = tool(1, input_bytes=1), tool(2, input_bytes=2)
    share_output(reply(output=100, thinking=10, cost=100, cost_prompt=30, cost_read=20), [bash, read])
    assert (bash.output, read.output) == (30, 60)
    assert (bash.cost_output, read.cost_output) == (15, 30)


def test_a_reply_without_output_charges_no_tool_for_its_searches() -> None:
    bash = tool(1, input_bytes=10)
    share_output(reply(output=0, thinking=None, cost=20_000_000, searches=2), [bash])
    assert (bash.output, bash.cost_output) == (0, 0)


def test_an_unpriced_reply_costs_its_tools_nothing_that_was_known_before() -> None:
    bash = tool(1, input_bytes=10, cost_output=77, cost_prompt=88)
    share_output(reply(output=10, cost=None, cost_prompt=None, cost_read=None), [bash])
    share_prompt(reply(input=10, cost=None, cost_prompt=None, cost_read=None), [bash])
    assert (bash.output, bash.input, bash.cost_output, bash.cost_prompt) == (10, 10, 0, 0)


def test_who_came_first_does_not_matter() -> None:
    one = [tool(7, input_bytes=1, result_bytes=1), tool(3, input_bytes=1, result_bytes=1)]
    two = [tool(3, input_bytes=1, result_bytes=1), tool(7, input_bytes=1, result_bytes=1)]
    row = reply(output=101, thinking=0, input=11, cache_creation=13, cache_1h=5, cost=999, cost_prompt=333)
    for tools in (one, two):
        share_output(row, tools)
        share_prompt(row, tools)
    assert [t.values() for t in sorted(one, key=lambda t: t.id)] == [t.values() for t in two]


@calm
@given(
    counts=st.tuples(*[st.integers(0, 10**7)] * 4),
    sizes=st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=1, max_size=7),
)
def test_what_results_cost_adds_up_kind_by_kind(counts: tuple[int, ...], sizes: list[int | None]) -> None:
    fresh, w5, w1h, cost = counts
    tools = [tool(number, result_bytes=size) for number, size in enumerate(sizes)]
    share_prompt(reply(input=fresh, cache_creation=w5 + w1h, cache_1h=w1h, cost_prompt=cost), tools)
    assert sum(t.input for t in tools) == fresh
    assert sum(t.cache_creation for t in tools) == w5 + w1h
    assert sum(t.cache_1h for t in tools) == w1h
    assert sum(t.cost_prompt for t in tools) == cost
    assert all(0 <= t.cache_1h <= t.cache_creation for t in tools)


FORK = {"sessionId": OTHER, "requestSessionId": SESSION}


@pytest.mark.parametrize("first", [SESSION, OTHER])
@pytest.mark.parametrize("pieces", [1, 2])
def test_a_result_that_only_a_fork_carries_is_shared_alike_in_any_order(
    tmp_path: Path, first: str, pieces: int
) -> None:
    asked = [*response("m1", tool_use("t1"), spent=usage(5, 7)), result("t1", "x" * 100)]
    copied = [{**line, **FORK} for line in asked]
    own = response("m2", spent=usage(1000, 3), sessionId=OTHER)
    files = {SESSION: packed(asked), OTHER: packed([*copied, *own])}
    for session in sorted(files, key=lambda session: session != first):
        path = tmp_path / f"{session}.jsonl"
        for size in [len(packed(copied)), len(files[session])][2 - pieces :]:
            path.write_bytes(files[session][:size])
            scan(tmp_path, path)
    assert rows(tmp_path, "SELECT carrier = ?, input FROM tool_call", id_hash("m2")) == [(1, 1000)]
    audit(tmp_path)


def test_a_fork_does_not_carry_what_its_parent_was_handed_after_it(tmp_path: Path) -> None:
    before = response("m0", spent=usage(1, 1))
    parent = [*before, *response("m1", tool_use("t1")), result("t1", "x" * 100)]
    fork = [{**line, **FORK} for line in before] + response("m2", spent=usage(50, 3), sessionId=OTHER)
    answer = response("m3", spent=usage(1000, 3))
    for lines, session in ((parent, SESSION), (fork, OTHER), ([*parent, *answer], SESSION)):
        scan(tmp_path, write(tmp_path, lines, session))
    assert rows(tmp_path, "SELECT carrier = ?, input FROM tool_call", id_hash("m3")) == [(1, 1000)]
    audit(tmp_path)


@pytest.mark.parametrize("name", [SESSION, "kept copy"])
def test_a_file_under_any_name_gives_the_same_shares_in_pieces(tmp_path: Path, name: str) -> None:
    lines = [*response("m1", tool_use("t1")), result("t1"), *response("m2", spent=usage(100, 3))]
    for size in (1, 2, 3):
        scan(tmp_path, write(tmp_path, lines[:size], name))
    assert rows(tmp_path, "SELECT carrier = ?, input FROM tool_call", id_hash("m2")) == [(1, 100)]


@pytest.mark.parametrize("order", [["", "", "a7", "a7"], ["a7", "a7", "", ""], ["", "a7", "a7", ""]])
def test_the_copy_of_a_call_in_a_forked_subagent_changes_no_share(tmp_path: Path, order: list[str]) -> None:
    inside: Line = {"isSidechain": True, "agentId": "a7"}
    asked = response("m1", tool_use("t1", "Agent"), spent=usage(5, 7))
    copied = [{**line, **inside} for line in [*asked, result("t1", "go on")]]
    own = response("m2", spent=usage(100, 3), attributionAgent="fork", **inside)
    after = [result("t1", "x" * 99), *response("m3", spent=usage(1000, 3))]
    steps = {"": [asked, [*asked, *after]], "a7": [copied, [*copied, *own]]}
    for name in order:
        scan(tmp_path, write(tmp_path, steps[name].pop(0), subagent=name))
        audit(tmp_path)
    assert rows(tmp_path, "SELECT carrier = ?, result_bytes, input FROM tool_call", id_hash("m3")) == [
        (1, 101, 1000)
    ]


def test_a_reply_that_turns_out_to_be_older_takes_the_shares_that_it_carried_along(tmp_path: Path) -> None:
    carrier = response("m2", text("a"), text("b"), at="2026-11-22T10:50:00Z")
    carrier[1]["timestamp"] = "2026-11-22T10:20:00Z"
    lines = [*response("m1", tool_use("t1")), result("t1"), *carrier]
    for size in (3, 4):
        scan(tmp_path, write(tmp_path, lines[:size]))
        audit(tmp_path)


def test_a_tool_in_a_line_of_an_older_release_has_its_share_whenever_it_is_seen(tmp_path: Path) -> None:
    # Without `apiBlockIndex` blocks are distinguished by one of 62 bits of their lines' ids: here the same.
    same = next(f"u{n}" for n in range(1, 999) if id_hash(f"u{n}") % 62 == id_hash("u0") % 62)
    lines = response("m1", tool_use("t0"), tool_use("t1"), spent=usage(0, 100))
    for line, name in zip(lines, ("u0", same), strict=True):
        line.pop("apiBlockIndex")
        line["uuid"] = name
    for size in (1, 2):
        scan(tmp_path, write(tmp_path, lines[:size]))
    assert rows(tmp_path, "SELECT output FROM tool_call") == [(50,), (50,)]


@pytest.mark.parametrize("turn", [1, -1])
def test_a_hook_that_names_no_subagent_changes_no_share_of_one(tmp_path: Path, turn: int) -> None:
    outcome = (ToolResult(id_hash("t1"), 0, failed=False), (SESSION, ""), "Bash")
    side = [*response("m1", tool_use("t1")), result("t1"), *response("m2", spent=usage(100, 3))]
    path = write(tmp_path, [{**line, "isSidechain": True} for line in side])
    for step in [(None, outcome), (path, None)][::turn]:
        scan(tmp_path, *step)
    assert rows(tmp_path, "SELECT carrier = ?, input FROM tool_call", id_hash("m2")) == [(1, 100)]


def test_an_image_in_a_result_weighs_the_same_whatever_the_size_of_its_file(tmp_path: Path) -> None:
    images = [[{"type": "image", "source": {"type": "base64", "data": "A" * size}}] for size in (9, 90_000)]
    asked = response("m1", tool_use("t1"), tool_use("t2"))
    carrier = response("m2", spent=usage(1001, 1))
    lines = [*asked, result("t1", images[0]), result("t2", images[1]), *carrier]
    scan(tmp_path, write(tmp_path, lines))
    assert sorted(rows(tmp_path, "SELECT input FROM tool_call")) == [(500,), (501,)]


@pytest.mark.parametrize("turn", [1, -1])
def test_a_subagent_that_is_read_late_was_no_background_call(tmp_path: Path, turn: int) -> None:
    at = "2026-11-22T10:05:00.000Z"
    shown = [*response("m1", spent=usage(10, 10), at=at), totals_of(SESSION, 30)]
    inside = response("m2", spent=usage(20, 20), at=at, isSidechain=True, agentId="a1")
    for name, lines in [("", shown), ("a1", inside)][::turn]:
        scan(tmp_path, write(tmp_path, lines, subagent=name))
    assert rows(tmp_path, "SELECT kind, SUM(input) FROM response GROUP BY kind ORDER BY kind") == [
        (0, 10),
        (1, 20),
    ]
    audit(tmp_path)
