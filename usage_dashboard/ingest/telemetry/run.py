"""Running the receiver: one per ledger, with counts on disk, faults in the log, and an orderly end."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

from usage_dashboard.ingest.scanner import Scanner
from usage_dashboard.ingest.telemetry import health, state_file
from usage_dashboard.ingest.telemetry.counters import ReceiverCounts
from usage_dashboard.ingest.telemetry.queue import RequestQueue
from usage_dashboard.ingest.telemetry.server import Receiver
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.store import fault_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from usage_dashboard.model.api_request import ApiRequest

    Clock = Callable[[], int]

IDLE_SECONDS = 30 * 60.0
NOTE_SECONDS = 60.0
LOG_NAME = "telemetry"


class PortTakenError(UsageDashboardError):
    """Another program listens on the receiver's port."""


def run_receiver(
    home: str,
    port: int,
    clock: Clock,
    *,
    idle_seconds: float = IDLE_SECONDS,
    listening: int | None = None,
    announce: Callable[[int], None] = lambda _: None,
) -> bool:
    """Receive for the ledger in `home` until idle or stopped; False if another process does so already.

    `clock` returns UTC microseconds. `listening` is the descriptor of a socket that listens on `port`
    already. `announce` is called with the port once it is open.

    Raises:
        PortTakenError: another program has the port.
        OSError: the ledger's folder cannot be made.
    """
    os.makedirs(home, mode=0o700, exist_ok=True)
    if listening is None and health.find_receiver(home, port) is not None:
        return False
    before, since_us = state_file.read_state(home), clock()
    counts = ReceiverCounts({name: before[name] for name in state_file.COUNTS})
    about: dict[str, object] = {
        "ledger": health.ledger_fingerprint(home),
        "pid": os.getpid(),
        "since_us": since_us,
    }
    try:
        receiver = Receiver(port, RequestQueue(write_to_ledger(home), counts), counts, about, listening)
    except OSError as error:
        if health.find_receiver(home, port) is not None:  # another process was faster
            return False
        hint = f"usage-dashboard telemetry serve --port {port + 1}"
        raise PortTakenError(f"Port {port} is used by another program", hint=hint) from error
    journal = Journal(home, counts, clock, {"pid": os.getpid(), "port": receiver.port, "since_us": since_us})
    with _stopping_on_signals(receiver), journal:
        announce(receiver.port)
        receiver.run(idle_seconds, lambda: _check_home(home, receiver, journal))
        receiver.queue.close()
    return True


def write_to_ledger(home: str) -> Callable[[list[ApiRequest]], None]:
    """A function that writes requests to the ledger in `home`, as long as that folder exists."""

    def store(requests: list[ApiRequest]) -> None:
        if not os.path.isdir(home):
            raise FileNotFoundError(home)
        scanner = Scanner(home)
        try:
            with scanner:
                scanner.requests(requests)
        finally:
            scanner.db.close()

    return store


class Journal:
    """Writes the counts and notes the faults: at the start, every minute if there is news, and at the end."""

    def __init__(self, home: str, counts: ReceiverCounts, clock: Clock, numbers: dict[str, int]) -> None:
        self._home = home
        self._counts = counts
        self._clock = clock
        self._numbers = numbers
        self._written: dict[str, int] = {}
        self._at = 0.0

    def __enter__(self) -> None:
        self.write_now()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self._counts.keep_fault(error)
        self._numbers["pid"] = 0
        self.write_now()

    def write_if_due(self) -> None:
        """Write if there is news and the last time is a minute ago."""
        if time.monotonic() - self._at >= NOTE_SECONDS and self._counts.to_dict() != self._written:
            self.write_now()

    def write_now(self) -> None:
        """Write the counts, and note the faults since the last time."""
        if not os.path.isdir(self._home):  # removed with the ledger: do not make it again
            return
        self._written = self._counts.to_dict()
        self._at = time.monotonic()
        for fault in self._counts.take_faults():
            fault_log.note_fault(self._home, LOG_NAME, fault, self._clock())
        with contextlib.suppress(OSError):
            state_file.write_state(self._home, self._numbers | self._written)


def _check_home(home: str, receiver: Receiver, journal: Journal) -> None:
    journal.write_if_due()
    if not os.path.isdir(home):
        receiver.stopped = True


@contextlib.contextmanager
def _stopping_on_signals(receiver: Receiver) -> Iterator[None]:
    """Let SIGTERM and Ctrl-C stop the receiver in an orderly way."""

    def request_stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
        receiver.stopped = True

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, request_stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
