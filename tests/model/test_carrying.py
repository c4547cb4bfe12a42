"""Which block weighs what, and which request carries a result."""

from __future__ import annotations

import pytest

from usage_dashboard.model.attribution import (
    IMAGE_BYTES,
    attribute,
    carry,
    is_awaited,
    note_result,
    stop_waiting,
    weigh_blocks,
    weigh_result,
)
from usage_dashboard.model.ids import id_hash, subagent_of, thread_hash
from usage_dashboard.model.rows import ResponseRow, ToolRow, agent_of

TEXT = ("text", "abc", None, None, None, None)
THINKING = ("thinking", None, "hmm", None, None, None)
TOOL = ("tool_use", None, None, "t1", "Bash", {"a": "b"})


def tool(tool_id: int, response: int | None, subagent: int = 0) -> ToolRow:
    row = ToolRow(tool_id, 1, subagent)
    row.response = response
    return row


def test_blocks_weigh_by_their_kind() -> None:
    bits, text_bytes, thinking_bytes, tools = weigh_blocks([TEXT, THINKING, TOOL], 0, "")
    assert (bits, text_bytes, thinking_bytes) == (0b111, 5, 5)
    assert [(name, size > 0) for _, name, size in tools] == [("Bash", True)]


def test_what_is_no_block_has_a_place_and_no_weight() -> None:
    assert weigh_blocks([None, TEXT], 0, "") == (0b10, 5, 0, [])


@pytest.mark.parametrize("index", [None, -1, "2"])
def test_a_block_without_an_index_is_known_by_its_line(index: object) -> None:
    assert weigh_blocks([TEXT], index, "u1")[0] == 1 << id_hash("u1") % 62


@pytest.mark.parametrize(
    ("content", "weight"),
    [
        (None, 0),
        ("ok", 4),
        ([{"type": "text", "text": "ok"}, {"type": "image"}], 4 + IMAGE_BYTES),
    ],
)
def test_a_result_weighs_its_texts_and_a_flat_weight_for_images(content: object, weight: int) -> None:
    assert weigh_result(content) == weight


def test_the_first_request_of_the_thread_after_it_carries_a_result() -> None:
    main, other = tool(1, 10), tool(2, 10, subagent=7)
    left = carry(ResponseRow(11, 1, 0, 5), [main, other])
    assert (left, main.carrier, other.carrier) == ([other], 11, None)


def test_a_reply_does_not_carry_the_results_of_its_own_calls() -> None:
    own, unknown = tool(1, 10), tool(2, None)
    assert carry(ResponseRow(10, 1, 0, 5), [own, unknown]) == [own, unknown]


def test_a_result_counts_once_and_in_the_thread_of_its_call() -> None:
    waiting, carried, subagents = tool(1, 10), tool(2, 10), tool(3, 10, subagent=7)
    carried.carrier = 11
    assert is_awaited(waiting, 0, [])
    assert not is_awaited(waiting, 0, [waiting])
    assert not is_awaited(carried, 0, [])
    assert not is_awaited(subagents, 0, [])


def test_what_a_hook_knows_of_a_result_stays() -> None:
    row = tool(1, 10)
    row.failed = 1
    note_result(row, 30, failed=False)
    note_result(row, 99, failed=False)
    assert (row.result_bytes, row.failed) == (30, 1)


def test_where_a_result_waited_is_forgotten_once_it_is_carried() -> None:
    waiting, carried = tool(1, 10, subagent=7), tool(2, 10, subagent=7)
    waiting.handed = carried.handed = 1
    carried.carrier = 11
    for row in (waiting, carried):
        stop_waiting(row)
    assert [(row.subagent, row.handed) for row in (waiting, carried)] == [(7, 1), (0, None)]


def test_a_call_belongs_to_the_first_response_that_asked_for_it() -> None:
    row = ToolRow(1, 0, 0)
    row.ask(ResponseRow(10, 2, 7, 5), 30)
    row.ask(ResponseRow(11, 3, 8, 6), 99)
    assert (row.response, row.session, row.subagent, row.input_bytes) == (10, 2, 7, 30)


def test_output_goes_to_who_wrote_and_fresh_input_to_what_was_carried() -> None:
    first, second = ResponseRow(10, 1, 0, 5), ResponseRow(11, 1, 0, 6)
    first.output, first.text_bytes, second.input = 100, 50, 40
    row = tool(1, 10)
    row.input_bytes, row.carrier = 50, 11
    attribute([first, second], [row])
    assert (row.output, row.input) == (50, 40)


@pytest.mark.parametrize(
    ("agent", "file_subagent", "is_sidechain", "result"),
    [
        ("a1", "b2", True, "a1"),
        ("", "b2", True, "b2"),
        ("", "", True, "sidechain"),
        ("", "", False, ""),
    ],
)
def test_the_subagent_of_a_line(agent: str, file_subagent: str, is_sidechain: bool, result: str) -> None:
    assert subagent_of(agent, file_subagent, is_sidechain=is_sidechain) == result


def test_the_main_thread_has_no_agent_but_its_own() -> None:
    assert agent_of(thread_hash(""), "Explore") == (0, "main")
    assert agent_of(thread_hash("a1"), "Explore") == (1, "Explore")
    assert agent_of("a1", "") == (1, "subagent")
