"""What is forgotten is gone from every table and file, and no later sweep adds it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.ingest.test_merge import everything, fork, ledger_of, pruned
from tests.model.test_attribution import PRICED, audit, conversations, lenient, recorded, scan, totals_of
from tests.support.ledger_rows import NOW_US, rows, totals
from tests.support.transcripts import (
    OTHER,
    SESSION,
    Line,
    packed,
    response,
    result,
    text,
    tool_use,
    usage,
    write,
)
from usage_dashboard.ingest.forget import forget_usage
from usage_dashboard.ingest.merge import merge_ledger
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.install.purge import remove_ledger
from usage_dashboard.model.errors import LedgerError
from usage_dashboard.store.connection import open_reader, open_writer, transaction
from usage_dashboard.store.upkeep.forget import ForgetScope, measure_loss

NOON_US = 1_795_348_800_000_000
MINUTE_US = 60_000_000
TABLES = (
    "response", "tool_call", "rollup", "tool_rollup", "session", "cost_state", "process", "open_request",
    "subagent", "compaction",
)  # fmt: skip


def size(ledger: Path) -> dict[str, int]:
    return {table: rows(ledger, f"SELECT COUNT(*) FROM {table}")[0][0] for table in TABLES}


def of(session: str, cwd: str) -> dict[str, Any]:
    return {"sessionId": session, "cwd": cwd}


def two() -> dict[str, list[Line]]:
    """A session of each of two projects, each with a tool, a skill's response and hidden calls."""
    found = {}
    for session, cwd in ((SESSION, "/home/dev/shop"), (OTHER, "/home/dev/moonbase")):
        who = of(session, cwd)
        tool = f"mcp__{cwd[-4:]}__find"
        found[session] = [
            *response(f"a{session}", tool_use(f"t{session}", tool), spent=usage(10, 100), **who),
            result(f"t{session}", **who),
            *response(f"b{session}", spent=usage(1, 9), attributionSkill=f"skill-{cwd[-4:]}", **who),
            totals_of(session, 500),
        ]
    return found


def test_a_project_is_forgotten_with_everything_that_names_it(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, two())
    loss = forget_usage(str(ledger), ForgetScope(project="moonbase"))
    assert (loss.sessions, loss.calls, loss.tokens) == (1, 3, 1000)
    only = ledger_of(tmp_path / "only", {SESSION: two()[SESSION]})
    assert everything(ledger) == everything(only)
    assert size(ledger) == size(only)
    names = "SELECT kind, name FROM label ORDER BY 1, 2"
    assert rows(ledger, names) == rows(only, names)
    audit(ledger)
    remove_transcripts(tmp_path)
    for file in ledger.iterdir():
        if file.is_file():
            assert b"moonbase" not in file.read_bytes(), file.name
            assert b"base__find" not in file.read_bytes(), file.name


def remove_transcripts(folder: Path) -> None:
    for path in folder.rglob("*.jsonl"):
        path.unlink()


@pytest.mark.parametrize("again", ["swept", "read again", "rewritten"])
def test_a_later_sweep_does_not_bring_it_back(ledger: Path, project: Path, again: str) -> None:
    for session, lines in two().items():
        write(project, lines, session)
    sweep(str(ledger), NOW_US)
    forget_usage(str(ledger), ForgetScope(session=OTHER))
    before = totals(ledger)
    if again == "read again":
        db = open_writer(str(ledger))
        db.execute("DELETE FROM position")
        db.close()
    elif again == "rewritten":
        write(project, [*two()[OTHER], *two()[OTHER]], OTHER)
    sweep(str(ledger), NOW_US)
    assert totals(ledger) == before
    assert rows(ledger, "SELECT DISTINCT s.name FROM rollup JOIN session s ON s.id = session") == [(SESSION,)]


def test_a_forgotten_session_that_continues_counts_from_then_on(ledger: Path, project: Path) -> None:
    lines = two()[SESSION]
    path = write(project, lines)
    sweep(str(ledger), NOW_US)
    forget_usage(str(ledger), ForgetScope(session=SESSION))
    later = response("later", spent=usage(3, 4), at="2026-11-22T10:40:00.000Z")
    path.write_bytes(packed([*lines, *later, totals_of(SESSION, 600)]))
    sweep(str(ledger), NOW_US)
    found = totals(ledger)
    assert (found["calls"], found["input"], found["output"]) == (1, 3, 4)
    again = response("again", spent=usage(5, 6), at="2026-11-22T10:50:00.000Z")
    last = {**totals_of(SESSION, 700), "totalDuration": 60_000}
    path.write_bytes(packed([*lines, *later, totals_of(SESSION, 600), *again, last]))
    sweep(str(ledger), NOW_US)
    found = totals(ledger)
    assert (found["calls"], found["input"], found["output"]) == (3, 3 + 100, 4 + 100)
    audit(ledger)


