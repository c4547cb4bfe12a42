"""Calls that no transcript shows, against what the API billed."""

from __future__ import annotations

import json

import pytest

from tests.client.test_exactness import JSON_NAMES, KINDS, billed, reported, usage_dashboard
from tests.support.client import recount
from tests.support.client.api import FakeApi
from tests.support.client.broken_streams import (
    BROKEN,
    killed_after_compaction,
    killed_in_second_run,
    killed_print,
)
from tests.support.client.hidden_calls import HIDDEN, fork_after_compaction, unsaved, web_search_in_subagent
from tests.support.client.home import ClientHome
from tests.support.client.interactive import INTERACTIVE
from tests.support.client.scenarios import Scenario
from tests.support.client.surroundings import SURROUNDINGS

pytestmark = pytest.mark.client

# Without a transcript only telemetry knows of a session (test_telemetry.py).
WITH_TRANSCRIPT = [s for s in (*SURROUNDINGS, *HIDDEN, *INTERACTIVE) if s is not unsaved]


@pytest.mark.parametrize("scenario", WITH_TRANSCRIPT, ids=lambda scenario: scenario.__name__)
def test_every_billed_token_is_recorded(scenario: Scenario, api: FakeApi, client_home: ClientHome) -> None:
    usage_dashboard(client_home, "setup", "--yes")
    scenario(api, client_home)
    report = reported(client_home)
    recorded = {kind: report["totals"][name] for kind, name in zip(KINDS, JSON_NAMES, strict=True)}
    assert recorded == billed(api)
    assert report["totals"]["background_unknown_sessions"] == 0


# What a killed client had hidden is on no disk, nor is a request that it sent a moment before.
LOST = (killed_after_compaction, killed_in_second_run, killed_print)


@pytest.mark.parametrize("scenario", BROKEN, ids=lambda scenario: scenario.__name__)
def test_every_broken_stream_is_reported_and_nothing_is_counted_twice(
    scenario: Scenario, api: FakeApi, client_home: ClientHome
) -> None:
    usage_dashboard(client_home, "setup", "--yes")
    scenario(api, client_home)
    totals = reported(client_home)["totals"]
    recorded = {kind: totals[name] for kind, name in zip(KINDS, JSON_NAMES, strict=True)}
    spent = billed(api)
    assert all(recorded[kind] <= spent[kind] for kind in KINDS), "counted twice"
    if scenario in LOST:
        assert totals["background_unknown_sessions"] == 1
        shown = recount.by_message(client_home.config).values()
        assert recorded["input"] >= sum(counts["input"] for counts in shown)
        found = json.loads(usage_dashboard(client_home, "audit", "--json"))
        assert found["background_unknown_sessions"] == 1
        return
    cut = [call.usage for call in api.billed if not call.completed]
    assert totals["incomplete_calls"] == len(cut)
    for kind, name in (("input", "input"), ("output", "output"), ("cache_read", "read")):
        assert recorded[kind] >= spent[kind] - sum(getattr(usage, name) for usage in cut), kind


def test_the_audit_explains_every_token(api: FakeApi, client_home: ClientHome) -> None:
    usage_dashboard(client_home, "setup", "--yes")
    fork_after_compaction(api, client_home)
    web_search_in_subagent(api, client_home)
    found = json.loads(usage_dashboard(client_home, "audit", "--json"))
    assert found["background_unknown_sessions"] == 0
    assert {row["unexplained_tokens"] for row in found["sessions"]} == {0}
    assert {row["coverage_percent"] for row in found["sessions"]} == {100}
    assert sum(row["background_tokens"] for row in found["sessions"]) > 0
    for row in found["sessions"]:
        assert row["cost_estimate_usd"] == pytest.approx(row["client_cost_usd"], abs=1e-7)
