"""Doctor finds each way in which the ledger, the settings or the transcripts keep usage from being shown."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import times
from usage_dashboard.install.doctor import examine, ledger
from usage_dashboard.store import fault_log, schema
from usage_dashboard.store.connection import open_writer
from usage_dashboard.store.meta import add_rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.machine import Machine
    from usage_dashboard.install.doctor.finding import Finding


def found(machine: Machine, check: str) -> list[Finding]:
    findings = examine.examine_all(str(machine.ledger), str(machine.home), managed=str(machine.home / "none"))
    return [finding for finding in findings if finding.check == check]


def only(findings: list[Finding], check: str) -> Finding:
    wrong = [finding for finding in findings if finding.level != "ok"]
    assert [finding.check for finding in wrong] == [check], wrong
    assert wrong[0].hint
    return wrong[0]


@pytest.fixture
def database(machine: Machine) -> Path:
    """A ledger of this release with nothing in it."""
    open_writer(str(machine.ledger)).close()
    return machine.ledger / "usage.db"


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Be an ordinary user: permissions do not stop the superuser."""
    if os.name == "nt" or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


class TestLedger:
    @pytest.mark.usefixtures("database")
    def test_a_new_one_is_right(self, machine: Machine) -> None:
        findings = ledger.examine_ledger(str(machine.ledger))
        assert {finding.level for finding in findings} == {"ok"}

    def test_no_folder(self, machine: Machine) -> None:
        finding = only(ledger.examine_ledger(str(machine.ledger)), "folder")
        assert (finding.level, finding.hint) == ("problem", "usage-dashboard setup")

    def test_a_file_in_place_of_the_folder(self, machine: Machine) -> None:
        machine.ledger.write_text("")
        assert "is not a folder" in only(ledger.examine_ledger(str(machine.ledger)), "folder").message

    def test_no_ledger_yet(self, machine: Machine) -> None:
        machine.ledger.mkdir(mode=0o700)
        finding = only(ledger.examine_ledger(str(machine.ledger)), "ledger")
        assert (finding.level, finding.hint) == ("warning", "usage-dashboard import")
        assert not (machine.ledger / "usage.db").exists()

    @pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
    def test_a_folder_that_cannot_be_written(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            Path(name).chmod(0o755)
            home = Path(name) / "ledger"
            home.mkdir()
            home.chmod(0o500)
            with ordinary_user():
                finding = ledger.examine_ledger(str(home))[0]
        assert (finding.level, finding.check) == ("problem", "folder")
        assert finding.hint == f"chmod u+rwx {home}"

    @pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
    @pytest.mark.parametrize(("name", "mode", "mend"), [("", 0o755, "700"), ("usage.db", 0o644, "600")])
    def test_open_to_other_users(
        self, name: str, mode: int, mend: str, machine: Machine, database: Path
    ) -> None:
        path = machine.ledger / name
        path.chmod(mode)
        finding = only(ledger.examine_ledger(str(machine.ledger)), "permissions")
        assert (finding.level, finding.hint) == ("warning", f"chmod {mend} {path}")
        path.chmod(int(mend, 8))
        assert stat.S_IMODE(database.stat().st_mode) == 0o600

    def test_locked_by_another_program(
        self, machine: Machine, database: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ledger, "WAIT_SECONDS", 0.05)
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            finding = only(ledger.examine_ledger(str(machine.ledger)), "ledger")
        assert finding.level == "problem"
        assert "locked" in finding.message

    def test_not_a_database(self, machine: Machine, database: Path) -> None:
        database.write_bytes(b"not a database" * 1000)
        finding = only(ledger.examine_ledger(str(machine.ledger)), "ledger")
        assert "damaged" in finding.message
        assert finding.hint.endswith("usage-dashboard import")

    def test_damaged_inside(self, machine: Machine, database: Path) -> None:
        with closing(sqlite3.connect(database)) as db:
            db.execute("PRAGMA journal_mode = DELETE")
            page = db.execute("PRAGMA page_size").fetchone()[0]
        content = bytearray(database.read_bytes())
        content[page * 2 : page * 4] = b"\xff" * (page * 2)
        database.write_bytes(content)
        finding = only(ledger.examine_ledger(str(machine.ledger)), "ledger")
        assert "damaged" in finding.message

    @pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
    def test_the_fix_for_a_damaged_one_leaves_nothing_of_it_behind(
        self, machine: Machine, database: Path
    ) -> None:
        database.write_bytes(b"not a database" * 1000)
        (machine.ledger / "usage.db-wal").write_bytes(b"x")
        (machine.ledger / "usage.db-wal").chmod(0o600)
        hint = only(ledger.examine_ledger(str(machine.ledger)), "ledger").hint
        assert os.system(hint.rpartition(" && ")[0]) == 0
        assert os.listdir(machine.ledger) == ["damaged"]

    def test_written_by_a_later_release(self, machine: Machine, database: Path) -> None:
        with closing(sqlite3.connect(database)) as db:
            db.execute(f"PRAGMA user_version = {(schema.VERSION // 1000 + 1) * 1000}")
        finding = only(ledger.examine_ledger(str(machine.ledger)), "ledger")
        assert (finding.level, finding.hint) == ("problem", "pipx upgrade usage-dashboard")

    def test_additions_of_a_later_release_are_right(self, machine: Machine, database: Path) -> None:
        with closing(sqlite3.connect(database)) as db:
            db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
        assert {finding.level for finding in ledger.examine_ledger(str(machine.ledger))} == {"ok"}

    @pytest.mark.usefixtures("database")
    def test_a_full_disk(self, machine: Machine) -> None:
        finding = only(ledger.examine_ledger(str(machine.ledger), low_disk_bytes=1 << 62), "disk")
        assert finding.level == "problem"

    def test_a_folder_with_odd_characters_is_read(self, machine: Machine) -> None:
        home = machine.home / "100% odd?#ü"
        open_writer(str(home)).close()
        assert {finding.level for finding in ledger.examine_ledger(str(home))} == {"ok"}


class TestConfig:
    @pytest.mark.parametrize("text", ["{", "[]", '{"retention_days": "x"}'])
    def test_one_that_cannot_be_used(self, text: str, machine: Machine) -> None:
        machine.write(text, machine.ledger / "config.json")
        assert [finding.level for finding in found(machine, "config")] == ["problem"]

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ('{"retention_day": 1}', "did you mean `retention_days`"),
            ('{"privacy": {"label": "keep"}}', "did you mean `privacy.labels`"),
            ('{"privacy": 3}', "`privacy`"),
            ('{"entirely_new": {"a": 1}}', "`entirely_new`"),
        ],
    )
    def test_an_unknown_setting(self, text: str, named: str, machine: Machine) -> None:
        machine.write(text, machine.ledger / "config.json")
        (finding,) = found(machine, "config")
        assert finding.level == "warning"
        assert named in finding.message
        assert finding.hint.startswith("usage-dashboard config unset ")

    def test_no_file_is_right(self, machine: Machine) -> None:
        assert [finding.level for finding in found(machine, "config")] == ["ok"]


