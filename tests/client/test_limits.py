"""The client's own percentages, from the API's headers to the ledger, the screen and a dialog."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.client.test_exactness import usage_dashboard
from tests.support.client.interactive import limit_reached, subscribe
from tests.support.client.replies import Plan
from tests.support.client.scenarios import bash, delegate, echo
from tests.support.client.sse import say, use
from tests.support.client.terminal import InteractiveClient
from tests.support.client.waiting import wait_until

if TYPE_CHECKING:
    from tests.support.client.api import FakeApi
    from tests.support.client.home import ClientHome
    from tests.support.client.request import Request
    from tests.support.client.sse import Reply

pytestmark = pytest.mark.client

ASKS = "Do you want to proceed?"
BILLING = "ANTHROPIC_API_KEY is set"
MANUAL = ("--permission-mode", "default")


@pytest.fixture
def subscriber(client_home: ClientHome) -> ClientHome:
    """A home with our hooks and status line."""
    usage_dashboard(client_home, "setup", "--yes")
    # Else the main thread goes on beside an agent, and the agent's end starts a turn of its own.
    client_home.env["CLAUDE_CODE_DISABLE_BACKGROUND_TASKS"] = "1"
    return client_home


def used(api: FakeApi, home: ClientHome, week: int) -> None:
    """From now on the API says that `week` percent of the week's allowance are used."""
    subscribe(api, home, five_hour=0.1, seven_day=week / 100)


def standing(week: int) -> str:
    """What our status line shows of the week, and no message does."""
    return f" {week}% →"


def line_of(screen: str, week: int) -> str:
    """Our status line on a screen."""
    [line] = [line for line in screen.splitlines() if standing(week) in line]
    return line.strip()


def turn(client: InteractiveClient, word: str, week: int) -> str:
    """The screen after a turn at whose end the status line was told `week` percent."""
    client.type(f"Say {word}")
    client.wait_for(f"Said {word}.")
    return client.wait_for(standing(week))


def one_session(api: FakeApi, home: ClientHome, week: int) -> None:
    """A session of one turn that is told `week` percent."""
    used(api, home, week)
    api.script = Plan(echo("one"))
    with InteractiveClient(home) as client:
        turn(client, "one", week)
        client.leave()


def said(screen: str) -> list[int]:
    """The percentages of the week that our messages on the screen name."""
    return [int(found) for found in re.findall(r"(\d+)% of this week's allowance is used", screen)]


def document(home: ClientHome, *command: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(usage_dashboard(home, *command, "--json"))
    return found


def iso(seconds: str) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(seconds)))


def purposes(api: FakeApi) -> list[str]:
    return [call.purpose for call in api.billed]


def delegates_beyond_the_last_level(client: InteractiveClient, api: FakeApi, home: ClientHome) -> None:
    """Script a turn that climbs to 96 % and then starts an agent, and another that starts one more."""

    def climb(_: Request) -> Reply:
        used(api, home, 96)
        return use(bash("echo one"))

    def agent(_: Request) -> Reply:
        client.wait_for(standing(96))
        return use(delegate("Task alpha"))

    used(api, home, 40)
    api.script = Plan(
        [climb, agent, say("Delegated once."), use(delegate("Task beta")), say("Delegated twice.")],
        agents={"Task alpha": echo("alpha"), "Task beta": echo("beta")},
    )


