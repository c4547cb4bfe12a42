"""What becomes of a request: answered, refused, or lost."""

from __future__ import annotations

from itertools import permutations

from usage_dashboard.model.requests import EARLY, PendingRequests

SESSION, FORK = 1, 2


def pending(*asked: int) -> PendingRequests:
    """The requests of a thread; each is sent at the time that is its id."""
    requests = PendingRequests(SESSION, 0)
    for request in asked:
        requests.ask(request, SESSION, "m", request)
    return requests


def test_a_request_is_open_until_it_is_answered() -> None:
    requests = pending(10)
    assert list(requests.open) == [10]
    requests.answer(10, SESSION, 11, first=True)
    assert (requests.open, requests.lost, requests.answered) == ({}, {}, {10})


def test_what_was_sent_before_an_answered_request_is_lost() -> None:
    requests = pending(10, 20, 30)
    requests.answer(20, SESSION, 21, first=True)
    assert (list(requests.lost), list(requests.open)) == ([10], [30])


def test_a_lost_request_that_has_an_answer_after_all_is_recovered() -> None:
    requests = pending(10, 20)
    requests.answer(20, SESSION, 21, first=True)
    requests.answer(10, SESSION, 22, first=True)
    assert (requests.lost, requests.answered) == ({}, {10, 20})


def test_of_two_at_the_same_time_their_ids_decide() -> None:
    for order in permutations((1, 2)):
        requests = PendingRequests(SESSION, 0)
        for request in order:
            requests.ask(request, SESSION, "m", 10)
        requests.answer(2, SESSION, 11, first=True)
        assert list(requests.lost) == [1]


def test_an_answer_that_is_written_before_its_request_waits_for_it() -> None:
    requests = pending(5)
    requests.answer(10, SESSION, 11, first=True)
    assert requests.open[10].class_id == EARLY
    requests.ask(10, SESSION, "m", 10)
    assert (requests.open, list(requests.lost)) == ({}, [5])


def test_only_the_first_line_of_an_answer_can_be_early() -> None:
    requests = pending()
    requests.answer(10, SESSION, 11, first=False)
    assert (requests.open, requests.answered) == ({}, {10})


def test_a_request_that_was_answered_or_lost_is_not_opened_again() -> None:
    requests = pending(10, 20)
    requests.answer(20, SESSION, 21, first=True)
    requests.ask(10, FORK, "m", 10)
    requests.ask(20, FORK, "m", 20)
    assert requests.open == {}


def test_a_request_that_is_open_is_not_moved_by_its_copy_in_a_fork() -> None:
    requests = pending(10)
    requests.ask(10, FORK, "m", 10)
    assert requests.open[10].session == SESSION


def test_requests_of_another_session_are_left_alone() -> None:
    requests = pending(10)
    requests.ask(20, FORK, "m", 20)
    requests.answer(20, FORK, 21, first=True)
    assert (list(requests.open), requests.lost) == ([10], {})


def test_an_error_refuses_the_last_request_before_it() -> None:
    requests = pending(10, 20, 30)
    requests.refuse(25, all_open=False)
    assert (list(requests.open), requests.lost) == ([10, 30], {})


def test_an_error_for_good_refuses_all_requests_before_it() -> None:
    requests = pending(10, 20, 30)
    requests.refuse(25, all_open=True)
    assert list(requests.open) == [30]


def test_an_early_answer_is_not_refused() -> None:
    requests = pending()
    requests.answer(10, SESSION, 11, first=True)
    requests.refuse(25, all_open=True)
    assert list(requests.open) == [10]
