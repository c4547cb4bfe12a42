"""Calls that no transcript shows, against what the API billed."""

from __future__ import annotations

import pytest

from tests.client.hidden import HIDDEN
from tests.client.interactive import INTERACTIVE
from tests.client.scenarios import Scenario
from tests.client.surroundings import SURROUNDINGS
from tests.client.test_exactness import JSON_NAMES, KINDS, billed, reported, usage_dashboard

from tests.client.api import FakeApi  # isort: skip
from tests.client.client import ClientHome  # isort: skip

pytestmark = pytest.mark.client


@pytest.mark.parametrize("scenario", (*SURROUNDINGS, *HIDDEN, *INTERACTIVE), ids=lambda scenario: scenario.__name__)
def test_every_billed_token_is_recorded(scenario: Scenario, api: FakeApi, client_home: ClientHome) -> None:
    usage_dashboard(client_home, "setup", "--yes")
    scenario(api, client_home)
    report = reported(client_home)
    recorded = {kind: report["totals"][name] for kind, name in zip(KINDS, JSON_NAMES, strict=True)}
    assert recorded == billed(api)
    assert report["totals"]["background_unknown_sessions"] == 0