def test_the_percentages_of_a_session_end_in_limits_and_set_the_week(
    api: FakeApi, client_home: ClientHome
) -> None:
    client_home.settings({"statusLine": {"type": "command", "command": "cat >/dev/null; echo my own line"}})
    usage_dashboard(client_home, "setup", "--yes")
    subscribe(api, client_home, five_hour=0.375, seven_day=0.625)
    told = {
        window: iso(api.headers[f"anthropic-ratelimit-unified-{window}-reset"]) for window in ("5h", "7d")
    }
    api.script = Plan(echo("one"))
    with InteractiveClient(client_home) as client:
        screen = turn(client, "one", 62)
        client.leave()
    assert "my own line" in screen
    shown = r"week [▓┃░]{8} 62% →109% .* │ 5h [▓┃░]{8} 37% →62% .* │ \$[\d.]+ est\."
    assert re.match(shown, line_of(screen, 62))
    limits = document(client_home, "limits")["limits"]
    fields = ("window", "used_percent", "resets_at", "source")
    assert [tuple(found[field] for field in fields) for found in limits] == [
        ("five_hour", 37.5, told["5h"], "statusline"),
        ("seven_day", 62.5, told["7d"], "statusline"),
    ]
    week = document(client_home, "week")["window"]
    assert (week["reset_source"], week["reset_at"]) == ("observed", told["7d"])


def test_a_narrow_screen_shows_as_many_whole_parts_of_the_line_as_fit(
    api: FakeApi, subscriber: ClientHome
) -> None:
    used(api, subscriber, 40)
    api.script = Plan([reply for word in ("one", "two", "three", "four") for reply in echo(word)])
    with InteractiveClient(subscriber) as client:
        turn(client, "one", 40)  # less than a cent, which takes more columns than the cents after it
        used(api, subscriber, 41)
        whole = line_of(turn(client, "two", 41), 41)
        shown = []
        for word, week, beside in (("three", 42, 4), ("four", 43, 3)):
            client.resize(len(whole) + beside)
            used(api, subscriber, week)
            shown.append(line_of(turn(client, word, week), week).split(" │ "))
        client.leave()
    parts = len(whole.split(" │ "))
    assert [len(line) for line in shown] == [parts, parts - 1]
    assert "…" not in str(shown)


def test_each_level_is_said_once_as_the_percentage_climbs(api: FakeApi, subscriber: ClientHome) -> None:
    used(api, subscriber, 55)
    heard = []
    with InteractiveClient(subscriber) as client:
        for word, week in (("one", 55), ("two", 83), ("three", 96), ("four", 97), ("five", 97)):
            used(api, subscriber, week)
            api.script = Plan(echo(word))
            heard.append(said(turn(client, word, week)))
        client.leave()
    assert heard == [[], [55], [55, 83], [55, 83, 96], [55, 83, 96]]


def test_beyond_the_last_level_one_dialog_asks_before_an_agent_starts(
    api: FakeApi, subscriber: ClientHome
) -> None:
    used(api, subscriber, 40)
    with InteractiveClient(subscriber, *MANUAL) as client:
        delegates_beyond_the_last_level(client, api, subscriber)
        client.type("Delegate")
        client.wait_for(ASKS)
        assert "agent" not in purposes(api)
        asked = client.answer(ASKS, "Enter")
        client.wait_for("Delegated once.")
        client.type("Delegate again")
        after = client.wait_for("Delegated twice.")
        client.leave()
    assert "Hook PreToolUse:Agent requires confirmation" in asked
    assert said(asked) == [96]
    assert said(after) == [], "said in the dialog and again as a message"
    assert purposes(api).count("agent") == 4


def test_where_permissions_are_bypassed_nothing_asks(api: FakeApi, subscriber: ClientHome) -> None:
    used(api, subscriber, 40)
    with InteractiveClient(subscriber) as client:
        delegates_beyond_the_last_level(client, api, subscriber)
        client.type("Delegate")
        screen = client.wait_for("Delegated once.")
        client.leave()
    assert said(screen) == [96]


def test_without_a_screen_nothing_asks_and_nothing_is_blocked(api: FakeApi, subscriber: ClientHome) -> None:
    one_session(api, subscriber, 99)
    api.script = Plan([use(delegate("Task alpha")), say("Delegated.")], agents={"Task alpha": echo("alpha")})
    run = subscriber.run("Delegate", *MANUAL)
    assert (run.exit_code, run.stderr, run.result["result"]) == (0, "", "Delegated.")
    assert run.result["permission_denials"] == []
    assert purposes(api)[-4:] == ["main", "agent", "agent", "main"]


