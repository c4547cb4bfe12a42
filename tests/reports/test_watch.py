"""`Ledger.watch` yields what changed, and nothing else. Its clock is the real one."""

from __future__ import annotations

from pathlib import Path

from tests.support.transcripts import packed, response, usage, write
from usage_dashboard import Ledger
from usage_dashboard.store.connection import open_writer, transaction

SOON = 0.01


def test_a_watch_yields_what_changed(project: Path) -> None:
    path = write(project, response("m1", spent=usage(output=1), at="2026-11-25T10:00:00.000Z"))
    with Ledger() as ledger:
        watched = ledger.watch(SOON, "all")
        first = next(watched)
        path.write_bytes(
            path.read_bytes() + packed(response("m2", spent=usage(output=7), at="2026-11-25T10:01:00.000Z"))
        )
        second = next(watched)
        assert [found.totals.output_tokens for found in (first, second)] == [1, 8]
        assert second != first
    assert list(watched) == []


def test_a_watch_may_begin_before_the_first_session(project: Path) -> None:
    with Ledger() as ledger:
        watched = ledger.watch(SOON, "all")
        assert next(watched).totals.calls == 0
        write(project, response("m1", at="2026-11-25T10:00:00.000Z"))
        assert next(watched).totals.calls == 1


def test_equal_usage_is_not_yielded_again(project: Path, ledger: Path) -> None:
    path = write(project, response("m1", spent=usage(output=1), at="2026-11-25T10:00:00.000Z"))
    with Ledger() as here:
        watched = here.watch(SOON, "all")
        next(watched)
        db = open_writer(str(ledger))
        with transaction(db):
            db.execute("INSERT INTO meta (name, value) VALUES ('unrelated', '1')")
        db.close()
        path.write_bytes(path.read_bytes() + packed(response("m1", spent=usage(output=5))))
        assert next(watched).totals.output_tokens == 5


def test_only_matching_usage_is_yielded(project: Path) -> None:
    path = write(project, response("m1", spent=usage(output=1)))
    with Ledger() as here:
        watched = here.watch(SOON, "all", model="haiku")
        assert next(watched).totals.calls == 0
        path.write_bytes(path.read_bytes() + packed(response("m2", spent=usage(output=3))))
        path.write_bytes(path.read_bytes() + packed(response("m3", model="claude-haiku-5-5")))
        assert next(watched).totals.calls == 1
