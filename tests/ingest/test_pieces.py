"""Hooks read a transcript piece by piece, an import reads it whole: the ledger must not tell which it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.generated_sessions import SESSIONS, Story, seldom, stories
from tests.support.ledger_dump import dump_ledger
from tests.support.ledger_rows import rows, totals
from usage_dashboard.ingest.scanner import Scanner

LONG_AFTER_US = 1_800_000_000_000_000
calm = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def scan(ledger: Path, paths: list[Path]) -> None:
    """What a hook does in each of some transcripts."""
    scanner = Scanner(str(ledger))
    with scanner:
        for session in SESSIONS:
            scanner.place(session, "/home/dev/shop", "cli")
        for path in paths:
            scanner.file(str(path))
    scanner.db.close()


def ended(ledger: Path) -> dict[str, list[tuple[object, ...]]]:
    """The ledger's rows once nothing more is waited for."""
    scanner = Scanner(str(ledger))
    with scanner:
        scanner.give_up(LONG_AFTER_US)
    scanner.db.close()
    totals(ledger)
    return dump_ledger(ledger)


def whole(folder: Path, story: Story) -> dict[str, list[tuple[object, ...]]]:
    """The ledger of transcripts that are read at once, in the order in which they were written to last."""
    found: dict[str, bytes] = {}
    for place, lines in story.written:
        found[place] = (found.get if story.repeats else found.pop)(place, b"") + lines
    for place, data in found.items():
        put(folder / place, data, anew=True)
    scan(folder, [folder / place for place in found])
    return ended(folder)


def piecewise(folder: Path, story: Story, data: st.DataObject) -> dict[str, list[tuple[object, ...]]]:
    """The ledger of transcripts that are read while they grow; now and then one is read again."""
    held: dict[str, bytes] = {}
    cuts = data.draw(st.lists(st.integers(0, len(story.written)), max_size=8).map(sorted))
    for begin, end in zip([0, *cuts], cuts, strict=False):
        for place, lines in story.written[begin:end]:
            held[place] = held.get(place, b"") + lines
        for place, lines in held.items():
            half_written = data.draw(st.sampled_from([0, 0, 0, 9]))
            put(folder / place, lines[: len(lines) - half_written], anew=data.draw(seldom))
        whose = "" if story.repeats else data.draw(st.sampled_from(["", "", *SESSIONS]))
        order = list(held) if story.repeats else data.draw(st.permutations(list(held)))
        scan(folder, [folder / place for place in order if place.startswith(whose)])
    return whole(folder, story)


def put(path: Path, data: bytes, *, anew: bool) -> None:
    """Let a transcript hold `data`, or what it held if that was more; `anew` as another file of its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else b""
    fresh = path.with_suffix(".new") if anew else path
    fresh.write_bytes(max(before, data, key=len))
    fresh.replace(path)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger: all that begin as copies of it hash names alike."""
    folder = tmp_path_factory.mktemp("empty")
    scan(folder, [])
    return folder


@calm
@given(story=stories(), data=st.data())
def test_a_ledger_does_not_tell_in_what_pieces_it_was_read(
    tmp_path_factory: pytest.TempPathFactory, empty: Path, story: Story, data: st.DataObject
) -> None:
    one, many = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("many")
    for folder in (one, many):
        shutil.copy(empty / "usage.db", folder)
    found = whole(one, story)
    calls = rows(one, "SELECT COALESCE(SUM(calls), 0) FROM rollup WHERE kind < 2")
    assert calls == [(len(story.replies),)]
    assert piecewise(many, story, data) == found
    shutil.rmtree(one)
    shutil.rmtree(many)
