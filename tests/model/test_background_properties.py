"""Whatever names answer and whatever is killed, no more is hidden than was, and nothing counts twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.counting_client import Call, CountingClient, Process
from usage_dashboard.model.background import hidden
from usage_dashboard.model.background_intervals import first_lost_us, intervals

NAMES = ("opus", "sonnet", "sonnet[1m]", "arn:profile")
ANSWERS = (*NAMES, "glm", "opus-20260101")

calls = st.builds(
    Call, st.sampled_from(NAMES), st.integers(1, 90), visible=st.booleans(), subagent=st.booleans()
)
processes = st.builds(
    Process,
    st.lists(calls, min_size=1, max_size=5).map(tuple),
    killed=st.booleans(),
    waits_seconds=st.sampled_from([0, 0, 3, 5000]),
)
works = st.lists(processes, min_size=1, max_size=5)
maps = st.fixed_dictionaries({name: st.sampled_from(ANSWERS) for name in NAMES})


def derived(client: CountingClient) -> tuple[dict[str, int], bool]:
    """Hidden fresh input by the model that was asked for, and whether something is lost."""
    if not client.states:
        return {}, True
    session = client.session()
    counted = intervals(session)
    found: dict[str, int] = {}
    for one in hidden(counted):
        found[one.model] = found.get(one.model, 0) + one.counts[0]
    ended = client.shown and client.shown[-1].at_us > client.states[-1].at_us
    return found, first_lost_us(session, counted) is not None or bool(ended)


def played(client: CountingClient, work: list[Process]) -> CountingClient:
    for process in work:
        client.run(process)
    return client


@settings(max_examples=300, deadline=None)
@given(maps, works, st.booleans(), st.booleans())
def test_no_more_is_hidden_than_was(
    answering: dict[str, str], work: list[Process], says_asked: bool, hooked: bool
) -> None:
    client = played(CountingClient(answering, says_asked, hooked), work)
    found, _ = derived(client)
    assert sum(found.values()) <= sum(client.hidden.values())


@settings(max_examples=300, deadline=None)
@given(maps, works)
def test_what_a_session_hid_is_exact_by_the_name_that_was_asked_for_unless_it_is_unknown(
    answering: dict[str, str], work: list[Process]
) -> None:
    client = played(CountingClient(answering), work)
    found, unknown = derived(client)
    if not client.lost:
        assert (found, unknown) == (client.hidden, False)
    elif client.states and not work[-1].killed:
        assert unknown


@settings(max_examples=200, deadline=None)
@given(maps, works)
def test_lines_without_the_name_that_was_asked_for_come_to_the_same_sum(
    answering: dict[str, str], work: list[Process]
) -> None:
    alive = [Process(process.calls, waits_seconds=process.waits_seconds) for process in work]
    client = played(CountingClient(answering, says_asked=False), alive)
    found, unknown = derived(client)
    assert (sum(found.values()), unknown) == (sum(client.hidden.values()), False)


@settings(max_examples=200, deadline=None)
@given(maps, works, works)
def test_a_fork_goes_on_from_the_totals_of_its_parent(
    answering: dict[str, str], work: list[Process], more: list[Process]
) -> None:
    alive = [Process(process.calls) for process in work]
    fork = played(played(CountingClient(answering), alive).fork(), more)
    found, unknown = derived(fork)
    assert sum(found.values()) <= sum(fork.hidden.values())
    if not fork.lost:
        assert (found, unknown) == (fork.hidden, False)