def test_what_was_before_a_date_is_forgotten_and_the_rest_of_a_session_stays(
    ledger: Path, project: Path
) -> None:
    early = response("m1", text(), tool_use("t1"), spent=usage(10, 100), at="2026-11-22T10:00:00.000Z")
    late = response("m2", spent=usage(20, 200), at="2026-11-22T10:40:00.000Z")
    lines = [*early, result("t1"), *late, totals_of(SESSION, 900)]
    path = write(project, lines)
    sweep(str(ledger), NOW_US)
    loss = forget_usage(str(ledger), ForgetScope(before_us=NOON_US - 90 * MINUTE_US))
    assert (loss.sessions, loss.calls, loss.tokens) == (1, 1, 110)
    kept = totals(ledger)
    assert rows(ledger, "SELECT COUNT(*) FROM response WHERE kind = 0") == [(1,)]
    ((first_us,),) = rows(ledger, "SELECT first_us FROM session")
    assert first_us == NOON_US - 90 * MINUTE_US
    audit(ledger)
    path.write_bytes(packed([*lines, *lines]))
    sweep(str(ledger), NOW_US)
    assert totals(ledger) == kept


def test_totals_without_rows_are_forgotten_too(tmp_path: Path) -> None:
    ledger = pruned(ledger_of(tmp_path, two()), 300)
    assert size(ledger)["response"] == 0
    assert forget_usage(str(ledger), ForgetScope(project="moonbase")).calls == 3
    assert rows(ledger, "SELECT DISTINCT s.name FROM rollup JOIN session s ON s.id = session") == [(SESSION,)]
    assert rows(ledger, "SELECT DISTINCT session FROM tool_rollup") == [
        row[:1] for row in rows(ledger, "SELECT id FROM session")
    ]


def test_limits_and_when_they_were_reached_stay(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, two())
    db = open_writer(str(ledger))
    with transaction(db):
        db.execute("INSERT INTO limit_hit SELECT id, 5, 'seven_day' FROM session WHERE name = ?", (OTHER,))
        db.execute("INSERT INTO quota_series (folder) VALUES (1)")
    db.close()
    forget_usage(str(ledger), ForgetScope())
    assert rows(ledger, "SELECT at_us, window, session FROM limit_hit") == [(5, "seven_day", 0)]
    assert rows(ledger, "SELECT COUNT(*) FROM quota_series") == [(1,)]
    assert set(size(ledger).values()) == {0}


@pytest.mark.parametrize("forgotten", [SESSION, OTHER])
def test_a_fork_and_its_parent_are_forgotten_one_without_the_other(tmp_path: Path, forgotten: str) -> None:
    files = fork()
    ledger = ledger_of(tmp_path / "ledger", files)
    kept = "SELECT SUM(calls), SUM(input), SUM(output) FROM rollup x JOIN session s ON s.id = x.session"
    other = {SESSION: OTHER, OTHER: SESSION}[forgotten]
    before = rows(ledger, f"{kept} WHERE s.name = ?", other)
    forget_usage(str(ledger), ForgetScope(session=forgotten))
    assert rows(ledger, kept) == before
    audit(ledger)
    db = open_writer(str(ledger))
    db.execute("DELETE FROM position")
    db.close()
    for session in files:
        scan(ledger, ledger / f"{session}.jsonl")
    assert rows(ledger, kept) == before
    audit(ledger)


def test_a_session_that_gets_the_id_of_a_forgotten_one_inherits_nothing(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, fork())
    forget_usage(str(ledger), ForgetScope(session=OTHER))
    ledger_of(tmp_path, {"new": response("m9", spent=usage(1, 1), sessionId="new")})
    mine = "SELECT COUNT(*) FROM tool_call t JOIN session s ON s.id = t.session WHERE s.name = 'new'"
    assert rows(ledger, mine) == [(0,)]
    audit(ledger)


def test_a_merge_does_not_bring_it_back(tmp_path: Path) -> None:
    ledger, other = ledger_of(tmp_path / "a", two()), ledger_of(tmp_path / "b", two())
    forget_usage(str(ledger), ForgetScope(project="moonbase"))
    before = everything(ledger)
    merge_ledger(str(ledger), str(other))
    assert everything(ledger) == before
    merge_ledger(str(ledger), str(pruned(other, 300)))
    assert everything(ledger) == before


def test_how_much_would_be_forgotten_is_known_before(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, two())
    db = open_reader(str(ledger))
    assert db is not None
    for scope, calls in (
        (ForgetScope(), 6),
        (ForgetScope(project="moonbase"), 3),
        (ForgetScope(project="nobody"), 0),
    ):
        assert measure_loss(db, scope).calls == calls
    db.close()


def test_a_ledger_that_is_locked_or_damaged_says_so(tmp_path: Path) -> None:
    remove_ledger(str(tmp_path / "none"))
    (tmp_path / "usage.db").write_bytes(b"no database" * 999)
    with pytest.raises(LedgerError, match="cannot be written"):
        forget_usage(str(tmp_path), ForgetScope())


@lenient
@given(data=st.data(), conversation=conversations(PRICED))
def test_rows_shares_and_totals_agree_whatever_is_forgotten(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, conversation: dict[str, list[Line]]
) -> None:
    ledger = recorded(tmp_path_factory.mktemp("any"), conversation)
    before_us = NOON_US + MINUTE_US * data.draw(st.integers(-121, -50))
    forget_usage(str(ledger), ForgetScope(before_us=before_us))
    assume(size(ledger)["response"])
    audit(ledger)
    kept = everything(ledger)
    db = open_writer(str(ledger))
    db.execute("DELETE FROM position")
    db.close()
    for path in ledger.rglob("*.jsonl"):
        scan(ledger, path)
    assert everything(ledger) == kept
