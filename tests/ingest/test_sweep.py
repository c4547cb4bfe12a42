"""A sweep that finds nothing new only reads."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.test_command import ROOT
from tests.support.ledger_rows import NOW_US, rows
from tests.support.transcripts import response, write
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.model.errors import LedgerError
from usage_dashboard.model.events import DAY_US
from usage_dashboard.store.change_mark import read_mark

SHORT_SECONDS = 0.01


@contextmanager
def written_by_another(ledger: Path) -> Iterator[None]:
    """The ledger while another program writes to it."""
    db = sqlite3.connect(ledger / "usage.db", isolation_level=None)
    try:
        db.execute("BEGIN IMMEDIATE")
        yield
    finally:
        db.close()


@pytest.fixture
def swept(ledger: Path, project: Path) -> Path:
    """A ledger that has read the only transcript."""
    write(project, response("m1"))
    assert sweep(str(ledger), NOW_US) == 1
    return ledger


def test_it_writes_nothing(swept: Path) -> None:
    before = read_mark(str(swept))
    assert sweep(str(swept), NOW_US) == 0
    assert read_mark(str(swept)) == before


def test_it_does_not_wait_for_a_writer(swept: Path) -> None:
    with written_by_another(swept):
        assert sweep(str(swept), NOW_US, wait_seconds=SHORT_SECONDS) == 0


def new_response(ledger: Path, project: Path) -> int:
    write(project, response("m2"), "another")
    return NOW_US


def other_prices(ledger: Path, project: Path) -> int:
    (ledger / "config.json").write_text(json.dumps({"prices": {"multiplier": 2}}))
    return NOW_US


def no_retention(ledger: Path, project: Path) -> int:
    return NOW_US + 100 * DAY_US


def request_without_answer(ledger: Path, project: Path) -> int:
    db = sqlite3.connect(ledger / "usage.db")
    db.execute("INSERT INTO open_request VALUES (7, 1, 0, 1, ?)", (NOW_US,))
    db.commit()
    db.close()
    return NOW_US + DAY_US


DUE = (new_response, other_prices, no_retention, request_without_answer)


@pytest.mark.parametrize("make_due", DUE)
def test_each_kind_of_due_work_is_done(
    swept: Path, project: Path, make_due: Callable[[Path, Path], int]
) -> None:
    now_us = make_due(swept, project)
    with written_by_another(swept), pytest.raises(LedgerError):
        sweep(str(swept), now_us, wait_seconds=SHORT_SECONDS)
    before = rows(swept, "SELECT id, calls, incomplete, cost FROM response")
    sweep(str(swept), now_us)
    assert rows(swept, "SELECT id, calls, incomplete, cost FROM response") != before
    with written_by_another(swept):
        assert sweep(str(swept), now_us, wait_seconds=SHORT_SECONDS) == 0


def test_it_loads_nothing_that_reads_transcripts(swept: Path) -> None:
    watched = (
        "import sys\n"
        "from usage_dashboard.ingest.sweep import sweep\n"
        "sweep(sys.argv[1], int(sys.argv[2]))\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", watched, str(swept), str(NOW_US)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    loaded = done.stdout.split()
    assert "usage_dashboard.ingest.sweep" in loaded
    assert not {
        "usage_dashboard.ingest.scanner",
        "usage_dashboard.ingest.transcripts.reader",
        "msgspec",
    } & set(loaded)


def test_folders_that_setup_recorded_are_swept(ledger: Path, project: Path, tmp_path: Path) -> None:
    recorded = tmp_path / "work" / "claude"
    elsewhere = recorded / "projects" / "-srv-work"
    elsewhere.mkdir(parents=True)
    write(elsewhere, response("m1"))
    ledger.mkdir(mode=0o700, exist_ok=True)
    (ledger / "config.json").write_text(json.dumps({"roots": [str(recorded)]}))
    assert sweep(str(ledger), NOW_US) == 1
    assert rows(ledger, "SELECT COUNT(*) FROM response") == [(1,)]
