"""A history that is taken in at once leaves the rows that hooks would have left, bit by bit."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.generated_sessions import SESSIONS, Story, stories
from tests.support.ledger_dump import dump_ledger
from tests.support.ledger_rows import rows
from tests.support.transcripts import SESSION, response, text, write
from usage_dashboard.ingest.bulk.importer import import_files
from usage_dashboard.ingest.bulk.raw_lines import RawLines
from usage_dashboard.ingest.bulk.workers import processes_for
from usage_dashboard.ingest.scanner import Scanner
from usage_dashboard.ingest.transcripts import files

CORPUS = Path(__file__).parents[2] / "research" / "benchmarks" / "corpus.py"
CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")
BEGAN_NS = 1_795_341_600_000_000_000
calm = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def opened(ledger: Path) -> Scanner:
    """A scanner that knows where sessions run, as a hook does by its event."""
    scanner = Scanner(str(ledger))
    for session in SESSIONS:
        scanner.place(session, "/home/dev/shop", "cli")
    return scanner


def scanned(ledger: Path, paths: list[Path]) -> None:
    """Take in transcripts as hooks do."""
    for path in paths:
        with (scanner := opened(ledger)):
            scanner.file(str(path), most_pieces=100)
        scanner.db.close()


def taken(ledger: Path, paths: list[Path], processes: int = 1) -> None:
    """Take in transcripts at once."""
    scanner = opened(ledger)
    import_files(scanner, [(str(path), path.stat().st_size) for path in paths], lambda _: None, processes)
    scanner.db.close()


def twins(folder: Path) -> tuple[Path, Path]:
    """Two empty ledgers that hash alike."""
    one, other = folder / "import", folder / "hooks"
    with (scanner := opened(one)):
        pass
    scanner.db.close()
    shutil.copytree(one, other)
    return one, other


def written(folder: Path, story: Story) -> list[Path]:
    """The transcripts of a story at its end, in the order in which they were written to last."""
    found: dict[str, bytes] = {}
    for place, lines in story.written:
        found[place] = (found.get if story.repeats else found.pop)(place, b"") + lines
    for number, (place, lines) in enumerate(found.items()):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(lines)
        os.utime(folder / place, ns=(BEGAN_NS + number * 10**9,) * 2)
    return [folder / place for place in found]


def same(one: Path, other: Path) -> bool:
    """Whether two ledgers hold the same, how far each transcript was read and how it stands included."""
    read = "SELECT * FROM position ORDER BY id"
    assert dump_ledger(one) == dump_ledger(other)
    assert rows(one, read) == rows(other, read)
    return True


@calm
@given(story=stories(), data=st.data())
def test_rows_do_not_tell_whether_hooks_or_an_import_made_them(
    tmp_path_factory: pytest.TempPathFactory, story: Story, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("story")
    paths = written(folder, story)
    before = data.draw(st.sampled_from([0, 0, *range(len(paths))]))  # what hooks have read already
    ledgers = twins(folder)
    for ledger in ledgers:
        scanned(ledger, paths[:before])
    taken(ledgers[0], paths[before:])
    scanned(ledgers[1], paths[before:])
    assert same(*ledgers)
    shutil.rmtree(folder)


def test_a_line_that_is_earlier_than_the_first_of_its_reply_counts(tmp_path: Path) -> None:
    lines = response("m1", text("Later."), text("Earlier."), at="2026-11-22T10:00:09.000Z")
    lines[1]["timestamp"] = "2026-11-22T10:00:01.000Z"
    path = write(tmp_path, lines)
    ledgers = twins(tmp_path)
    taken(ledgers[0], [path])
    scanned(ledgers[1], [path])
    assert same(*ledgers)
    assert rows(ledgers[0], "SELECT first_us = MIN(r.at_us) FROM session JOIN response r") == [(1,)]


@pytest.mark.parametrize("processes", [1, 3])
def test_a_corpus_with_every_trap_gives_the_same_rows(tmp_path: Path, processes: int) -> None:
    make = [sys.executable, str(CORPUS), "--size", "tiny", "--date", "2026-11-30", str(tmp_path / "corpus")]
    subprocess.run(make, check=True, capture_output=True, timeout=60)
    entries = files.jsonl_files(str(tmp_path / "corpus"))
    paths = sorted((Path(entry.path) for entry in entries), key=lambda path: path.stat().st_mtime_ns)
    assert len(paths) > 5
    ledgers = twins(tmp_path)
    taken(ledgers[0], paths, processes)
    scanned(ledgers[1], paths)
    assert same(*ledgers)


@calm
@given(st.lists(st.sampled_from([b"", b" ", b"a", b'{"b":1}']), max_size=12))
def test_single_lines_are_found_from_the_end(lines: list[bytes]) -> None:
    found = [line for line in lines if line.strip()]
    raw = RawLines(b"".join(line + b"\n" for line in lines), len(found))
    assert [raw[i] for i in range(len(found))] == found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="here one process reads")
def test_a_reader_that_ends_early_costs_time_and_no_rows(tmp_path: Path) -> None:
    many = 8
    paths = [written_by(tmp_path, f"{i}{SESSION[1:]}", replies=1200) for i in range(many)]
    ended: list[int] = []

    def end_readers(_: int) -> None:
        """More than a pipe holds is left to read, so they wait."""
        if not ended:
            ended.extend(int(pid) for pid in CHILDREN.read_text().split())
            for pid in ended:
                os.kill(pid, signal.SIGKILL)

    scanner = opened(tmp_path / "ledger")
    import_files(scanner, [(str(path), path.stat().st_size) for path in paths], end_readers, processes=2)
    scanner.db.close()
    assert len(ended) == 2
    assert rows(tmp_path / "ledger", "SELECT COUNT(*) FROM response") == [(many * 1200,)]


def written_by(folder: Path, session: str, replies: int) -> Path:
    """The transcript of a session with so many replies."""
    lines = (line for i in range(replies) for line in response(f"{session[0]}m{i}", sessionId=session))
    return write(folder, lines, session)


def test_a_program_with_threads_makes_no_copies_of_itself() -> None:
    done = threading.Event()
    beside = threading.Thread(target=done.wait)
    beside.start()
    assert processes_for(10**9) == 1
    done.set()
    beside.join()
