"""The receiver's counts, and the faults that are noted with them."""

from __future__ import annotations

import threading

from usage_dashboard.ingest.telemetry.state_file import COUNTS


class RefusedRecord(Exception):  # noqa: N818 - the fault log shows its name
    """A record of an API request with numbers that cannot be trusted."""


class DroppedRecord(Exception):  # noqa: N818 - as above
    """A record that was given up because too many waited for the ledger."""


class ReceiverCounts:
    """Counts of requests recorded, bodies and records refused, and records dropped, over all runs.

    Safe to use from several threads.
    """

    def __init__(self, before: dict[str, int] | None = None) -> None:
        self.requests = self.refused_bodies = self.refused_records = self.dropped = 0
        for name, count in (before or {}).items():
            setattr(self, name, count)
        self._lock = threading.Lock()
        self._faults: dict[str, BaseException] = {}

    @property
    def all_refused(self) -> int:
        """Bodies and records that were refused."""
        return self.refused_bodies + self.refused_records

    def to_dict(self) -> dict[str, int]:
        """All counts by name."""
        with self._lock:
            return {name: getattr(self, name) for name in COUNTS}

    def add_count(self, name: str, count: int, fault: BaseException | None = None) -> None:
        """Add `count` to `name`; `fault` is the reason if something went wrong."""
        with self._lock:
            setattr(self, name, getattr(self, name) + count)
        if fault is not None and count:
            self.keep_fault(fault)

    def keep_fault(self, error: BaseException) -> None:
        """Keep `error` until faults are noted, one of each type: a flood of them says no more."""
        with self._lock:
            self._faults[type(error).__name__] = error

    def take_faults(self) -> list[BaseException]:
        """Return the faults kept since the last call."""
        with self._lock:
            kept, self._faults = list(self._faults.values()), {}
        return kept
