"""Calls that no transcript shows, against what the API billed."""

from __future__ import annotations

import pytest

from tests.client.api import FakeApi
from tests.client.client import ClientHome
from tests.client.hidden import HIDDEN, unsaved
from tests.client.interactive import INTERACTIVE
from tests.client.scenarios import Scenario
from tests.client.surroundings import SURROUNDINGS
from tests.client.test_exactness import JSON_NAMES, KINDS, billed, reported, usage_dashboard

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
