"""What the receiver counted, and the faults that are to be noted with it."""

from __future__ import annotations

import threading

from usage_dashboard.ingest.telemetry.state_file import COUNTS


class RefusedRecord(Exception):  # noqa: N818 - its name stands in the fault log
    """A record of an API request whose numbers could not be trusted."""


class DroppedRecord(Exception):  # noqa: N818 - as above
    """A record that had to wait for the ledger and of which there were too many."""


class Tally:
    """Counts of requests taken, bodies and records refused, and records dropped, over all runs.

    Safe to use from several threads.
    """

    def __init__(self, before: dict[str, int] | None = None) -> None:
        self.requests = self.refused_bodies = self.refused_records = self.dropped = 0
        for name, count in (before or {}).items():
            setattr(self, name, count)
        self._lock = threading.Lock()
        self._faults: dict[str, BaseException] = {}

    @property
    def refused(self) -> int:
        """Bodies and records that were refused."""
        return self.refused_bodies + self.refused_records

    def counts(self) -> dict[str, int]:
        """All counts by name."""
        with self._lock:
            return {name: getattr(self, name) for name in COUNTS}

    def add(self, name: str, count: int, fault: BaseException | None = None) -> None:
        """Count `count` more of `name`; `fault` says why, where that is one."""
        with self._lock:
            setattr(self, name, getattr(self, name) + count)
        if fault is not None and count:
            self.fault(fault)

    def fault(self, error: BaseException) -> None:
        """Keep `error` until faults are noted, one of each kind: a flood of them says no more."""
        with self._lock:
            self._faults[type(error).__name__] = error

    def faults(self) -> list[BaseException]:
        """The faults that were kept since the last call."""
        with self._lock:
            kept, self._faults = list(self._faults.values()), {}
        return kept
