"""The real client's `/usage` as a source of percentages: what it answers, and what it keeps."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.client.hooklog import HookLog
from tests.support.client.terminal import InteractiveClient
from tests.support.client.tunnel import Tunnel
from tests.support.client.waiting import wait_until
from usage_dashboard.limits.client_cache import parse_cache
from usage_dashboard.limits.usage_command import ask_client, parse_usage
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.model.events import SECOND_US, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome

pytestmark = pytest.mark.client

ACCOUNT = "11111111-2222-3333-4444-555555555555"
NOW = int(time.time())  # noqa: TID251 - the client has its own clock
SESSION_RESETS, WEEK_RESETS = NOW + 2 * 3600, NOW + 3 * 86_400
EXACT = {
    "five_hour": (37_500, SESSION_RESETS * SECOND_US + 250_000),
    "seven_day": (62_000, WEEK_RESETS * SECOND_US + 250_000),
    "seven_day_fable": (12_250, WEEK_RESETS * SECOND_US + 250_000),
}


def iso(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.250000+00:00", time.gmtime(seconds))


def usage() -> dict[str, Any]:
    """What the account's server says, in the shape that the client checks (2.1.330)."""

    def row(kind: str, group: str, percent: float, resets: int, model: str = "") -> dict[str, Any]:
        scope = {"model": {"display_name": model}} if model else None
        return {
            "kind": kind, "group": group, "percent": percent, "resets_at": iso(resets), "scope": scope,
            "severity": "normal", "is_active": kind == "weekly_all",
        }  # fmt: skip

    return {
        "five_hour": {"utilization": 37.5, "resets_at": iso(SESSION_RESETS)},
        "seven_day": {"utilization": 62, "resets_at": iso(WEEK_RESETS)},
        "seven_day_oauth_apps": None,
        "seven_day_opus": None,
        "seven_day_sonnet": None,
        "extra_usage": {
            "is_enabled": False, "monthly_limit": None, "used_credits": None, "utilization": None,
        },
        "limits": [
            row("session", "session", 37.5, SESSION_RESETS),
            row("weekly_all", "weekly", 62, WEEK_RESETS),
            row("weekly_scoped", "weekly", 12.25, WEEK_RESETS, "Fable"),
        ],
    }  # fmt: skip


@pytest.fixture
def subscriber(
    client_home: ClientHome, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ClientHome]:
    """The home of a subscriber, in whose environment the test itself runs."""
    api.usage = usage()
    account = {"oauthAccount": {"accountUuid": ACCOUNT, "emailAddress": "someone@example.org"}}
    (client_home.config / ".claude.json").write_text(json.dumps(account), encoding="utf-8")
    with Tunnel(client_home.folder, api) as tunnel:
        tunnel.carry(client_home)
        for name in set(os.environ) - set(client_home.env) - {"PYTEST_CURRENT_TEST"}:
            monkeypatch.delenv(name)
        for name, value in client_home.env.items():
            monkeypatch.setenv(name, value)
        yield client_home


def told(readings: list[Reading]) -> dict[str, tuple[int, int]]:
    return {reading.window: (reading.used, reading.resets_us) for reading in readings}


def kept(home: ClientHome) -> tuple[str, list[Reading]]:
    return parse_cache((home.config / ".claude.json").read_text(encoding="utf-8"))


def test_the_client_tells_what_its_server_says(subscriber: ClientHome) -> None:
    readings = ask_client(str(subscriber.binary), NOW * SECOND_US)
    assert told(readings) == EXACT
    assert {(reading.at_us, reading.source) for reading in readings} == {(NOW * SECOND_US, "usage-command")}


def test_the_client_keeps_what_its_server_said(subscriber: ClientHome) -> None:
    ask_client(str(subscriber.binary), NOW * SECOND_US)
    account, readings = kept(subscriber)
    assert account == ACCOUNT
    assert told(readings) == EXACT
    assert {reading.source for reading in readings} == {"cached"}
    assert all(NOW <= reading.at_us // SECOND_US <= time.time() for reading in readings)  # noqa: TID251


def test_asking_calls_no_model_and_leaves_no_transcript_and_starts_no_hook(
    subscriber: ClientHome, api: FakeApi
) -> None:
    log = HookLog(subscriber.folder / "hooks")
    subscriber.settings(log.settings)
    assert told(ask_client(str(subscriber.binary), NOW * SECOND_US)) == EXACT
    assert api.requests == []
    assert subscriber.transcripts() == []
    assert log.payloads() == []
    state = json.loads((subscriber.config / ".claude.json").read_bytes())
    assert state.get("projects", {}) == {}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Irkutsk", "America/St_Johns"])
def test_its_lines_of_text_say_the_same_in_whole_percent_and_minutes(
    subscriber: ClientHome, zone: str
) -> None:
    run = subscriber.run("/usage", "--no-session-persistence", env={"TZ": zone})
    assert told(parse_usage(json.dumps(run.result), NOW * SECOND_US)) == {
        window: (used // 1000 * 1000, resets_us // (60 * SECOND_US) * 60 * SECOND_US)
        for window, (used, resets_us) in EXACT.items()
    }


def test_a_session_in_which_usage_is_looked_at_keeps_it_too(subscriber: ClientHome) -> None:
    with InteractiveClient(subscriber) as client:
        client.type("/usage")
        client.wait_for("62% used")
        wait_until(lambda: kept(subscriber)[1], "the client to keep it")
    account, readings = kept(subscriber)
    assert account == ACCOUNT
    assert told(readings) == EXACT


def test_where_the_client_may_not_ask_nothing_is_told(
    subscriber: ClientHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
    with pytest.raises(UsageDashboardError, match="could not fetch the limits"):
        ask_client(str(subscriber.binary), NOW * SECOND_US)
    assert kept(subscriber)[1] == []


def test_percentages_that_the_client_repeats_from_its_copy_are_not_taken_for_new(
    subscriber: ClientHome, api: FakeApi
) -> None:
    ask_client(str(subscriber.binary), NOW * SECOND_US)
    path = subscriber.config / ".claude.json"
    state = json.loads(path.read_bytes())
    state["cachedUsageUtilization"]["fetchedAtMs"] = (NOW - 600) * 1000
    path.write_text(json.dumps(state), encoding="utf-8")
    api.usage = {}
    assert "62% used" in subscriber.run("/usage", "--no-session-persistence").result["result"]
    with pytest.raises(UsageDashboardError, match="could not fetch the limits"):
        ask_client(str(subscriber.binary), NOW * SECOND_US)
    assert {reading.at_us // SECOND_US for reading in kept(subscriber)[1]} == {NOW - 600}


def test_an_api_key_is_told_no_limits(
    api: FakeApi, subscriber: ClientHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLAUDE_CODE_OAUTH_TOKEN")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "dummy-key-for-a-server-on-this-machine")
    with pytest.raises(UsageDashboardError, match="only for subscriptions"):
        ask_client(str(subscriber.binary), NOW * SECOND_US)
    assert api.requests == []
