"""Running commands and taking their time: wall clock, processor time and peak memory of whole processes."""

from __future__ import annotations

import os
import signal
import statistics
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

LIMIT_SECONDS = 600


@dataclass(frozen=True)
class Sample:
    """One run: seconds by the clock, seconds of processor time, peak memory in MB, and how it ended.

    Memory below that of the process that measures, about 25 MB, is not resolved.
    """

    wall: float
    cpu: float
    rss: float
    code: int


@dataclass(frozen=True)
class Command:
    """What is run: an absolute program with its arguments, its whole environment, what is on its input.

    `terminal` gives it one of its own instead of `/dev/null` to write to.
    """

    words: Sequence[str]
    environment: Mapping[str, str]
    stdin: str = "/dev/null"
    terminal: bool = False


@dataclass(frozen=True)
class Figure:
    """A median and its spread."""

    median: float
    low: float
    high: float


@dataclass
class Rounds:
    """Samples of several cases, taken in turns: the same index is the same round."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def figure(self, case: str, measure: str = "wall") -> Figure:
        """The spread of one case."""
        return figure([getattr(sample, measure) for sample in self.samples[case]])

    def ratio(self, case: str, base: str, measure: str = "wall") -> Figure:
        """The spread of `case` over `base` in the same rounds."""
        pairs = zip(self.samples[case], self.samples[base], strict=True)
        return figure([getattr(a, measure) / max(getattr(b, measure), 1e-6) for a, b in pairs])


class CommandError(Exception):
    """A measured command did not end well."""


def figure(values: list[float]) -> Figure:
    """The median and the spread of `values`."""
    return Figure(statistics.median(values), min(values), max(values))


def percentile(values: list[float], part: float) -> float:
    """The value that `part` of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def interleaved(cases: Mapping[str, Callable[[], Sample]], rounds: int) -> Rounds:
    """`rounds` samples of each case, A B C A B C, after one warm-up of each."""
    found = Rounds({name: [] for name in cases})
    for number in range(rounds + 1):
        for name, take in cases.items():
            sample = take()
            if number:
                found.samples[name].append(sample)
    return found


def run(command: Command) -> Sample:
    """One run of `command`.

    Raises:
        CommandError: it ended with another exit code than 0.
    """
    sample = _on_terminal(command) if command.terminal else _quiet(command)
    if sample.code:
        raise CommandError(f"{' '.join(command.words)} ended with {sample.code}")
    return sample


def burst(commands: Sequence[Command]) -> list[Sample]:
    """All of `commands` at once; each one's time is from its start to its end."""
    began: dict[int, float] = {}
    found = []
    with _bounded(began):
        for command in commands:
            start = time.perf_counter()
            began[_spawn(command)] = start
        while began:
            pid, status, usage = os.wait4(-1, 0)
            found.append(_sample(time.perf_counter() - began.pop(pid), status, usage))
    return found


def _quiet(command: Command) -> Sample:
    start = time.perf_counter()
    pid = _spawn(command)
    with _bounded({pid: start}):
        _, status, usage = os.wait4(pid, 0)
    return _sample(time.perf_counter() - start, status, usage)


def _on_terminal(command: Command) -> Sample:
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (40, 100))
    start = time.perf_counter()
    pid = _spawn(command, theirs)
    os.close(theirs)
    with _bounded({pid: start}):
        try:
            while os.read(ours, 1 << 16):
                pass
        except OSError:  # how Linux says that the other side is closed
            pass
        _, status, usage = os.wait4(pid, 0)
    took = time.perf_counter() - start
    os.close(ours)
    return _sample(took, status, usage)


def _spawn(command: Command, terminal: int | None = None) -> int:
    actions: list[tuple[int, ...] | tuple[int, int, str, int, int]]
    if terminal is None:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, command.stdin, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0),
        ]
    else:
        actions = [(os.POSIX_SPAWN_DUP2, terminal, number) for number in (0, 1, 2)]
    return os.posix_spawn(command.words[0], [*command.words], command.environment, file_actions=actions)


def _sample(wall: float, status: int, usage: object) -> Sample:
    cpu = usage.ru_utime + usage.ru_stime  # type: ignore[attr-defined]
    return Sample(wall, cpu, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))  # type: ignore[attr-defined]


@contextmanager
def _bounded(running: Mapping[int, float]) -> Iterator[None]:
    """Kill what still runs after ten minutes, so that a command that hangs ends as a failure."""

    def kill(*_: object) -> None:
        for pid in running:
            os.kill(pid, signal.SIGKILL)

    before = signal.signal(signal.SIGALRM, kill)
    signal.alarm(LIMIT_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
