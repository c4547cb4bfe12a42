"""Who started each subagent, and when a conversation was compacted: what sessions are drilled down by."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.support.ledger_rows import rows, totals_after_sweep
from tests.support.transcripts import OTHER, SESSION, Line, packed, response, result, tool_use, write
from usage_dashboard.store import migrations, schema
from usage_dashboard.store.connection import open_reader
from usage_dashboard.store.read import session_detail

CANARY = "k7canaryq3"


def boundary(name: str, **fields: Any) -> Line:
    """The line with which a compacted conversation goes on."""
    told = {"trigger": "auto", "preTokens": 991_427, "postTokens": 2552, "durationMs": 34}
    return {
        "type": "system",
        "subtype": "compact_boundary",
        "content": f"Conversation compacted {CANARY}",
        "isSidechain": False,
        "compactMetadata": {**told, **fields.pop("compactMetadata", {})},
        "uuid": name,
        "timestamp": "2026-11-22T10:05:00.000Z",
        "sessionId": SESSION,
        **fields,
    }


def agent(project: Path, name: str, meta: object = None, **fields: Any) -> Path:
    """A subagent's transcript with one call, and what the client keeps beside it."""
    lines = response(f"m-{name}", agentId=name, attributionAgent="Explore", isSidechain=True, **fields)
    path = write(project, lines, subagent=name)
    if meta is not None:
        tell(path, meta)
    return path


def tell(path: Path, meta: object) -> None:
    text = meta if isinstance(meta, str) else json.dumps(meta)
    path.with_name(path.name.removesuffix(".jsonl") + ".meta.json").write_text(text)


def parents(ledger: Path) -> list[int | None]:
    """The parent of each subagent of the session, in the order in which they began."""
    return [found.parent for found in subagents(ledger)]


def subagents(ledger: Path) -> list[session_detail.StoredSubagent]:
    db = open_reader(str(ledger))
    assert db is not None
    session = session_detail.find_sessions(db, SESSION)[0]
    found = session_detail.read_subagents(db, session)
    db.close()
    return found


def compactions(ledger: Path, session: str = SESSION) -> list[tuple[object, ...]]:
    db = open_reader(str(ledger))
    assert db is not None
    found = session_detail.read_compactions(db, session_detail.find_sessions(db, session)[0])
    db.close()
    return [(each.automatic, each.before, each.after) for each in found]


def test_a_subagent_is_known_to_be_started_by_the_main_thread_or_by_another_one(
    ledger: Path, project: Path
) -> None:
    write(project, response("m1"))
    agent(project, "a1", {"agentType": "Explore", "toolUseId": "t1", "spawnDepth": 1})
    nested = {"agentType": "Plan", "toolUseId": "t2", "spawnDepth": 2, "parentAgentId": "a1"}
    agent(project, "a2", nested, at="2026-11-22T10:00:09.000Z")
    totals_after_sweep(ledger)
    first = subagents(ledger)[0]
    assert parents(ledger) == [0, first.id]


def test_the_call_that_started_it_tells_whose_it_is_where_nothing_else_does(
    ledger: Path, project: Path
) -> None:
    write(project, response("m1", tool_use("t1", "Agent")))
    thread: dict[str, Any] = {"agentId": "a0", "isSidechain": True}
    path = write(project, response("m2", tool_use("t2", "Agent"), **thread), subagent="a0")
    agent(project, "a1", {"toolUseId": "t1"}, at="2026-11-22T10:00:05.000Z")
    agent(project, "a2", {"toolUseId": "t2"}, at="2026-11-22T10:00:09.000Z")
    totals_after_sweep(ledger)
    assert parents(ledger) == [None, 0, subagents(ledger)[0].id]
    path.write_bytes(path.read_bytes() + packed([result("t2", **thread), *response("m3", **thread)]))
    totals_after_sweep(ledger)
    assert rows(ledger, "SELECT COUNT(*) FROM tool_call WHERE carrier IS NOT NULL") == [(1,)]
    assert parents(ledger) == [None, 0, subagents(ledger)[0].id]


def test_what_is_told_later_is_taken_in_later(ledger: Path, project: Path) -> None:
    write(project, response("m1"))
    path = agent(project, "a1")
    totals_after_sweep(ledger)
    assert parents(ledger) == [None]
    tell(path, {"spawnDepth": 1})
    path.write_bytes(path.read_bytes() + packed(response("m2", agentId="a1", isSidechain=True)))
    totals_after_sweep(ledger)
    assert parents(ledger) == [0]


@pytest.mark.parametrize(
    "meta", ["", "{", "[]", "null", '{"spawnDepth": "1", "parentAgentId": 7}', '{"toolUseId": ["t"]}']
)
def test_what_cannot_be_read_leaves_it_unknown(ledger: Path, project: Path, meta: str) -> None:
    write(project, response("m1"))
    agent(project, "a1", meta)
    assert totals_after_sweep(ledger)["calls"] == 2
    assert parents(ledger) == [None]


