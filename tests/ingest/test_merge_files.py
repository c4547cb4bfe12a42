"""The other ledger's file: left as it is, of any release, damaged, in use; and an interrupted merge."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ingest.test_merge import ROLLED, everything, joined, ledger_of, months
from tests.model.test_attribution import audit, scan
from tests.support.ledger_rows import NOW_US, rows, totals
from tests.support.transcripts import OTHER, SESSION, response, write
from usage_dashboard.ingest.merge import merge_ledger
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.model.errors import LedgerError, NewerLedgerError, UsageDashboardError
from usage_dashboard.model.events import DAY_US
from usage_dashboard.store.connection import open_writer, transaction


def test_the_other_ledger_is_left_as_it_is(tmp_path: Path) -> None:
    files = months()
    left = ledger_of(tmp_path / "left", {SESSION: files[SESSION]})
    right = ledger_of(tmp_path / "right", {OTHER: files[OTHER]})
    for name in right.glob("usage.db-*"):
        name.unlink()
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in right.iterdir()}
    right.chmod(0o500)
    joined(left, right)
    right.chmod(0o700)
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in right.iterdir()} == before
    assert totals(left)["calls"] == 6


def test_a_ledger_in_use_is_merged_as_of_its_last_commit(tmp_path: Path) -> None:
    files = months()
    left = ledger_of(tmp_path / "left", {SESSION: files[SESSION]})
    right = ledger_of(tmp_path / "right", {OTHER: files[OTHER][:2]})
    db = open_writer(str(right))
    scan(right, write(right, files[OTHER], OTHER))
    assert (right / "usage.db-wal").stat().st_size
    with transaction(db):
        db.execute("DELETE FROM rollup")
        joined(left, right)
    db.close()
    assert totals(left)["calls"] == 6


def test_a_ledger_of_the_first_release_is_merged(tmp_path: Path) -> None:
    from usage_dashboard.store import migrations, sql

    right = tmp_path / "right"
    right.mkdir()
    db = sqlite3.connect(right / "usage.db")
    for statement in sql.split_script(migrations.STEPS[0]):
        db.execute(statement)
    db.execute("PRAGMA user_version = 1000")
    db.executemany("INSERT INTO label VALUES (?, ?, ?)", [(1, "project", "attic"), (2, "channel", "cli")])
    db.executemany("INSERT INTO label VALUES (?, ?, ?)", [(3, "agent", "main"), (4, "model", "glm-5")])
    db.execute("INSERT INTO session VALUES (1, 'old', 1, 2, 5, 9)")
    db.execute("INSERT INTO price_class VALUES (1, 4, 0, '', '', '')")
    db.execute(
        "INSERT INTO response VALUES (7, NULL, 1, 0, 0, 3, 1, 5, 1, 2, 0, 0, 0, NULL, 0, 1, 0, 1, 1, 0, 1,"
        " NULL, NULL, NULL, NULL)"
    )
    db.execute("INSERT INTO rollup (bucket, session, kind, agent, class, calls, unpriced, input, output)"
               " VALUES (0, 1, 0, 3, 1, 1, 1, 1, 2)")  # fmt: skip
    db.commit()
    db.close()
    left = ledger_of(tmp_path / "left", {SESSION: months()[SESSION]})
    joined(left, right)
    assert totals(left)["calls"] == 4
    assert rows(right, "PRAGMA user_version") == [(1000,)]
    audit(left)


def test_a_first_ledger_may_begin_with_a_merge(tmp_path: Path) -> None:
    right = ledger_of(tmp_path / "right", months())
    joined(tmp_path / "left", right)
    assert rows(tmp_path / "left", ROLLED) == rows(right, ROLLED)


def test_old_rows_from_a_merge_are_dropped_like_others(ledger: Path, tmp_path: Path) -> None:
    right = ledger_of(tmp_path / "right", months())
    sweep(str(ledger), NOW_US)
    joined(ledger, right)
    sweep(str(ledger), NOW_US + 91 * DAY_US)
    assert rows(ledger, "SELECT COUNT(*) FROM response") == [(0,)]
    assert rows(ledger, ROLLED) == rows(right, ROLLED)


@pytest.mark.parametrize("content_of", [b"", b"not a database at all" * 99, None])
def test_a_file_that_is_not_a_ledger_changes_nothing(tmp_path: Path, content_of: bytes | None) -> None:
    left = ledger_of(tmp_path / "left", {SESSION: months()[SESSION]})
    before = everything(left)
    file = tmp_path / "other.db"
    if content_of is None:
        db = sqlite3.connect(file)
        db.execute("CREATE TABLE response (id)")
        db.close()
    else:
        file.write_bytes(content_of)
    with pytest.raises(LedgerError, match=r"other\.db"):
        merge_ledger(str(left), str(file))
    assert everything(left) == before


def test_a_ledger_of_a_later_format_is_refused(tmp_path: Path) -> None:
    right = ledger_of(tmp_path / "right", months())
    db = sqlite3.connect(right / "usage.db")
    db.execute("PRAGMA user_version = 2000")
    db.close()
    with pytest.raises(NewerLedgerError):
        merge_ledger(str(tmp_path / "left"), str(right))


def test_a_ledger_is_not_merged_into_itself(tmp_path: Path) -> None:
    left = ledger_of(tmp_path / "left", months())
    os.symlink(left, tmp_path / "link")
    with pytest.raises(UsageDashboardError, match="this ledger itself"):
        merge_ledger(str(left), str(tmp_path / "link"))


def test_a_missing_ledger_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageDashboardError, match="There is no ledger at"):
        merge_ledger(str(tmp_path), str(tmp_path / "nowhere.db"))


def test_a_merge_that_was_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    files = {f"s{number}": response(f"m{number}", sessionId=f"s{number}") for number in range(9)}
    one = ledger_of(tmp_path / "one", files)
    left = ledger_of(tmp_path / "left", {})
    script = (
        "import os, sys, usage_dashboard.ingest.merge as m; m.ROWS_AT_ONCE = 1; whole = m._merge_batch\n"
        "def some(work, other, sessions):\n"
        "    whole(work, other, sessions); other.label_id(1); some.left -= 1\n"
        "    if not some.left: os.kill(os.getpid(), 9)\n"
        "some.left = 4; m._merge_batch = some; m.merge_ledger(sys.argv[1], sys.argv[2])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(left), str(one)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    assert 0 < totals(left)["calls"] < 9
    joined(left, one)
    assert everything(left) == everything(one)
