"""What the real client tells the receiver, against what the API billed; and that it never waits for us."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.client.test_exactness import usage_dashboard
from tests.support.client import broken_streams, hidden_calls, interactive, scenarios
from tests.support.client.replies import Plan
from tests.support.client.scenarios import bash, echo
from tests.support.client.sse import BROKEN_OUTPUT_TOKENS, say, use
from tests.support.client.waiting import wait_until
from tests.support.telemetry_http import running
from tests.support.telemetry_process import PACKAGE, PYTHON, free_port, kill
from usage_dashboard.ingest.telemetry import health as probe
from usage_dashboard.ingest.telemetry import state_file
from usage_dashboard.install import telemetry_settings
from usage_dashboard.model.ids import id_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.client.api import Billed, FakeApi
    from tests.support.client.home import ClientHome
    from tests.support.client.scenarios import Scenario
    from tests.support.telemetry_http import Running

pytestmark = pytest.mark.client

Counts = tuple[int, ...]
_HELD: list[socket.socket] = []
CANARY = "k7canaryq3"

SCENARIOS = (
    scenarios.nested_subagents,
    scenarios.forked_subagent,
    scenarios.fork_of_fork,
    scenarios.model_switch,
    scenarios.retry_529,
    scenarios.fallback,
    hidden_calls.compaction,
    hidden_calls.compaction_twice,
    hidden_calls.automatic_compaction,
    hidden_calls.compacted_fork,
    hidden_calls.web_search_in_subagent,
    hidden_calls.web_fetch,
    hidden_calls.prompt_hook,
    hidden_calls.unsaved,
    interactive.clear,
    interactive.side_question,
    interactive.suggestions,
    interactive.interactive_compaction,
    broken_streams.hung_up,
)


@pytest.fixture
def receiver() -> Iterator[Running]:
    with running() as found:
        yield found


def switch_on(home: ClientHome, port: int) -> None:
    home.settings(telemetry_settings.add_telemetry({}, port))


def counts(call: Billed) -> Counts:
    usage = call.usage
    return usage.input, usage.output, usage.write_5m + usage.write_1h, usage.write_1h, usage.read


def billed(api: FakeApi) -> dict[int, Counts]:
    """What the API charged for each completed call, by the key of its request."""
    return {id_hash(call.request_id): counts(call) for call in api.billed if call.completed}


def told(receiver: Running) -> dict[int, Counts]:
    """What the client told of each call; it has ended, so it has an answer to all it said."""
    wait_until(lambda: len(receiver.receiver.queue) == 0, "what was told to be handed on")
    return {
        found.request: (found.input, found.output, found.cache_creation, found.cache_1h, found.cache_read)
        for found in receiver.took
    }


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_every_billed_call_is_told_exactly_and_once(
    scenario: Scenario, api: FakeApi, client_home: ClientHome, receiver: Running
) -> None:
    switch_on(client_home, receiver.port)
    scenario(api, client_home)
    assert told(receiver) == billed(api)
    assert len(receiver.took) == len(billed(api))
    assert receiver.counts.all_refused == 0
    sessions = {id_hash(call.request_id): call.session_id for call in api.billed}
    assert {request.request: request.session for request in receiver.took} == sessions


def test_what_calls_were_for_is_told(api: FakeApi, client_home: ClientHome, receiver: Running) -> None:
    switch_on(client_home, receiver.port)
    hidden_calls.web_search_in_subagent(api, client_home)
    hidden_calls.compaction(api, client_home)
    assert told(receiver).keys() == billed(api).keys()
    purposes = {id_hash(call.request_id): call.purpose for call in api.billed}
    agents = {id_hash(call.request_id): call.agent_id or "" for call in api.billed}
    assert {(purposes[request.request], request.source, request.agent) for request in receiver.took} == {
        ("main", "sdk", ""),
        ("agent", "agent:builtin:general-purpose", "general-purpose"),
        ("web_search", "web_search_tool", ""),
        ("compact", "compact", ""),
    }
    by_agents = {
        request.request: request.subagent for request in receiver.took if request.source != "web_search_tool"
    }
    assert by_agents == {request: agents[request] for request in by_agents}


def test_an_agent_hooks_verdict_is_billed_and_told_to_nobody(
    api: FakeApi, client_home: ClientHome, receiver: Running
) -> None:
    # The client's own totals have it (2.1.330), so what is left of them stays background.
    switch_on(client_home, receiver.port)
    hidden_calls.agent_hook(api, client_home)
    missing = [call for call in api.billed if id_hash(call.request_id) not in told(receiver)]
    assert [call.purpose for call in missing] == ["hook_agent"]
    assert missing == api.billed[-1:]


BROKEN = (broken_streams.cut_after_text, broken_streams.cut_at_once, broken_streams.escaped)


@pytest.mark.parametrize("scenario", BROKEN)
def test_of_a_broken_stream_never_too_much_is_told(
    scenario: Scenario, api: FakeApi, client_home: ClientHome, receiver: Running
) -> None:
    switch_on(client_home, receiver.port)
    scenario(api, client_home)
    cut = {id_hash(call.request_id): counts(call) for call in api.billed if not call.completed}
    assert cut
    for request, numbers in told(receiver).items():
        if request in cut:
            assert numbers[1] < BROKEN_OUTPUT_TOKENS
            assert numbers[0] == cut[request][0]
        else:
            assert numbers == billed(api)[request]


class TestUndisturbed:
    """The client ends as ever, says nothing, and does its work, whatever becomes of the receiver."""

    def works(self, api: FakeApi, home: ClientHome) -> None:
        before = len(api.billed)
        api.script = Plan(echo("one"))
        run = home.run("Say one")
        assert (run.exit_code, run.stderr, len(api.billed) - before) == (0, "", 2)

    def test_nobody_listens(self, api: FakeApi, client_home: ClientHome) -> None:
        switch_on(client_home, free_port())
        self.works(api, client_home)

    def test_the_receiver_refuses_everything(
        self, api: FakeApi, client_home: ClientHome, receiver: Running
    ) -> None:
        env: dict[str, Any] = telemetry_settings.add_telemetry({}, receiver.port)
        env["env"]["OTEL_EXPORTER_OTLP_ENDPOINT"] += "/elsewhere"
        client_home.settings(env)
        self.works(api, client_home)
        assert receiver.counts.refused_bodies == 1

    def test_the_receiver_dies_in_the_middle(self, api: FakeApi, client_home: ClientHome) -> None:
        port = free_port()
        hooked(client_home, port)
        go_on = client_home.folder / "go-on"
        api.script = Plan(
            [use(bash(f"until [ -e {shlex.quote(str(go_on))} ]; do sleep 0.05; done")), say("Done.")]
        )
        with client_home.start("Wait") as client:
            kill(
                wait_until(
                    lambda: probe.find_receiver(ledger_of(client_home), port), "the receiver to answer"
                )
            )
            wait_until(
                lambda: probe.find_receiver(ledger_of(client_home), port) is None, "the receiver to be gone"
            )
            go_on.touch()
            run = client.finish()
        assert (run.exit_code, run.stderr, run.result["is_error"]) == (0, "", False)
        assert len(billed(api)) == 2


class TestWholeChain:
    """A hook starts the receiver when a session starts; the ledger is told what no transcript shows."""

    def test_a_session_without_a_transcript_is_in_the_ledger(
        self, api: FakeApi, client_home: ClientHome
    ) -> None:
        port = free_port()
        hooked(client_home, port)
        with ending(client_home, port):
            for _ in range(2):  # the second session finds the first one's receiver
                api.script = Plan(echo(CANARY))
                client_home.run(f"Say {CANARY}", "--no-session-persistence")
            assert client_home.transcripts() == []
            wait_until(lambda: recorded(client_home) == sums(api), "every call to be in the ledger")
        assert len(api.billed) == 4
        for path in Path(ledger_of(client_home)).iterdir():
            assert CANARY.encode() not in path.read_bytes(), path.name

    def test_a_receiver_that_is_ended_takes_what_it_was_told_along(
        self, api: FakeApi, client_home: ClientHome
    ) -> None:
        port = free_port()
        hooked(client_home, port)
        hidden_calls.compaction(api, client_home)
        health = probe.find_receiver(ledger_of(client_home), port)
        assert health is not None
        os.kill(int(str(health["pid"])), signal.SIGTERM)
        wait_until(lambda: state_file.read_state(ledger_of(client_home))["pid"] == 0, "the receiver to end")
        assert recorded(client_home) == sums(api)


@pytest.mark.parametrize(
    "scenario", [*SCENARIOS, hidden_calls.agent_hook], ids=lambda scenario: scenario.__name__
)
def test_with_setup_and_nothing_else_every_billed_token_is_in_the_ledger(
    scenario: Scenario, api: FakeApi, client_home: ClientHome
) -> None:
    port = free_port()
    usage_dashboard(client_home, "setup", "--telemetry", "--port", str(port), "--yes")
    with ending(client_home, port):
        scenario(api, client_home)
        wait_until(lambda: probe.find_receiver(ledger_of(client_home), port), "the receiver to answer")
        assert probe.stop_receiver(ledger_of(client_home))
    usage_dashboard(client_home, "import")
    assert recorded(client_home) == sums(api)
    assert not (client_home.home / ".claude-usage" / "faults.log").exists()


def ledger_of(home: ClientHome) -> str:
    return str(home.home / ".claude-usage")


def hooked(home: ClientHome, port: int) -> None:
    """Telemetry on, and a hook that starts the receiver when a session does, and nothing else."""
    Path(ledger_of(home)).mkdir(mode=0o700)
    code = (
        f"import sys; sys.path.append({str(PACKAGE.parent)!r})\n"
        f"from usage_dashboard.ingest.telemetry import launch; launch.ensure_running({ledger_of(home)!r})"
    )
    command = shlex.join([PYTHON, "-I", "-S", "-c", code])
    hooks = {"SessionStart": [{"hooks": [{"type": "command", "command": command}]}]}
    home.settings(telemetry_settings.add_telemetry({}, port), {"hooks": hooks})


@contextlib.contextmanager
def ending(home: ClientHome, port: int) -> Iterator[None]:
    """End the receiver that a session started; a hook that is late finds the port taken and starts none."""

    def held() -> bool:
        probe.stop_receiver(ledger_of(home))
        with contextlib.suppress(OSError):
            _HELD.append(socket.create_server(("127.0.0.1", port)))
            return True
        return False

    try:
        yield
    finally:
        wait_until(held, "the port of a receiver that has ended")


def recorded(home: ClientHome) -> Counts:
    """What the ledger holds in all: calls, then each kind of tokens."""
    columns = ("calls", "input", "output", "cache_creation", "cache_1h", "cache_read")
    path = Path(ledger_of(home)) / "usage.db"
    if not path.exists():
        return ()
    db = sqlite3.connect(path)
    try:
        query = ", ".join(f"COALESCE(SUM({name}), 0)" for name in columns)
        (found,) = db.execute(f"SELECT {query} FROM rollup").fetchall()
    except sqlite3.OperationalError:  # its tables are being made
        return ()
    finally:
        db.close()
    return tuple(found)


def sums(api: FakeApi) -> Counts:
    """The same of what the API billed."""
    each = list(billed(api).values())
    return (len(each), *(sum(kind) for kind in zip(*each, strict=True)))
