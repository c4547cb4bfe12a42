"""The receiver as a whole: one per ledger, its counts on disk, its faults in the log, its end in order."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

from usage_dashboard.ingest.scanner import Scanner
from usage_dashboard.ingest.telemetry import health, state_file
from usage_dashboard.ingest.telemetry.counters import Tally
from usage_dashboard.ingest.telemetry.queue import Inbox
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


def serve(
    home: str,
    port: int,
    clock: Clock,
    *,
    idle_seconds: float = IDLE_SECONDS,
    listening: int | None = None,
    announce: Callable[[int], None] = lambda _: None,
) -> bool:
    """Receive for the ledger in `home` until idle or told to end; False if another does so already.

    `clock` gives UTC microseconds. `listening` is the descriptor of a socket that listens on `port`
    already. `announce` is told the port once it is open.

    Raises:
        PortTakenError: another program has the port.
        OSError: the ledger's folder cannot be made.
    """
    os.makedirs(home, mode=0o700, exist_ok=True)
    if listening is None and health.living(home, port) is not None:
        return False
    before, since_us = state_file.read(home), clock()
    tally = Tally({name: before[name] for name in state_file.COUNTS})
    about: dict[str, object] = {"ledger": health.ledger_mark(home), "pid": os.getpid(), "since_us": since_us}
    try:
        receiver = Receiver(port, Inbox(into_ledger(home), tally), tally, about, listening)
    except OSError as error:
        if health.living(home, port) is not None:  # it was faster
            return False
        hint = f"usage-dashboard telemetry serve --port {port + 1}"
        raise PortTakenError(f"Port {port} is used by another program", hint=hint) from error
    journal = Journal(home, tally, clock, {"pid": os.getpid(), "port": receiver.port, "since_us": since_us})
    with _ending_on_signals(receiver), journal:
        announce(receiver.port)
        receiver.run(idle_seconds, lambda: _look_around(home, receiver, journal))
        receiver.inbox.close()
    return True


def into_ledger(home: str) -> Callable[[list[ApiRequest]], None]:
    """What writes requests into the ledger in `home`, as long as there is that folder."""

    def take(found: list[ApiRequest]) -> None:
        if not os.path.isdir(home):
            raise FileNotFoundError(home)
        scanner = Scanner(home)
        try:
            with scanner:
                scanner.requests(found)
        finally:
            scanner.db.close()

    return take


class Journal:
    """Writes the counts and notes the faults: at the start, every minute where there is news, at the end."""

    def __init__(self, home: str, tally: Tally, clock: Clock, numbers: dict[str, int]) -> None:
        self._home = home
        self._tally = tally
        self._clock = clock
        self._numbers = numbers
        self._written: dict[str, int] = {}
        self._at = 0.0

    def __enter__(self) -> None:
        self.write()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self._tally.fault(error)
        self._numbers["pid"] = 0
        self.write()

    def tick(self) -> None:
        """Write if there is news and the last time is a minute ago."""
        if time.monotonic() - self._at >= NOTE_SECONDS and self._tally.counts() != self._written:
            self.write()

    def write(self) -> None:
        """Write the counts, and note the faults since the last time."""
        if not os.path.isdir(self._home):  # removed with the ledger: it is not for us to make it again
            return
        self._written = self._tally.counts()
        self._at = time.monotonic()
        for fault in self._tally.faults():
            fault_log.note_fault(self._home, LOG_NAME, fault, self._clock())
        with contextlib.suppress(OSError):
            state_file.write(self._home, self._numbers | self._written)


def _look_around(home: str, receiver: Receiver, journal: Journal) -> None:
    journal.tick()
    if not os.path.isdir(home):
        receiver.stopped = True


@contextlib.contextmanager
def _ending_on_signals(receiver: Receiver) -> Iterator[None]:
    """Have SIGTERM and Ctrl-C end the receiver in order."""

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
        receiver.stopped = True

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