def test_a_session_that_starts_beyond_a_level_says_so_before_the_first_prompt(
    api: FakeApi, subscriber: ClientHome
) -> None:
    one_session(api, subscriber, 83)
    api.script = Plan(echo("two"))
    with InteractiveClient(subscriber) as client:
        client.wait_for("SessionStart:startup says: usage-dashboard: 83% of this week's allowance is used")
        assert said(turn(client, "two", 83)) == [83]
        client.leave()


def test_a_limit_that_is_hit_is_noted_once_with_its_window(api: FakeApi, subscriber: ClientHome) -> None:
    limit_reached(api, subscriber)
    [hit] = document(subscriber, "limits")["hits"]
    assert hit["window"] == "seven_day"


def test_an_api_key_beside_a_subscription_is_warned_of_at_the_start(
    api: FakeApi, subscriber: ClientHome
) -> None:
    key = subscriber.env["ANTHROPIC_API_KEY"]
    one_session(api, subscriber, 40)
    del subscriber.env["CLAUDE_CODE_OAUTH_TOKEN"]
    subscriber.env["ANTHROPIC_API_KEY"] = key
    api.headers.clear()
    with InteractiveClient(subscriber) as client:
        screen = client.wait_for(BILLING)
        client.leave()
    assert "hint: unset ANTHROPIC_API_KEY" in screen
    kept = (subscriber.home / ".claude-usage").glob("*")
    assert not any(key.encode() in path.read_bytes() for path in kept)


def test_an_api_key_that_is_seen_to_be_unused_is_warned_of_no_more(
    api: FakeApi, subscriber: ClientHome
) -> None:
    key = subscriber.env["ANTHROPIC_API_KEY"]
    one_session(api, subscriber, 40)
    subscriber.decline_key()
    warned = []
    for week in (41, 42):
        used(api, subscriber, week)
        subscriber.env["ANTHROPIC_API_KEY"] = key
        api.script = Plan(echo("two"))
        with InteractiveClient(subscriber) as client:
            warned.append(BILLING in turn(client, "two", week))
            client.leave()
    assert warned == [True, False]


def test_the_terminal_and_a_program_of_the_user_are_told_too(api: FakeApi, subscriber: ClientHome) -> None:
    told, output = subscriber.folder / "told.json", subscriber.folder / "output"
    usage_dashboard(subscriber, "config", "set", "alerts.notify", "on")
    usage_dashboard(
        subscriber, "config", "set", "alerts.command", f"cat > '{told}.part'; mv '{told}.part' '{told}'"
    )
    used(api, subscriber, 55)
    api.script = Plan([*echo("one"), *echo("two")])
    with InteractiveClient(subscriber) as client:
        client.keep_output(output)
        turn(client, "one", 55)
        screen = turn(client, "two", 55)
        wait_until(told.exists, "the program to be told")
        client.leave()
    assert said(screen) == [55]
    assert "hook error" not in screen
    assert output.read_bytes().count(b"\x1b]9;usage-dashboard: 55% of this week's allowance is used") == 1
    event = json.loads(told.read_bytes())
    assert (event["event"], event["window"], event["level"]) == ("level", "seven_day", 1)


def test_a_snooze_keeps_a_level_away_until_it_ends(api: FakeApi, subscriber: ClientHome) -> None:
    used(api, subscriber, 83)
    api.script = Plan([*echo("one"), *echo("two"), *echo("three")])
    with InteractiveClient(subscriber) as client:
        turn(client, "one", 83)
        usage_dashboard(subscriber, "snooze", "30m")
        quiet = turn(client, "two", 83)
        usage_dashboard(subscriber, "snooze", "off")
        loud = turn(client, "three", 83)
        client.leave()
    assert (said(quiet), said(loud)) == ([], [83])
