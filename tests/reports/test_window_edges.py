"""A window that begins or ends inside a quarter-hour counts what is in it, or says that it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.model.test_attribution import audit, everything, scan
from tests.model.test_windows import at
from tests.support.ledger_rows import NOW_US, rows, totals_after_sweep
from tests.support.transcripts import SESSION, Line, packed, response, result, tool_use, usage, write
from tests.test_aggregator import adds_up
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.model.totals import ROLLUP_SUMS
from usage_dashboard.model.windows import Window, Zone
from usage_dashboard.reports.envelope import build_envelope
from usage_dashboard.reports.window_usage import WindowUsage, read_usage
from usage_dashboard.store.connection import open_reader, open_writer, transaction
from usage_dashboard.store.meta import rows_since_us
from usage_dashboard.store.read.totals import Span, read_buckets, read_sums
from usage_dashboard.store.upkeep.retention import prune_rows

START_US = at("2026-11-22T10:00:00+00:00")
MINUTE_US = 60_000_000
OLD_US = at("2026-01-05T10:00:00+00:00")
ROLLED = f"SELECT bucket, {', '.join(ROLLUP_SUMS)} FROM rollup ORDER BY bucket, session, kind, agent, class"
minutes = st.integers(0, 100)


def said(minute: int, start_us: int = START_US) -> str:
    day = "2026-11-22" if start_us == START_US else "2026-01-05"
    return f"{day}T{10 + minute // 60}:{minute % 60:02}:00.000Z"


def spread(project: Path, start_us: int = START_US) -> None:
    """A reply every minute for a hundred minutes, some of two subagents in the same file."""
    lines: list[Line] = []
    for minute in range(100):
        blocks = [tool_use(f"t{minute}")] if minute % 3 else []
        model = "glm-5" if minute % 10 == 9 else "claude-opus-5-5"
        spent = usage(minute + 1, 1000 + minute, 7, 9, minute, thinking=5)
        name = {0: "Explore", 1: "Plan"}.get(minute % 7, "")
        who: Line = {"isSidechain": True, "agentId": name, "attributionAgent": name} if name else {}
        lines += response(f"m{minute}", *blocks, spent=spent, at=said(minute, start_us), model=model, **who)
        lines += [result(f"t{minute}", "x" * minute, **who)] if blocks else []
    write(project, lines)


def between(ledger: Path, since_us: int, until_us: int | None) -> WindowUsage:
    return read_usage(str(ledger), Window("own", since_us, until_us), Zone("UTC"))


@pytest.fixture(scope="module")
def hundred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of a hundred minutes; reading does not change it."""
    folder = tmp_path_factory.mktemp("hundred")
    spread(folder)
    ledger = folder / "ledger"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder / "nobody"))
        sweep(str(ledger), NOW_US, extra=(str(folder / f"{SESSION}.jsonl"),))
    return ledger


@settings(deadline=None)
@given(edges=st.tuples(st.integers(-5, 105), st.integers(-5, 105)), micro=st.sampled_from([-1, 0, 1]))
def test_edges_inside_a_quarter_hour_are_exact(hundred: Path, edges: tuple[int, int], micro: int) -> None:
    first, last = sorted(edges)
    since_us, until_us = START_US + first * MINUTE_US + micro, START_US + last * MINUTE_US
    found = between(hundred, since_us, until_us)
    counted = [n for n in range(100) if since_us <= START_US + n * MINUTE_US < until_us]
    totals = found.report.totals
    assert (totals.calls, totals.input, totals.output, totals.cache_read) == (
        len(counted), sum(n + 1 for n in counted), sum(1000 + n for n in counted), sum(counted),
    )  # fmt: skip
    assert not found.approximate
    adds_up(json.loads(json.dumps(build_envelope(found, []))))
    asked = sum(1 for n in counted if n % 3)
    assert sum(tool.tool_calls for tool in found.report.tools.values()) == asked


@settings(deadline=None)
@given(cuts=st.lists(st.integers(-2, 102), max_size=5), micro=st.integers(0, MINUTE_US - 1))
def test_windows_that_join_count_everything_once(hundred: Path, cuts: list[int], micro: int) -> None:
    edges = [0, *sorted(START_US + cut * MINUTE_US + micro for cut in cuts)]
    parts = [between(hundred, since, until) for since, until in zip(edges, [*edges[1:], None], strict=True)]
    whole = between(hundred, 0, None).report
    for name in (
        "calls",
        "input",
        "output",
        "cache_creation",
        "cache_1h",
        "cost_nusd",
        "unpriced",
        "savings_nusd",
    ):
        assert sum(getattr(part.report.totals, name) for part in parts) == getattr(whole.totals, name)
    for label, totals in whole.tools.items():
        of_parts = [part.report.tools[label] for part in parts if label in part.report.tools]
        assert sum(part.cost_nusd for part in of_parts) == totals.cost_nusd
        assert sum(part.total_tokens for part in of_parts) == totals.total_tokens