def test_logged_faults_of_hooks_are_counted_and_the_last_three_shown(machine: Machine) -> None:
    for number in range(5):
        at_us = times.at(f"2026-11-22T10:0{number}:00Z")
        fault_log.note_fault(str(machine.ledger), "counter", ValueError("SECRET"), at_us)
    (finding,) = found(machine, "faults")
    assert finding.level == "warning"
    assert "5 faults" in finding.message
    assert [f"10:0{number}" in finding.message for number in range(5)] == [False, False, True, True, True]
    assert "SECRET" not in finding.message


def test_no_transcripts_anywhere(machine: Machine) -> None:
    assert [finding.level for finding in found(machine, "transcripts")] == ["warning"]


@pytest.mark.parametrize("root", [".claude", ".config/claude", "noted"])
def test_transcripts_in_any_folder_are_enough(root: str, machine: Machine) -> None:
    machine.write({"roots": [str(machine.home / "noted")]}, machine.ledger / "config.json")
    machine.write("", machine.home / root / "projects" / "-p" / "session" / "subagents" / "agent-1.jsonl")
    assert [finding.level for finding in found(machine, "transcripts")] == ["ok"]


def test_lines_that_were_refused_are_counted(database: Path, machine: Machine) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        add_rejected(db, "lines", 3)
    assert "3 lines could not be trusted" in only(found(machine, "refused"), "refused").message


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DAILY_BUDGET_USD", "20 $", "`DAILY_BUDGET_USD` has to be an amount of US dollars"),
        ("MONTHLY_BUDGET_USD", "0", "`MONTHLY_BUDGET_USD` has to be an amount of US dollars"),
        ("TZ", "Europe/Berln", "`TZ` names no known time zone (`Europe/Berln`)"),
    ],
)
def test_a_wrong_variable_of_the_environment_is_named(
    machine: Machine, database: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    assert not found(machine, "environment")
    monkeypatch.setenv(name, value)
    wrong = only(found(machine, "environment"), "environment")
    assert wrong.message.startswith(said)
    assert wrong.hint == f"unset {name}"
    (machine.ledger / "config.json").write_text('{"timezone": "Europe/Berlin"}')
    assert bool(found(machine, "environment")) == (name != "TZ")
