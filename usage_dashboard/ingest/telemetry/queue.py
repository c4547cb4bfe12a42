"""A queue of requests that wait for the ledger, so that the client does not."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from usage_dashboard.ingest.telemetry.counters import DroppedRecord
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.store.connection import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_dashboard.ingest.telemetry.counters import ReceiverCounts
    from usage_dashboard.model.api_request import ApiRequest

    StoreRequests = Callable[[list[ApiRequest]], None]

MOST_WAITING = 10_000
BATCH = 500
"""How many go into one transaction: a hook that waits for the ledger waits less than its second."""


class RequestQueue:
    """Passes requests to `store`, and tries again later if the ledger is locked, full or not usable.

    At most `most` wait; what comes beyond that is dropped and counted. Any thread may `put`; one thread
    hands over.
    """

    def __init__(self, store: StoreRequests, counts: ReceiverCounts, most: int = MOST_WAITING) -> None:
        self._store = store
        self._counts = counts
        self._most = most
        self._waiting: list[ApiRequest] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, requests: list[ApiRequest]) -> None:
        """Let `requests` wait for the next `hand_over`."""
        with self._lock:
            kept = requests[: self._most - len(self._waiting)]
            self._waiting += kept
        self._counts.add_count("dropped", len(requests) - len(kept), DroppedRecord())

    def hand_over(self) -> bool:
        """Store what waits and return whether all of it was stored."""
        while batch := self._waiting[:BATCH]:
            try:
                self._store(batch)
            except (DatabaseError, OSError, UsageDashboardError) as error:
                self._counts.keep_fault(error)
                return False
            with self._lock:
                del self._waiting[: len(batch)]
            self._counts.add_count("requests", len(batch))
        return True

    def close(self) -> None:
        """Try once more, and count what is left as dropped."""
        self.hand_over()
        with self._lock:
            left, self._waiting = self._waiting, []
        self._counts.add_count("dropped", len(left), DroppedRecord())