@settings(deadline=None)
@given(edges=st.tuples(st.integers(-5, 105), st.none() | st.integers(-5, 105)))
def test_what_the_alert_reads_is_what_a_report_reads(hundred: Path, edges: tuple[int, int | None]) -> None:
    db = open_reader(str(hundred))
    assert db
    until_us = None if edges[1] is None else START_US + edges[1] * MINUTE_US
    span = Span(db, START_US + edges[0] * MINUTE_US, until_us)
    both = []
    for buckets in (read_sums(db, span), read_buckets(db, span)):
        sums: dict[tuple[Any, ...], list[int]] = {}
        for bucket in buckets:
            held = sums.setdefault((bucket[2], *bucket[4:7]), [0] * len(ROLLUP_SUMS))
            held[:] = [a + b for a, b in zip(held, bucket[7:], strict=True)]
        both.append(sums)
    db.close()
    assert both[0] == both[1]


@pytest.fixture
def pruned(ledger: Path, project: Path) -> Path:
    """A ledger of the same hundred minutes long ago, of which only totals are left."""
    spread(project, OLD_US)
    sweep(str(ledger), NOW_US)
    assert rows(ledger, "SELECT COUNT(*) FROM response") == [(0,)]
    return ledger


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        (0, 15, 0, 15), (15, 45, 15, 45), (10, 30, 0, 30), (0, 20, 0, 30), (10, 20, 0, 30), (5, 10, 0, 15),
        (0, 5, 0, 15), (20, 25, 15, 30), (40, None, 30, 100), (97, 99, 90, 100),
    ],
)  # fmt: skip
def test_without_rows_the_whole_quarter_hour_counts_and_is_called_approximate(
    pruned: Path, since: int, until: int | None, first: int, last: int
) -> None:
    until_us = None if until is None else OLD_US + until * MINUTE_US
    found = between(pruned, OLD_US + since * MINUTE_US, until_us)
    assert found.report.totals.calls == last - first
    assert found.approximate == (since % 15 != 0 or (until or 0) % 15 != 0)


def test_edges_at_quarter_hours_stay_exact_when_rows_are_gone(pruned: Path) -> None:
    for first in range(0, 90, 15):
        found = between(pruned, OLD_US + first * MINUTE_US, OLD_US + (first + 15) * MINUTE_US)
        assert (found.report.totals.calls, found.approximate) == (15, False)


def test_totals_and_labels_are_the_same_before_and_after_rows_go(hundred: Path, pruned: Path) -> None:
    def sums(ledger: Path) -> dict[str, tuple[int, ...]]:
        names = ("tool_calls", "failed", "input", "output", "cache_creation", "cache_1h", "cost_nusd")
        labels = everything(ledger).tools
        return {label: tuple(getattr(totals, name) for name in names) for label, totals in labels.items()}

    assert sums(pruned) == sums(hundred)


