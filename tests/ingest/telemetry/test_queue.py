"""Queued requests reach the ledger, late if need be, and dropped ones are counted."""

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


class FailingStore:
    """Stores requests, after as many failures as `locked` says."""

    def __init__(self, locked: int = 0, error: Exception | None = None) -> None:
        self.locked = locked
        self.error = error or sqlite3.OperationalError("database is locked")
        self.rows: list[ApiRequest] = []
        self.batches: list[int] = []

    def store(self, requests: list[ApiRequest]) -> None:
        if self.locked:
            self.locked -= 1
            raise self.error
        self.batches.append(len(requests))
        self.rows += requests


def test_requests_are_stored_in_order() -> None:
    ledger, counts = FailingStore(), ReceiverCounts()
    queue = RequestQueue(ledger.store, counts)
    requests = some(3)
    queue.put(requests[:2])
    queue.put(requests[2:])
    assert queue.hand_over()
    assert ledger.rows == requests
    assert (counts.requests, counts.dropped, len(queue)) == (3, 0, 0)


@pytest.mark.parametrize("error", [sqlite3.OperationalError("locked"), OSError(28, "full")])
def test_requests_wait_while_the_ledger_is_locked(error: Exception) -> None:
    ledger, counts = FailingStore(locked=2, error=error), ReceiverCounts()
    queue = RequestQueue(ledger.store, counts)
    requests = some(3)
    queue.put(requests[:2])
    assert not queue.hand_over()
    queue.put(requests[2:])
    assert not queue.hand_over()
    assert (len(queue), counts.requests) == (3, 0)
    assert queue.hand_over()
    assert ledger.rows == requests
    assert counts.requests == 3


def test_requests_beyond_the_limit_are_dropped_and_counted() -> None:
    ledger, counts = FailingStore(locked=1), ReceiverCounts()
    queue = RequestQueue(ledger.store, counts, most=5)
    requests = some(8)
    queue.put(requests[:4])
    queue.put(requests[4:])
    assert (len(queue), counts.dropped) == (5, 3)
    queue.hand_over()
    queue.hand_over()
    assert ledger.rows == requests[:5]


def test_requests_left_at_the_end_are_dropped_and_counted() -> None:
    ledger, counts = FailingStore(locked=99), ReceiverCounts()
    queue = RequestQueue(ledger.store, counts)
    queue.put(some(3))
    queue.close()
    assert (len(queue), counts.dropped) == (0, 3)


def test_a_transaction_holds_the_ledger_for_a_bounded_number_of_rows() -> None:
    ledger, counts = FailingStore(), ReceiverCounts()
    queue = RequestQueue(ledger.store, counts)
    queue.put(some(BATCH + 1))
    queue.hand_over()
    assert ledger.batches == [BATCH, 1]


def test_a_fault_that_is_not_the_ledgers_is_not_hidden() -> None:
    ledger = FailingStore(locked=1, error=KeyError("a bug"))
    queue = RequestQueue(ledger.store, ReceiverCounts())
    queue.put(some(1))
    with pytest.raises(KeyError):
        queue.hand_over()


def test_requests_that_arrive_during_a_write_are_stored_too() -> None:
    begun, go_on = threading.Event(), threading.Event()
    rows: list[ApiRequest] = []

    def slow(requests: list[ApiRequest]) -> None:
        begun.set()
        assert go_on.wait(10)
        rows.extend(requests)

    queue = RequestQueue(slow, ReceiverCounts())
    queue.put(some(1))
    other = threading.Thread(target=queue.hand_over)
    other.start()
    assert begun.wait(10)
    queue.put(some(1, first=1))
    go_on.set()
    other.join(10)
    assert len(rows) == 2
