"""The harness is right: what the fake API billed is what a plain count of the transcripts finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.client import recount
from tests.support.client.broken_streams import cut_after_text, killed_print
from tests.support.client.hidden_calls import automatic_compaction, prompt_hook, web_search
from tests.support.client.hooklog import HookLog
from tests.support.client.interactive import conversation, side_question, subscribe
from tests.support.client.scenarios import (
    background_subagent,
    failing_tool,
    fork,
    forked_subagent,
    one_tool,
    retry_529,
    slow_parallel_tools,
    two_subagents,
)
from tests.support.client.sse import BROKEN_OUTPUT_TOKENS
from tests.support.client.surroundings import odd_project_path
from tests.support.client.terminal import InteractiveClient
from tests.support.client.waiting import wait_until

if TYPE_CHECKING:
    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome
    from tests.support.client.scenarios import Scenario

pytestmark = pytest.mark.client


@pytest.mark.parametrize(
    "scenario",
    [
        one_tool,
        slow_parallel_tools,
        failing_tool,
        two_subagents,
        background_subagent,
        forked_subagent,
        fork,
        retry_529,
        odd_project_path,
        conversation,
    ],
)
def test_transcripts_show_every_call_that_was_billed(
    scenario: Scenario, api: FakeApi, client_home: ClientHome
) -> None:
    scenario(api, client_home)
    assert api.billed
    assert recount.by_message(client_home.config) == api.by_message()


@pytest.mark.parametrize("scenario", [automatic_compaction, web_search, prompt_hook, side_question])
def test_helper_calls_are_in_the_total_of_the_client_but_in_no_transcript(
    scenario: Scenario, api: FakeApi, client_home: ClientHome
) -> None:
    session = scenario(api, client_home)
    hidden = {call.message_id for call in api.billed if call.purpose not in ("main", "agent")}
    assert hidden
    assert api.by_message().keys() - recount.by_message(client_home.config).keys() == hidden
    assert recount.client_total(client_home.transcript(session)) == recount.total(api.by_message())


def test_a_broken_stream_leaves_less_output_than_was_billed(api: FakeApi, client_home: ClientHome) -> None:
    cut_after_text(api, client_home)
    [broken] = [call for call in api.billed if not call.completed]
    seen = recount.by_message(client_home.config)[broken.message_id]
    assert 0 < seen["output"] < BROKEN_OUTPUT_TOKENS
    assert seen["input"] == broken.usage.input


def test_a_killed_client_leaves_no_line_of_the_broken_stream(api: FakeApi, client_home: ClientHome) -> None:
    killed_print(api, client_home)
    [broken] = [call for call in api.billed if not call.completed]
    assert broken.message_id not in recount.by_message(client_home.config)


def test_every_call_is_billed_with_numbers_of_its_own(api: FakeApi, client_home: ClientHome) -> None:
    two_subagents(api, client_home)
    for field in ("input", "output", "write_5m", "read"):
        values = [getattr(call.usage, field) for call in api.billed]
        assert len(set(values)) == len(values), field


def test_the_client_talks_to_nobody_else_and_stays_in_its_home(api: FakeApi, client_home: ClientHome) -> None:
    one_tool(api, client_home)
    assert api.other == []
    assert {call.session_id for call in api.billed} == {client_home.transcripts()[0].stem}


def test_hooks_report_a_session_in_order(api: FakeApi, client_home: ClientHome) -> None:
    log = HookLog(client_home.folder / "hooks")
    client_home.settings(log.settings)
    one_tool(api, client_home)
    assert [payload["hook_event_name"] for payload in log.payloads()] == [
        "SessionStart",
        "UserPromptSubmit",
        "PreToolUse",
        "PostToolUse",
        "PostToolBatch",
        "Stop",
        "SessionEnd",
    ]


def test_the_status_line_of_a_subscriber_is_told_the_limits(api: FakeApi, client_home: ClientHome) -> None:
    log = HookLog(client_home.folder / "status")
    client_home.settings(log.status_line)
    subscribe(api, client_home, five_hour=0.37, seven_day=0.62)
    with InteractiveClient(client_home) as client:
        client.type("Say one")
        told = wait_until(
            lambda: [payload["rate_limits"] for payload in log.payloads() if "rate_limits" in payload],
            "the status line to be told the limits",
        )
    assert told[0]["five_hour"]["used_percentage"] == 37
    assert told[0]["seven_day"]["used_percentage"] == 62
