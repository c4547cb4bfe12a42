"""Merging the ledgers of two machines gives the ledger that one machine would have made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.test_attribution import (
    PRICED,
    UNPRICED,
    audit,
    content,
    conversations,
    lenient,
    recorded,
    scan,
    totals_of,
)
from tests.support.ledger_rows import rows
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
from usage_dashboard.ingest.merge import merge_ledger
from usage_dashboard.store.connection import open_writer, transaction
from usage_dashboard.store.upkeep.retention import prune_rows

ROLLED = (
    "SELECT s.name, x.kind, a.name, m.name, c.prompt_bucket, c.geo, c.tier, x.bucket, x.calls, x.incomplete,"
    " x.unpriced, x.input, x.output, x.cache_creation, x.cache_1h, x.cache_read, x.thinking, x.cost,"
    " x.savings"
    " FROM rollup x JOIN session s ON s.id = x.session JOIN label a ON a.id = x.agent"
    " JOIN price_class c ON c.id = x.class JOIN label m ON m.id = c.model ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"
)
SHARED = (
    "SELECT s.name, x.kind, t.name, m.name, c.prompt_bucket, c.geo, c.tier, x.bucket, x.calls, x.failed,"
    " x.input, x.output, x.cost_output, x.cost_prompt"
    " FROM tool_rollup x JOIN session s ON s.id = x.session JOIN label t ON t.id = x.tool"
    " JOIN price_class c ON c.id = x.class JOIN label m ON m.id = c.model ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"
)
EARLY = "2026-11-22T10:00:00.000Z"


def ledger_of(folder: Path, files: dict[str, list[Line]]) -> Path:
    """A ledger that read the transcripts `files` of whole sessions."""
    folder.mkdir(exist_ok=True)
    for session, lines in files.items():
        scan(folder, write(folder, lines, session))
    return folder


def joined(ledger: Path, other: Path) -> Path:
    merge_ledger(str(ledger), str(other / "usage.db"))
    return ledger


def pruned(ledger: Path, before: int) -> Path:
    """The ledger without rows before so many minutes after `EARLY`."""
    db = open_writer(str(ledger))
    with transaction(db):
        prune_rows(db, 1_795_341_600_000_000 + before * 60_000_000)
    db.close()
    return ledger


def everything(ledger: Path) -> list[Any]:
    return [*content(ledger), rows(ledger, ROLLED), rows(ledger, SHARED)]


@lenient
@given(data=st.data(), conversation=conversations((*PRICED, UNPRICED)))
def test_threads_read_by_two_machines_become_one_session_in_either_direction(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, conversation: dict[str, list[Line]]
) -> None:
    one, left, right = (tmp_path_factory.mktemp(name) for name in ("one", "left", "right"))
    recorded(one, conversation)
    for ledger in (left, right):
        recorded(ledger, {})
        open_writer(str(ledger)).close()
    for name, lines in conversation.items():
        for ledger in data.draw(st.sampled_from([(left,), (right,), (left, right)])):
            recorded(ledger, {name: lines})
    joined(left, right)
    assert everything(left) == everything(one)
    audit(left)
    joined(right, left)
    assert everything(right) == everything(one)
    joined(left, right)
    assert everything(left) == everything(one)


@lenient
@given(data=st.data(), conversation=conversations())
def test_a_machine_that_read_less_of_the_same_transcripts_adds_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, conversation: dict[str, list[Line]]
) -> None:
    one, less = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("less")
    recorded(one, conversation)
    open_writer(str(less)).close()
    for name, lines in conversation.items():
        whole = packed(lines)
        path = write(less, [], subagent=name)
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
        scan(less, path)
    before = everything(one)
    joined(one, less)
    assert everything(one) == before
    joined(less, one)
    audit(less)
    assert rows(less, ROLLED) == rows(one, ROLLED)


def fork() -> dict[str, list[Line]]:
    """A session and a fork of it, each with totals of the client that include hidden calls."""
    shown = response("m1", text("Hm."), tool_use("t1"), spent=usage(10, 10), at="2026-11-22T10:05:00.000Z")
    copied = [{**line, "sessionId": OTHER, "requestSessionId": SESSION} for line in shown]
    own = response("m2", spent=usage(20, 20), at="2026-11-22T10:20:00.000Z", sessionId=OTHER)
    return {
        SESSION: [*shown, totals_of(SESSION, 10 + 50)],
        OTHER: [*copied, result("t1", sessionId=OTHER), *own, totals_of(OTHER, 10 + 50 + 20 + 70)],
    }


@pytest.mark.parametrize("first", [SESSION, OTHER])
def test_background_calls_of_a_fork_on_another_machine_stay_distinct(tmp_path: Path, first: str) -> None:
    files = fork()
    one = ledger_of(tmp_path / "one", files)
    halves = [ledger_of(tmp_path / name, {name: files[name]}) for name in files]
    left, right = halves if first == SESSION else halves[::-1]
    hidden = "SELECT s.name, input, output FROM response JOIN session s ON s.id = session WHERE kind = 2"
    joined(left, right)
    assert sorted(rows(left, hidden)) == [(SESSION, 50, 50), (OTHER, 70, 70)]
    assert rows(left, ROLLED) == rows(one, ROLLED)
    audit(left)


def months() -> dict[str, list[Line]]:
    """Two sessions, each with calls an hour apart, a tool and the client's totals."""
    found = {}
    for session, start in ((SESSION, "10:0"), (OTHER, "10:2")):
        who: dict[str, Any] = {"sessionId": session}
        first, second = (f"2026-11-22T{start}{minute}:00.000Z" for minute in (0, 5))
        found[session] = [
            *response(f"a{session}", tool_use(f"t{session}"), spent=usage(10, 100, 50), at=first, **who),
            result(f"t{session}", "x" * 80, **who),
            *response(f"b{session}", spent=usage(20, 200), at=second, **who),
            *response(f"c{session}", spent=usage(40, 400), at="2026-11-22T11:30:00.000Z", **who),
        ]
    return found


