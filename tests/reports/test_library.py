"""`from usage_dashboard import Ledger`: the same numbers as the command, as Python's own values."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import usage_dashboard
from tests.cli.test_command import ROOT
from tests.ingest.test_merge import ledger_of
from tests.support import sample_week
from tests.support.command import AskJson, ask, clock, configure, document, page
from tests.support.ledger_rows import rows
from tests.support.transcripts import response, usage, write
from usage_dashboard import Ledger
from usage_dashboard.model.errors import LedgerError, SettingsError, UsageDashboardError
from usage_dashboard.reports.results import CallRow, SessionRow
from usage_dashboard.store.read.views import column_names

__all__ = ["ask", "clock", "configure", "document", "page"]

EXAMPLE = ROOT / "tests" / "support" / "ledger_example.py"


@pytest.fixture
def ledger_here(project: Path) -> Iterator[Ledger]:
    """The ledger of a few days of work."""
    sample_week.write_sessions(project)
    with Ledger() as ledger:
        yield ledger


def run(script: str, home: Path) -> str:
    """Run `script` in a process of its own and return what it prints."""
    env = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_a_report_equals_that_of_the_command(ledger_here: Ledger, document: AskJson) -> None:
    for window in ("week", "24H", "all", "month"):
        found = ledger_here.usage(window)
        assert found.document == document("report", "--window", window)
        assert found.window == window
    assert ledger_here.usage().document == document("week")


def test_totals_rows_and_times_are_typed(ledger_here: Ledger) -> None:
    found = ledger_here.usage("week")
    assert (found.totals.calls, found.totals.tasks) == (9, 3)
    assert found.totals.cost_estimate_usd == pytest.approx(0.759234)
    assert found.since == datetime(2026, 11, 23, tzinfo=UTC)
    assert found.until == datetime(2026, 11, 30, tzinfo=UTC)
    assert sum(row["total_tokens"] for row in found.by("model")) == found.totals.total_tokens
    started = {row["session"]: row["started"] for row in found.by("session")}
    assert started[sample_week.SHOP] == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert repr(found) == "<Usage week: 1,346,012 tokens, 9 calls, $0.76>"
    assert ledger_here.usage("all").since is None


def test_filters_are_those_of_the_command(ledger_here: Ledger, document: AskJson) -> None:
    assert ledger_here.usage("all", project="shop").document == document(
        "report", "--window", "all", "--filter", "project=shop"
    )
    both = ledger_here.usage("all", model=["opus", "haiku"], session="0020")
    assert both.totals == ledger_here.usage("all", project="shop").totals
    assert ledger_here.usage("all", tool="Read").totals.calls == 0
    with pytest.raises(TypeError, match="'colour' is none of"):
        ledger_here.usage("all", colour="red")  # type: ignore[call-arg]


def test_calls_are_what_export_writes(ledger_here: Ledger, document: AskJson) -> None:
    wanted = document("export")["rows"]
    found = list(ledger_here.calls())
    assert [call.output_tokens for call in found] == [row["output_tokens"] for row in wanted]
    first = found[0]
    assert first.time == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert (first.project, first.model, first.incomplete) == ("shop", "claude-opus-5-5", False)
    assert [call.incomplete for call in found].count(True) == 1
    assert len(list(ledger_here.calls("24H"))) == 3
    assert {call.agent for call in ledger_here.calls(model="haiku")} == {"Explore"}
    assert len(list(ledger_here.calls(day="2026-11-24"))) == 2


def test_sessions_are_what_export_writes(ledger_here: Ledger, document: AskJson) -> None:
    found = ledger_here.sessions()
    wanted = document("export", "--what", "sessions")["rows"]
    assert [session.session for session in found] == [row["session"] for row in wanted]
    assert found[0].ended - found[0].started == timedelta(seconds=found[0].duration_seconds)
    newest = [session.session for session in ledger_here.sessions("24H")]
    assert newest == [sample_week.SITE, sample_week.LATE]


def test_the_fields_are_the_documented_columns() -> None:
    assert CallRow._fields == column_names("calls")
    assert SessionRow._fields == column_names("sessions")


def test_times_need_a_zone_and_dates_mean_whole_days(ledger_here: Ledger) -> None:
    berlin = timezone(timedelta(hours=1))
    since = datetime(2026, 11, 23, 10, 4, tzinfo=berlin)
    assert ledger_here.usage(since=since, until=datetime(2026, 11, 24, tzinfo=UTC)).totals.calls == 5
    assert ledger_here.usage(since=date(2026, 11, 24), until=date(2026, 11, 24)).totals.calls == 2
    assert ledger_here.usage(until=date(2026, 11, 23)).since is None
    with pytest.raises(UsageDashboardError, match="needs a time zone"):
        ledger_here.usage(since=datetime(2026, 11, 23))  # noqa: DTZ001 - what is refused


def test_days_are_those_of_the_zone_that_is_asked_for(project: Path) -> None:
    write(project, response("m1", at="2026-11-24T23:30:00.000Z"))
    assert Ledger(zone="Europe/Berlin").usage("all").by("day")[0]["day"] == "2026-11-25"
    assert Ledger(zone="UTC").usage("all").by("day")[0]["day"] == "2026-11-24"
    with pytest.raises(UsageDashboardError, match="has to be a time zone"):
        Ledger(zone="Atlantis")


def test_another_ledger_is_read_as_it_is(project: Path, tmp_path: Path) -> None:
    sample_week.write_sessions(project)
    other = ledger_of(tmp_path / "other", {"s1": response("far", spent=usage(1, 2), sessionId="s1")})
    ledger = Ledger(other)
    assert (ledger.usage("all").totals.calls, len(ledger.sessions())) == (1, 1)
    assert rows(other, "SELECT COUNT(*) FROM response") == [(1,)]
    assert ledger.sweep() == 9


def test_without_a_ledger_nothing_is_returned_and_nothing_created(ledger: Path) -> None:
    found = Ledger()
    assert (found.usage("all").totals.calls, found.sessions(), list(found.calls()), found.limits()) == (
        0,
        [],
        [],
        [],
    )
    assert not ledger.exists()


def test_limits_have_their_times(ledger_here: Ledger, configure: Any) -> None:
    configure(usage_threshold_tokens=2_000_000)
    (limit,) = ledger_here.limits()
    assert (limit.window, limit.source, limit.resets_at) == (
        "seven_day", "estimate", datetime(2026, 11, 30, tzinfo=UTC),
    )  # fmt: skip
    assert limit.used_percent == pytest.approx(67.3, abs=0.1)
    assert ledger_here.usage().limits == [limit]


def test_unfinished_iterators_are_closed_with_the_ledger(ledger_here: Ledger) -> None:
    calls = ledger_here.calls()
    next(calls)
    ledger_here.close()
    assert list(calls) == []


@pytest.mark.parametrize("ask", [Ledger.usage, Ledger.sessions, Ledger.calls])
def test_an_unknown_window_is_refused(ledger_here: Ledger, ask: Any) -> None:
    with pytest.raises(UsageDashboardError, match="`2W` has to be one of 1H, 3H") as caught:
        ask(ledger_here, "2W")
    assert "week" in caught.value.hint


def test_failures_are_errors_of_the_package(ledger_here: Ledger, ledger: Path, configure: Any) -> None:
    with pytest.raises(UsageDashboardError, match="do not match a tool"):
        ledger_here.calls(tool="Read")
    with pytest.raises(UsageDashboardError, match="`fortnight` has to be one of"):
        ledger_here.watch(window="fortnight")
    ledger.mkdir(exist_ok=True)
    (ledger / "usage.db").write_bytes(b"damaged" * 999)
    with pytest.raises(LedgerError):
        ledger_here.usage()
    configure(timezone=5)
    with pytest.raises(SettingsError):
        ledger_here.usage()


def test_importing_the_package_loads_nothing_but_itself(home: Path) -> None:
    script = (
        "import sys; before = set(sys.modules); import usage_dashboard; print(*set(sys.modules) - before)"
    )
    assert run(script, home).split() == ["usage_dashboard"]
    listed = "import usage_dashboard as u; print(u.__all__, u.Ledger.__name__); u.nothing"
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run(listed, home)
    assert caught.value.stdout == "['Ledger', '__version__'] Ledger\n"
    assert "module 'usage_dashboard' has no attribute 'nothing'" in caught.value.stderr


def test_a_program_that_uses_it_loads_no_command_line(project: Path, home: Path) -> None:
    sample_week.write_sessions(project)
    script = "import sys; from usage_dashboard import Ledger; Ledger().usage('all'); print(*sys.modules)"
    assert not {"click", "rich", "usage_dashboard.cli"} & set(run(script, home).split())


def test_the_example_is_the_one_that_is_checked_and_runs(project: Path, home: Path) -> None:
    sample_week.write_sessions(project)
    example = EXAMPLE.read_text(encoding="utf-8").partition("\n\n")[2]
    assert usage_dashboard.Ledger.__doc__
    assert textwrap.indent(example, " " * 8).strip() in usage_dashboard.Ledger.__doc__
    run(example, home)
