"""Processes that parse files, while this one stores their rows.

Reading is three quarters of a first import's work and nothing in it depends on the ledger, so every
processor takes part. Each process has files of its own and hands on what it parsed through a pipe, in the
order of the files; a full pipe makes it wait, so memory is bounded by the pipes.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from usage_dashboard.ingest.bulk.parse_file import FileParser
from usage_dashboard.ingest.bulk.parsed_file import ParsedFile
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.pricing.client_prices import listed_prices
from usage_dashboard.pricing.lookup import PriceLookup
from usage_dashboard.pricing.own_names import read_price_names
from usage_dashboard.store import fault_log
from usage_dashboard.store.write.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import BinaryIO

    from usage_dashboard.ingest.scanner import Scanner

WORTH_BYTES = 16 * 1024 * 1024
"""Below this a process costs more than it saves."""

MOST_PROCESSES = 4
PIPE_BYTES = 1 << 20


def processes_for(size: int) -> int:
    """How many processes reading `size` bytes is worth; 1 where this one has to do it.

    So it has where it runs threads, as the dashboard does: a copy of it could wait for one that it has not.
    """
    if size < WORTH_BYTES or not hasattr(os, "fork") or threading.active_count() > 1:
        return 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_PROCESSES)


def parse_files(
    scanner: Scanner, files: list[tuple[str, int]], processes: int
) -> Generator[tuple[int, str, ParsedFile | None], None, None]:
    """(parser's number, path, parsed file) of each of `files`, which are (path, bytes), in their order.

    The parsed file is None if it could not be read. Closing the iterator ends the processes.
    """
    tariff = _tariff(scanner)
    if processes < 2:
        maker = _maker(scanner, tariff)
        for path, _ in files:
            yield 0, path, _parse(maker, path)
        return
    shares, turns = _dealt(files, processes)
    with ExitStack() as stack:
        gc.freeze()  # what is shared stays shared: no collection writes to it
        pipes = [_start(stack, (scanner, tariff), share) for share in shares]
        for number, (path, _) in zip(turns, files, strict=True):
            yield number, path, _received(pipes[number])


def _maker(scanner: Scanner, tariff: PriceLookup) -> FileParser:
    """A parser that asks the ledger for nothing: its connection may be another process's."""
    settings = scanner.settings
    labels = Labels(scanner.db, lambda: settings.privacy_labels, scanner.salt)
    return FileParser(labels, tariff, scanner.closed_ns)


def _tariff(scanner: Scanner) -> PriceLookup:
    """The prices in force, with all that the ledger knows of them read before there are other processes."""
    settings = scanner.settings
    names, listed = read_price_names(settings, scanner.db), listed_prices(scanner.db)
    return PriceLookup(lambda: settings.prices, None, lambda: names, lambda: listed, lenient=True)


def _dealt(files: list[tuple[str, int]], count: int) -> tuple[list[list[str]], list[int]]:
    """The files of each process, and the process of each file: the one with the fewest bytes so far."""
    shares: list[list[str]] = [[] for _ in range(count)]
    given, turns = [0] * count, []
    for path, size in files:
        number = given.index(min(given))
        given[number] += size
        shares[number].append(path)
        turns.append(number)
    return shares, turns


def _start(stack: ExitStack, tools: tuple[Scanner, PriceLookup], paths: list[str]) -> BinaryIO:
    """The reading end of the pipe of a new process; `stack` closes it and waits for the process."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(ours)
            _work(tools, paths, theirs)
        except UsageDashboardError:
            pass  # the scanner meets it too, and its caller reports it
        except Exception as error:  # noqa: BLE001 - what was not parsed here is read by the scanner
            fault_log.note_fault(tools[0].home, "import", error, time.time_ns() // 1000)
        finally:  # never back into the caller's code: this is a copy of its process
            os._exit(0)
    os.close(theirs)
    stack.callback(os.waitpid, child, 0)
    return stack.enter_context(os.fdopen(ours, "rb", PIPE_BYTES))


def _work(tools: tuple[Scanner, PriceLookup], paths: list[str], pipe: int) -> None:
    with suppress(ImportError, OSError):  # the usual 64 KB do too
        import fcntl  # noqa: PLC0415 - not on every system

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    maker = _maker(*tools)
    with os.fdopen(pipe, "wb", PIPE_BYTES) as out:
        for path in paths:
            parsed = _parse(maker, path)
            data = parsed.packed() if parsed is not None else b""
            out.write(len(data).to_bytes(8, "big") + data)
            out.flush()


def _received(pipe: BinaryIO) -> ParsedFile | None:
    """The next parsed file; None also from a process that ended early: what it had not read is read here."""
    size = int.from_bytes(pipe.read(8), "big")
    data = pipe.read(size)
    return ParsedFile.unpacked(data) if size and len(data) == size else None


def _parse(maker: FileParser, path: str) -> ParsedFile | None:
    try:
        return maker.parse(path)
    except OSError:  # the scanner reads it again and sees what is wrong
        return None