def test_rows_go_by_whole_quarters_of_an_hour(ledger: Path, project: Path) -> None:
    spread(project)
    totals_after_sweep(ledger)
    db = open_writer(str(ledger))
    with transaction(db):
        assert prune_rows(db, START_US + 29 * MINUTE_US) == 15
        assert rows_since_us(db) == START_US + 15 * MINUTE_US
        assert prune_rows(db, START_US + 16 * MINUTE_US) == 0
        assert rows_since_us(db) == START_US + 15 * MINUTE_US
    db.close()
    assert rows(ledger, f"SELECT MIN(at_us) / {BUCKET_US} FROM response") == [(START_US // BUCKET_US + 1,)]
    assert between(ledger, START_US + 16 * MINUTE_US, START_US + 17 * MINUTE_US).report.totals.calls == 1
    assert not between(ledger, START_US + 16 * MINUTE_US, None).approximate
    assert between(ledger, START_US + 14 * MINUTE_US, None).approximate


def test_the_view_adds_up_where_a_call_is_gone_and_the_request_with_its_result_is_not(
    ledger: Path, project: Path
) -> None:
    asked = response("m1", tool_use("t1"), at=said(14), spent=usage(1, 10))
    write(project, [*asked, result("t1"), *response("m2", at=said(16), spent=usage(500, 20, 30))])
    totals_after_sweep(ledger)
    after = between(ledger, START_US + 15 * MINUTE_US + 1, None).report.tools["Bash"]
    assert (after.input, after.cache_creation) == (500, 30)
    db = open_writer(str(ledger))
    with transaction(db):
        assert prune_rows(db, START_US + 15 * MINUTE_US) == 1
    db.close()
    after = between(ledger, START_US + 15 * MINUTE_US + 1, None).report.tools["Bash"]
    assert (after.input, after.cache_creation) == (500, 30)
    seen = rows(ledger, "SELECT input_tokens, output_tokens, cost_estimate FROM usage")
    sums = [tuple(sum(column) for column in zip(*seen, strict=True))]
    ((fresh, output, cost),) = rows(ledger, "SELECT SUM(input), SUM(output), SUM(cost) FROM response")
    assert [(one, two, round(three * 1e9)) for one, two, three in sums] == [(fresh, output, cost)]


def test_what_is_imported_late_is_counted_once_and_goes_again(pruned: Path, project: Path) -> None:
    late = packed(response("late", at=said(20, OLD_US), spent=usage(1, 5)))
    (project / "late.jsonl").write_bytes(late)
    for _ in range(2):
        sweep(str(pruned), NOW_US)
        assert (everything(pruned).totals.calls, rows(pruned, "SELECT COUNT(*) FROM response")) == (
            101,
            [(0,)],
        )
        (project / "late.jsonl").write_bytes(late * 2)


def test_rows_that_come_late_and_go_do_not_make_older_edges_exact_again(ledger: Path, project: Path) -> None:
    spread(project)
    totals_after_sweep(ledger)
    late = write(project, response("late", at=said(0), sessionId="late"), "late")
    for minute, gone in ((60, 60), (15, 1)):
        db = open_writer(str(ledger))
        with transaction(db):
            assert prune_rows(db, START_US + minute * MINUTE_US) == gone
        db.close()
        scan(ledger, late)
    found = between(ledger, START_US + 31 * MINUTE_US, START_US + 45 * MINUTE_US)
    assert (found.report.totals.calls, found.approximate) == (15, True)


@pytest.mark.parametrize("stamp", [None, "soon", 5])
@pytest.mark.parametrize("pieces", [[4], [1, 4], [2, 4], [3, 4]])
def test_a_reply_without_a_time_has_that_of_the_line_before_it(
    tmp_path: Path, pieces: list[int], stamp: object
) -> None:
    lines = [*response("m1", at=said(20)), {"type": "system", "timestamp": said(50)}]
    lines += [{"type": "system", "timestamp": stamp}, *response("m2", at=stamp)]
    if stamp is None:
        del lines[3]["timestamp"]
    for size in pieces:
        scan(tmp_path, write(tmp_path, lines[:size]))
    assert rows(tmp_path, "SELECT MAX(at_us) FROM response") == [(START_US + 50 * MINUTE_US,)]


def test_a_background_call_has_the_time_of_the_last_dated_line_before_its_totals_however_they_are_read(
    tmp_path: Path,
) -> None:
    counted = {"claude-opus-5-5": {"inputTokens": 500, "outputTokens": 600, "costUSD": 0.1}}
    totals = {
        "type": "cost-state",
        "sessionId": SESSION,
        "startTime": START_US // 1000,
        "modelUsage": counted,
    }
    lines = [*response("m1", at=said(20)), {"type": "system", "timestamp": said(50)}, totals]
    for name, pieces in (("whole", [3]), ("pieces", [2, 3])):
        for size in pieces:
            (tmp_path / name).mkdir(exist_ok=True)
            scan(tmp_path / name, write(tmp_path / name, lines[:size]))
        hidden = rows(tmp_path / name, "SELECT at_us, input, output FROM response WHERE kind = 2")
        assert hidden == [(START_US + 50 * MINUTE_US, 490, 500)], name


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edge=minutes, again=minutes)
def test_reading_everything_again_after_any_prune_changes_no_total(
    tmp_path_factory: pytest.TempPathFactory, edge: int, again: int
) -> None:
    folder = tmp_path_factory.mktemp("again")
    spread(folder)
    ledger, path = folder / "ledger", folder / f"{SESSION}.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder / "nobody"))
        sweep(str(ledger), NOW_US, extra=(str(path),))
        before = rows(ledger, ROLLED)
        for minute in (edge, again):
            db = open_writer(str(ledger))
            with transaction(db):
                prune_rows(db, START_US + minute * MINUTE_US)
                db.execute("DELETE FROM position")
            db.close()
            sweep(str(ledger), NOW_US, extra=(str(path),))
    assert rows(ledger, ROLLED) == before
    assert everything(ledger).totals.calls == 100


def test_a_ledger_without_old_rows_passes_its_audit(ledger: Path, project: Path) -> None:
    spread(project)
    totals_after_sweep(ledger)
    audit(ledger)
