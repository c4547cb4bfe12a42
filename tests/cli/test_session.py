"""`session`: one of them to its single calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ingest.test_subagents import agent, boundary, tell
from tests.support import sample_week
from tests.support.command import Ask, AskJson, Page
from tests.support.kept_pages import kept_page
from tests.support.transcripts import SESSION, Line, response, result, tool_use, usage, write


def morning(project: Path) -> None:
    """A session of some hours: five calls, three nested subagents, two compactions."""
    lines: list[Line] = []
    for number, (clock, output, model) in enumerate(
        (
            ("08:01:10", 700, "claude-opus-5-5"),
            ("08:20:00", 9000, "claude-haiku-5-5"),
            ("08:50:30", 2500, "claude-opus-5-5"),
            ("10:05:00", 300, "claude-opus-5-5"),
            ("10:06:40", 40, "glm-5"),
        )
    ):
        tools = [
            tool_use(f"t{number}-{i}", name) for i, name in enumerate(("Read", "Read", "Bash")[: number + 1])
        ]
        spent_here = usage(20, output, 4000, 0, 30_000)
        lines += response(f"m{number}", *tools, spent=spent_here, at=f"2026-11-24T{clock}.000Z", model=model)
        lines += [result(tool["id"], "x" * 900) for tool in tools]
    lines.append(boundary("c1", timestamp="2026-11-24T08:49:00.000Z"))
    manual = {"trigger": "manual", "preTokens": 120_000, "postTokens": None}
    lines.append(boundary("c2", timestamp="2026-11-24T10:04:00.000Z", compactMetadata=manual))
    write(project, lines)
    at = "2026-11-24T08:{}.000Z".format
    agent(project, "a1", {"spawnDepth": 1}, at=at("51:00"), spent=usage(1, 50, 900))
    nested = agent(project, "a2", at=at("51:05"), spent=usage(2, 60, 1900))
    tell(nested, {"spawnDepth": 2, "parentAgentId": "a1"})
    lost = agent(project, "a3", at=at("51:07"), spent=usage(2, 70, 100))
    tell(lost, {"spawnDepth": 3, "parentAgentId": "gone"})


def test_a_session_with_everything(page: Page, project: Path) -> None:
    morning(project)
    shown = page("session", "last")
    assert shown == kept_page("session_full", shown)
    assert max(map(len, shown.splitlines())) <= 80


def test_a_session_at_40_columns_in_ascii(page: Page, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    morning(project)
    monkeypatch.setenv("COLUMNS", "40")
    shown = page("session", "last", charset="ascii")
    assert shown == kept_page("session_40_ascii", shown)
    assert max(map(len, shown.splitlines())) <= 40
    assert shown.isascii()


def test_the_calls_as_json_are_all_of_them_and_add_up(document: AskJson, project: Path) -> None:
    morning(project)
    found = document("session", "last")
    calls = found["calls"]
    assert len(calls) == found["totals"]["calls"] == 8
    for field in ("input_tokens", "output_tokens", "cache_creation", "cache_read", "total_tokens"):
        assert sum(call[field] for call in calls) == found["totals"][field]
    costs = [call["cost_estimate_usd"] for call in calls]
    assert costs[-1] is None
    assert costs[:-1] == sorted(costs[:-1], reverse=True)
    assert sum(costs[:-1]) == pytest.approx(found["totals"]["cost_estimate_usd"])
    assert (calls[-1]["model"], calls[-1]["at"], calls[-1]["type"]) == (
        "glm-5",
        "2026-11-24T10:06:40Z",
        "main",
    )
    assert calls[-1]["tools"] == [{"tool": "Read", "calls": 2}, {"tool": "Bash", "calls": 1}]


def test_the_calls_by_time_and_as_many_as_are_asked_for(document: AskJson, page: Page, project: Path) -> None:
    morning(project)
    found = document("session", "last", "--sort", "time", "--calls", "2")["calls"]
    assert [call["at"] for call in found] == ["2026-11-24T10:06:40Z", "2026-11-24T10:05:00Z"]
    assert "\nLatest " in page("session", "last", "--sort", "time")
    assert "Costliest" not in page("session", "last", "--calls", "0")


def test_the_tree_as_json(document: AskJson, project: Path) -> None:
    morning(project)
    first, lost = document("session", "last")["subagents"]
    assert (first["agent"], first["depth"], first["output_tokens"]) == ("Explore", 1, 50)
    assert [(each["depth"], each["output_tokens"]) for each in first["subagents"]] == [(2, 60)]
    assert (lost["depth"], lost["subagents"]) == (None, [])
    assert lost["started"] == "2026-11-24T08:51:07Z"


def test_subagents_that_claim_to_have_started_each_other_are_all_shown(
    document: AskJson, project: Path
) -> None:
    write(project, response("m1"))
    for name, parent in (("a1", "a3"), ("a2", "a1"), ("a3", "a2"), ("a4", "a4"), ("a5", "a1")):
        agent(project, name, {"parentAgentId": parent})
    roots = document("session", "last")["subagents"]

    def count(nodes: list[Line]) -> int:
        return sum(1 + count(node["subagents"]) for node in nodes)

    assert count(roots) == 5


def test_a_crowd_of_subagents_is_cut_and_added_up(page: Page, project: Path) -> None:
    write(project, response("m1", at="2026-11-24T08:00:00.000Z"))
    for number in range(30):
        agent(project, f"a{number}", {"spawnDepth": 1}, at=f"2026-11-24T08:00:{number:02}.000Z")
    shown = page("session", "last").split("Subagents")[1].splitlines()
    assert sum(line.startswith("Explore") for line in shown) == 23
    assert [line.split()[:4] for line in shown if "other" in line] == [["7", "other", "subagents", "7"]]


def test_the_compactions_as_json(document: AskJson, project: Path) -> None:
    morning(project)
    assert document("session", "last")["compactions"] == [
        {"at": "2026-11-24T08:49:00Z", "type": "main", "automatic": True, "tokens_before": 991_427,
         "tokens_after": 2552},
        {"at": "2026-11-24T10:04:00Z", "type": "main", "automatic": False, "tokens_before": 120_000,
         "tokens_after": None},
    ]  # fmt: skip


def test_the_cost_over_time_adds_up(document: AskJson, project: Path) -> None:
    morning(project)
    found = document("session", "last")
    quarters = found["cost_over_time"]
    assert [quarter["since"][11:16] for quarter in quarters] == ["08:00", "08:15", "08:45", "10:00"]
    assert sum(q["total_tokens"] for q in quarters) == found["totals"]["total_tokens"]
    cost = sum(quarter["cost_estimate_usd"] for quarter in quarters)
    assert cost == pytest.approx(found["totals"]["cost_estimate_usd"])


def test_a_session_of_weeks_still_has_few_rows(page: Page, project: Path) -> None:
    days = [f"2026-{month:02}-{day:02}" for month in (9, 10, 11) for day in range(1, 24)]
    write(project, [line for day in days for line in response(f"m{day}", at=f"{day}T09:00:00.000Z")])
    shown = page("session", "last").split("Cost, each 14d")[1].split("By model")[0]
    assert [line.split()[0:2] for line in shown.strip().splitlines()[1:]] == [
        ["Sep", "1"], ["Sep", "15"], ["Sep", "29"], ["Oct", "13"], ["Oct", "27"], ["Nov", "10"],
    ]  # fmt: skip


def test_calls_that_were_dropped_by_age_are_said_to_be(
    page: Page, document: AskJson, project: Path, configure: Callable[..., None]
) -> None:
    lines = [*response("m1", at="2026-11-20T09:00:00.000Z"), *response("m2", at="2026-11-24T09:00:00.000Z")]
    write(project, lines)
    configure(retention_days=3)
    found = document("session", "last")
    assert (found["totals"]["calls"], len(found["calls"])) == (2, 1)
    assert found["calls_kept_since"] == "2026-11-22T10:00:00Z"
    assert "Single calls and subagents before Nov 22 10:00 are no longer kept" in page("session", "last")


def test_all_calls_are_kept_of_a_young_session(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    assert document("session", "last")["calls_kept_since"] is None


def test_no_number_of_calls_is_a_usage_error(ask: Ask, project: Path) -> None:
    for options in (("--calls", "-1"), ("--calls", "x"), ("--sort", "size")):
        done = ask("session", "last", *options)
        assert (done.exit_code, done.stdout) == (2, "")


def test_a_calls_tools_and_agent_are_json_of_their_own(document: AskJson, project: Path) -> None:
    write(project, response("m1"))
    agent(project, "a1", {"spawnDepth": 1})
    by_type = {call["type"]: call for call in document("session", SESSION)["calls"]}
    assert (by_type["subagent"]["agent"], by_type["main"]["agent"]) == ("Explore", "main")
    assert by_type["main"]["tools"] == []
    assert json.dumps(by_type["main"]["project"]) == '"shop"'
