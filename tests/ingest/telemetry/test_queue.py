"""What was taken reaches the ledger, late if need be, and what cannot wait is counted."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from tests.support.telemetry_bodies import packed, record
from usage_dashboard.ingest.telemetry.counters import ReceiverCounts
from usage_dashboard.ingest.telemetry.otlp import read_api_requests
from usage_dashboard.ingest.telemetry.queue import BATCH, RequestQueue
from usage_dashboard.model.api_request import ApiRequest


def some(count: int, first: int = 0) -> list[ApiRequest]:
    return read_api_requests(packed(*(record(f"req_{first + number}") for number in range(count))))[0]


class Ledger:
    """A taker that is locked for as many tries as it is told."""

    def __init__(self, locked: int = 0, error: Exception | None = None) -> None:
        self.locked = locked
        self.error = error or sqlite3.OperationalError("database is locked")
        self.rows: list[ApiRequest] = []
        self.batches: list[int] = []

    def take(self, found: list[ApiRequest]) -> None:
        if self.locked:
            self.locked -= 1
            raise self.error
        self.batches.append(len(found))
        self.rows += found


def test_what_comes_in_is_handed_on_in_order() -> None:
    ledger, counts = Ledger(), ReceiverCounts()
    queue = RequestQueue(ledger.take, counts)
    requests = some(3)
    queue.put(requests[:2])
    queue.put(requests[2:])
    assert queue.hand_over()
    assert ledger.rows == requests
    assert (counts.requests, counts.dropped, len(queue)) == (3, 0, 0)


@pytest.mark.parametrize("error", [sqlite3.OperationalError("locked"), OSError(28, "full")])
def test_what_a_locked_ledger_does_not_take_waits_for_the_next_time(error: Exception) -> None:
    ledger, counts = Ledger(locked=2, error=error), ReceiverCounts()
    queue = RequestQueue(ledger.take, counts)
    requests = some(3)
    queue.put(requests[:2])
    assert not queue.hand_over()
    queue.put(requests[2:])
    assert not queue.hand_over()
    assert (len(queue), counts.requests) == (3, 0)
    assert queue.hand_over()
    assert ledger.rows == requests
    assert counts.requests == 3


def test_more_than_may_wait_is_dropped_and_counted() -> None:
    ledger, counts = Ledger(locked=1), ReceiverCounts()
    queue = RequestQueue(ledger.take, counts, most=5)
    requests = some(8)
    queue.put(requests[:4])
    queue.put(requests[4:])
    assert (len(queue), counts.dropped) == (5, 3)
    queue.hand_over()
    queue.hand_over()
    assert ledger.rows == requests[:5]


def test_what_is_left_at_the_end_is_dropped_and_counted() -> None:
    ledger, counts = Ledger(locked=99), ReceiverCounts()
    queue = RequestQueue(ledger.take, counts)
    queue.put(some(3))
    queue.close()
    assert (len(queue), counts.dropped) == (0, 3)


def test_a_transaction_holds_the_ledger_for_a_bounded_number_of_rows() -> None:
    ledger, counts = Ledger(), ReceiverCounts()
    queue = RequestQueue(ledger.take, counts)
    queue.put(some(BATCH + 1))
    queue.hand_over()
    assert ledger.batches == [BATCH, 1]


def test_a_fault_that_is_not_the_ledgers_is_not_hidden() -> None:
    ledger = Ledger(locked=1, error=KeyError("a bug"))
    queue = RequestQueue(ledger.take, ReceiverCounts())
    queue.put(some(1))
    with pytest.raises(KeyError):
        queue.hand_over()


def test_what_comes_in_while_the_ledger_takes_is_not_left_behind() -> None:
    begun, go_on = threading.Event(), threading.Event()
    rows: list[ApiRequest] = []

    def slow(found: list[ApiRequest]) -> None:
        begun.set()
        assert go_on.wait(10)
        rows.extend(found)

    queue = RequestQueue(slow, ReceiverCounts())
    queue.put(some(1))
    other = threading.Thread(target=queue.hand_over)
    other.start()
    assert begun.wait(10)
    queue.put(some(1, first=1))
    go_on.set()
    other.join(10)
    assert len(rows) == 2
