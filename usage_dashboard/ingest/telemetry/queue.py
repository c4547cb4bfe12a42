"""Where requests wait until the ledger takes them, since the client must not."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from usage_dashboard.ingest.telemetry.counters import DroppedRecord
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.store.connection import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_dashboard.ingest.telemetry.counters import Tally
    from usage_dashboard.model.api_request import ApiRequest

    Take = Callable[[list[ApiRequest]], None]

MOST_WAITING = 10_000
BATCH = 500
"""How many go into one transaction: a hook that waits for the ledger waits less than its second."""


class Inbox:
    """Hands requests to `take`, again later where the ledger is locked, full or not usable.

    At most `most` wait; what comes in beyond that is dropped and counted. Any thread may `put`; one
    thread hands over.
    """

    def __init__(self, take: Take, tally: Tally, most: int = MOST_WAITING) -> None:
        self._take = take
        self._tally = tally
        self._most = most
        self._waiting: list[ApiRequest] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, found: list[ApiRequest]) -> None:
        """Let `found` wait for the next `hand_over`."""
        with self._lock:
            kept = found[: self._most - len(self._waiting)]
            self._waiting += kept
        self._tally.add("dropped", len(found) - len(kept), DroppedRecord())

    def hand_over(self) -> bool:
        """Hand on what waits; whether all of it was taken."""
        while batch := self._waiting[:BATCH]:
            try:
                self._take(batch)
            except (DatabaseError, OSError, UsageDashboardError) as error:
                self._tally.fault(error)
                return False
            with self._lock:
                del self._waiting[: len(batch)]
            self._tally.add("requests", len(batch))
        return True

    def close(self) -> None:
        """Try once more, and count what is left as dropped."""
        self.hand_over()
        with self._lock:
            left, self._waiting = self._waiting, []
        self._tally.add("dropped", len(left), DroppedRecord())