@pytest.mark.parametrize(("left_edge", "right_edge"), [(0, 60), (60, 0), (60, 60), (30, 60), (200, 200)])
def test_totals_without_rows_are_merged_and_counted_once(
    tmp_path: Path, left_edge: int, right_edge: int
) -> None:
    files = months()
    one = ledger_of(tmp_path / "one", files)
    wanted = [rows(one, query) for query in (ROLLED, SHARED)]
    for name, shared in (("apart", {}), ("copied", {OTHER: files[OTHER]})):
        left = ledger_of(tmp_path / f"{name}-left", {SESSION: files[SESSION], **shared})
        right = ledger_of(tmp_path / f"{name}-right", {OTHER: files[OTHER]})
        pruned(left, left_edge)
        pruned(right, right_edge)
        for ledger, other in ((left, right), (right, left), (left, right)):
            joined(ledger, other)
            assert [rows(ledger, query) for query in (ROLLED, SHARED)] == wanted, name


def test_a_transcript_of_dropped_rows_is_not_counted_again_after_a_merge(tmp_path: Path) -> None:
    files = months()
    left = ledger_of(tmp_path / "left", {SESSION: files[SESSION]})
    right = pruned(ledger_of(tmp_path / "right", {OTHER: files[OTHER]}), 200)
    joined(left, right)
    before = rows(left, ROLLED)
    scan(left, write(left, files[OTHER], OTHER))
    assert rows(left, ROLLED) == before


def test_a_later_merge_adds_what_came_since(tmp_path: Path) -> None:
    files = months()
    left = ledger_of(tmp_path / "left", {SESSION: files[SESSION]})
    right = ledger_of(tmp_path / "right", {OTHER: files[OTHER][:2]})
    joined(left, right)
    pruned(right, 200)
    scan(right, write(right, files[OTHER], OTHER))
    joined(left, right)
    assert rows(left, ROLLED) == rows(ledger_of(tmp_path / "one", files), ROLLED)


def test_a_merge_reports_what_it_added(tmp_path: Path) -> None:
    files = months()
    left = ledger_of(tmp_path / "left", {SESSION: files[SESSION]})
    right = ledger_of(tmp_path / "right", {OTHER: files[OTHER]})
    result = merge_ledger(str(left), str(right))
    assert (result.sessions, result.calls, result.tokens) == (1, 3, 820)
    result = merge_ledger(str(left), str(right))
    assert (result.sessions, result.calls, result.tokens) == (0, 0, 0)


def test_names_follow_this_ledgers_privacy_setting_and_hashes_stay_as_they_are(tmp_path: Path) -> None:
    left = ledger_of(tmp_path / "left", {})
    left.joinpath("config.json").write_text('{"privacy": {"labels": "hash"}}')
    plain = ledger_of(tmp_path / "plain", {OTHER: response("m1", sessionId=OTHER)})
    hashing = tmp_path / "hashing"
    hashing.mkdir()
    hashing.joinpath("config.json").write_text('{"privacy": {"labels": "hash"}}')
    ledger_of(hashing, {SESSION: response("m2")})
    projects = "SELECT l.name FROM session s JOIN label l ON l.id = s.project"
    ((hashed,),) = rows(hashing, projects)
    joined(joined(left, plain), hashing)
    names = [name for (name,) in rows(left, projects)]
    assert "shop" not in names
    assert hashed in names
    assert rows(left, "SELECT COUNT(*) FROM label WHERE name = 'shop'") == [(0,)]


def test_everything_is_priced_by_this_ledgers_table(tmp_path: Path) -> None:
    files = months()
    config = '{"prices": {"multiplier": 2}}'
    one, left = tmp_path / "one", tmp_path / "left"
    for folder in (one, left):
        folder.mkdir()
        folder.joinpath("config.json").write_text(config)
    ledger_of(one, files)
    ledger_of(left, {SESSION: files[SESSION]})
    right = ledger_of(tmp_path / "right", {OTHER: files[OTHER]})
    joined(left, right)
    assert rows(left, ROLLED) == rows(one, ROLLED)
    audit(left)
