"""What was taken reaches the ledger, late if need be, and what cannot wait is counted."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from tests.support.telemetry_bodies import packed, record
from usage_dashboard.ingest.telemetry.counters import Tally
from usage_dashboard.ingest.telemetry.otlp import read
from usage_dashboard.ingest.telemetry.queue import BATCH, Inbox
from usage_dashboard.model.api_request import ApiRequest


def some(count: int, first: int = 0) -> list[ApiRequest]:
    return read(packed(*(record(f"req_{first + number}") for number in range(count))))[0]


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
    ledger, tally = Ledger(), Tally()
    inbox = Inbox(ledger.take, tally)
    requests = some(3)
    inbox.put(requests[:2])
    inbox.put(requests[2:])
    assert inbox.hand_over()
    assert ledger.rows == requests
    assert (tally.requests, tally.dropped, len(inbox)) == (3, 0, 0)


@pytest.mark.parametrize("error", [sqlite3.OperationalError("locked"), OSError(28, "full")])
def test_what_a_locked_ledger_does_not_take_waits_for_the_next_time(error: Exception) -> None:
    ledger, tally = Ledger(locked=2, error=error), Tally()
    inbox = Inbox(ledger.take, tally)
    requests = some(3)
    inbox.put(requests[:2])
    assert not inbox.hand_over()
    inbox.put(requests[2:])
    assert not inbox.hand_over()
    assert (len(inbox), tally.requests) == (3, 0)
    assert inbox.hand_over()
    assert ledger.rows == requests
    assert tally.requests == 3


def test_more_than_may_wait_is_dropped_and_counted() -> None:
    ledger, tally = Ledger(locked=1), Tally()
    inbox = Inbox(ledger.take, tally, most=5)
    requests = some(8)
    inbox.put(requests[:4])
    inbox.put(requests[4:])
    assert (len(inbox), tally.dropped) == (5, 3)
    inbox.hand_over()
    inbox.hand_over()
    assert ledger.rows == requests[:5]


def test_what_is_left_at_the_end_is_dropped_and_counted() -> None:
    ledger, tally = Ledger(locked=99), Tally()
    inbox = Inbox(ledger.take, tally)
    inbox.put(some(3))
    inbox.close()
    assert (len(inbox), tally.dropped) == (0, 3)


def test_a_transaction_holds_the_ledger_for_a_bounded_number_of_rows() -> None:
    ledger, tally = Ledger(), Tally()
    inbox = Inbox(ledger.take, tally)
    inbox.put(some(BATCH + 1))
    inbox.hand_over()
    assert ledger.batches == [BATCH, 1]


def test_a_fault_that_is_not_the_ledgers_is_not_hidden() -> None:
    ledger = Ledger(locked=1, error=KeyError("a bug"))
    inbox = Inbox(ledger.take, Tally())
    inbox.put(some(1))
    with pytest.raises(KeyError):
        inbox.hand_over()


def test_what_comes_in_while_the_ledger_takes_is_not_left_behind() -> None:
    begun, go_on = threading.Event(), threading.Event()
    rows: list[ApiRequest] = []

    def slow(found: list[ApiRequest]) -> None:
        begun.set()
        assert go_on.wait(10)
        rows.extend(found)

    inbox = Inbox(slow, Tally())
    inbox.put(some(1))
    other = threading.Thread(target=inbox.hand_over)
    other.start()
    assert begun.wait(10)
    inbox.put(some(1, first=1))
    go_on.set()
    other.join(10)
    assert len(rows) == 2