def test_the_task_of_a_subagent_is_not_kept(ledger: Path, project: Path) -> None:
    write(project, [*response("m1"), boundary("c1")])
    agent(project, "a1", {"description": CANARY, "spawnDepth": 1, "agentType": CANARY, "model": CANARY})
    totals_after_sweep(ledger)
    assert parents(ledger) == [0]
    for file in ledger.iterdir():
        assert CANARY.encode() not in file.read_bytes(), file.name


def test_a_subagent_is_named_by_its_type_whatever_line_came_first(ledger: Path, project: Path) -> None:
    lines = [*response("m1", agentId="a1"), *response("m2", agentId="a1", attributionAgent="Explore")]
    write(project, lines, subagent="a1")
    write(project, response("m3", agentId="a2"), subagent="a2")
    totals_after_sweep(ledger)
    assert sorted(found.agent for found in subagents(ledger)) == ["Explore", "subagent"]


def test_a_compaction_is_kept_with_the_size_of_the_context(ledger: Path, project: Path) -> None:
    manual = {"trigger": "manual", "preTokens": 9754, "postTokens": 2605}
    write(project, [*response("m1"), boundary("c1"), boundary("c2", compactMetadata=manual)])
    totals_after_sweep(ledger)
    assert sorted(compactions(ledger), key=str) == [(False, 9754, 2605), (True, 991_427, 2552)]


def test_what_an_older_client_does_not_tell_of_a_compaction_is_unknown(ledger: Path, project: Path) -> None:
    line = boundary("c1")
    del line["compactMetadata"]
    write(project, [*response("m1"), line])
    totals_after_sweep(ledger)
    assert compactions(ledger) == [(None, None, None)]


def test_an_absurd_size_costs_its_line_only(ledger: Path, project: Path) -> None:
    bad = boundary("c1", compactMetadata={"preTokens": -1})
    write(project, [*response("m1"), bad, boundary("c2"), *response("m2")])
    assert totals_after_sweep(ledger)["calls"] == 2
    assert len(compactions(ledger)) == 1


def test_reading_a_compaction_twice_changes_nothing(ledger: Path, project: Path) -> None:
    path = write(project, [*response("m1"), boundary("c1")])
    totals_after_sweep(ledger)
    path.write_bytes(packed([*response("m1"), boundary("c1"), *response("m2")]))
    totals_after_sweep(ledger)
    assert len(compactions(ledger)) == 1


@pytest.mark.parametrize("order", [(SESSION, OTHER), (OTHER, SESSION)])
def test_a_compaction_that_a_fork_copied_stays_with_its_parent(
    ledger: Path, project: Path, order: tuple[str, str]
) -> None:
    """Whichever of the two transcripts is read first."""
    own = response("m1")
    fork = [
        *response("m1", sessionId=OTHER, requestSessionId=SESSION),
        boundary("c1", sessionId=OTHER),
        *response("m2", sessionId=OTHER, at="2026-11-22T10:09:00.000Z"),
        boundary("c2", sessionId=OTHER),
    ]
    lines = {SESSION: [*own, boundary("c1")], OTHER: fork}
    for session in order:
        write(project, lines[session], session)
        totals_after_sweep(ledger)
    assert (len(compactions(ledger)), len(compactions(ledger, OTHER))) == (1, 1)


def test_a_word_in_a_message_is_no_compaction(ledger: Path, project: Path) -> None:
    said = {
        "type": "user",
        "message": {"role": "user", "content": "compact_boundary"},
        "x": "compact_boundary",
    }
    write(
        project, [*response("m1"), {**said, "subtype": "compact_boundary"}, result("t1", "compact_boundary")]
    )
    totals_after_sweep(ledger)
    assert compactions(ledger) == []


def test_a_ledger_of_the_release_before_learns_it_from_the_transcripts_that_are_left(
    ledger: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, [*response("m1"), boundary("c1")])
    agent(project, "a1", {"spawnDepth": 1})
    before = totals_after_sweep(ledger)
    db = sqlite3.connect(ledger / "usage.db")
    db.executescript(
        "DROP TABLE subagent; DROP TABLE compaction; DROP TABLE kept_price;"
        " ALTER TABLE session DROP COLUMN lasted; ALTER TABLE session DROP COLUMN lost_us;"
        " ALTER TABLE response DROP COLUMN asked"
    )
    db.execute(f"PRAGMA user_version = {1000 + migrations.STEPS.index(migrations.LINEAGE) - 1}")
    db.commit()
    db.close()
    assert totals_after_sweep(ledger) == before
    assert (len(compactions(ledger)), parents(ledger)) == (1, [0])
    assert rows(ledger, "PRAGMA user_version") == [(schema.VERSION,)]
