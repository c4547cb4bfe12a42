"""`live`: what it shows, that it fits every screen, and what comes out of it in a pipe."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from freezegun import freeze_time

import usage_dashboard
from tests.support import sample_week
from tests.support.command import Ask, AskJson, Page
from tests.support.kept_pages import kept_page
from tests.support.transcripts import packed, response, tool_use, usage, write
from usage_dashboard.cli.pages import live_screen
from usage_dashboard.cli.pages.live_snapshot import LiveMonitor
from usage_dashboard.cli.reader import CommandReader
from usage_dashboard.cli.terminal.layout import display_width
from usage_dashboard.ingest.follow import Follower
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.model.windows import Window, Zone
from usage_dashboard.reports.window_usage import read_usage
from usage_dashboard.reports.wording import numbers

ROOT = Path(usage_dashboard.__file__).resolve().parents[1]
LIVE = [sys.executable, "-m", "usage_dashboard", "live"]

Configure = Callable[..., None]


def busy(project: Path, home: Path, configure: Configure) -> None:
    """Work of this morning and of the last ten minutes, with limits and budgets."""
    sample_week.write_sessions(project)
    for number in range(6):
        name = ("Read", "Bash", "Edit")[number % 3]
        lines = response(
            f"n{number}", tool_use(f"tn{number}", name), spent=usage(10, 400 + number, 2000, 0, 90_000),
            at=f"2026-11-25T10:{7 + number:02}:30.000Z", model=f"claude-{('opus', 'haiku')[number % 2]}-5-5",
        )  # fmt: skip
        write(project, lines, f"n{number}")
    utilization = {
        "five_hour": {"utilization": 43.5, "resets_at": "2026-11-25T12:00:00+00:00"},
        "seven_day": {"utilization": 96, "resets_at": "2026-11-28T09:46:00+00:00"},
    }
    cached = {"fetchedAtMs": 1_795_601_520_000, "utilization": utilization}
    (home / ".claude" / ".claude.json").write_text(json.dumps({"cachedUsageUtilization": cached}))
    configure(
        budgets=[
            {"period": "daily", "usd": "0.60"},
            {"period": "weekly", "tokens": 100_000, "project": "shop"},
            {"period": "monthly", "usd": "90"},
        ]
    )


def test_the_screen_at_80_columns(page: Page, project: Path, home: Path, configure: Configure) -> None:
    busy(project, home, configure)
    shown = page("live", "--once")
    assert shown == kept_page("live_80", shown)
    assert max(map(len, shown.splitlines())) <= 80


def test_the_screen_at_40_columns_in_ascii(
    page: Page, project: Path, home: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(project, home, configure)
    monkeypatch.setenv("COLUMNS", "40")
    shown = page("live", "--once", charset="ascii")
    assert shown == kept_page("live_40_ascii", shown)
    assert max(map(len, shown.splitlines())) <= 40


def test_a_day_without_calls_is_not_shown_as_0(page: Page, project: Path, configure: Configure) -> None:
    configure(budgets=[{"period": "daily", "usd": "5"}])
    write(project, response("m1", at="2026-11-24T09:00:00.000Z"))
    shown = page("live", "--once")
    assert shown == kept_page("live_nothing", shown)


def test_without_a_ledger_it_says_how_to_start(page: Page, document: AskJson, ledger: Path) -> None:
    assert page("live", "--once") == "No data recorded\nhint: usage-dashboard setup\n"
    found = document("live", "--once")
    assert (found["totals"]["calls"], found["duration_seconds"], found["last_calls"]) == (0, None, [])
    assert found["burn"] == {"minutes": 10, "tokens_per_minute": 0, "cost_estimate_usd_per_hour": 0.0}
    assert not ledger.exists()


def test_the_document(document: AskJson, project: Path, home: Path, configure: Configure) -> None:
    busy(project, home, configure)
    found = document("live", "--once")
    assert (found["at"], found["window"]["name"]) == ("2026-11-25T10:14:00Z", "day")
    assert (found["totals"]["tasks"], found["totals"]["calls"]) == (2, 7)
    assert found["duration_seconds"] == 10 * 60 + 30
    assert [call["tools"][0]["tool"] for call in found["last_calls"]] == [
        "Edit", "Bash", "Read", "Edit", "Bash",
    ]  # fmt: skip
    assert [(b["period"], b["status"]) for b in found["budgets"]] == [
        ("daily", "WARNING"), ("weekly", "EXCEEDED"), ("monthly", "OK"),
    ]  # fmt: skip
    recent = sum(call["total_tokens"] for call in found["last_calls"]) + 90_000 + 2000 + 10 + 400
    assert found["burn"]["tokens_per_minute"] == recent // 10


def test_the_rate_is_that_of_ten_minutes(document: AskJson, project: Path) -> None:
    for number, clock in enumerate(("10:03:59", "10:04:00", "10:04:01", "10:13:59")):
        lines = response(f"m{number}", spent=usage(0, 10 ** (number + 2)), at=f"2026-11-25T{clock}.000Z")
        write(project, lines, str(number))
    found = document("live", "--once")["burn"]
    assert found["tokens_per_minute"] == (10**4 + 10**5) // 10
    assert found["cost_estimate_usd_per_hour"] == pytest.approx(110_000 * 20e-6 * 6)


def test_a_model_without_a_price_burns_an_unknown_amount(
    document: AskJson, page: Page, project: Path
) -> None:
    write(project, response("m1", at="2026-11-25T10:13:00.000Z", model="glm-5"))
    assert document("live", "--once")["burn"]["cost_estimate_usd_per_hour"] is None
    assert f"11 tokens/min · {numbers.UNKNOWN}/h" in page("live", "--once")


def test_other_windows(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    assert document("live", "--once", "--window", "7D")["totals"]["calls"] == 9
    assert (
        document("live", "--once", "--since", "2026-11-24", "--until", "2026-11-24")["totals"]["calls"] == 2
    )


@pytest.mark.parametrize("width", [40, 61, 80, 100])
def test_it_fits_every_screen(
    project: Path, home: Path, ledger: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    busy(project, home, configure)
    reader = CommandReader()
    reader.sweep_with_progress()
    snapshot = LiveMonitor(reader, reader.window_named("day"), follows=False).snapshot
    for height in (1, 2, 5, *range(10, 60)):
        lines = live_screen.format_screen(snapshot, width, height)
        assert len(lines) == height
        assert max(sum(display_width(text) for text, _ in line) for line in lines) <= width
    whole = "".join(text for line in live_screen.format_screen(snapshot, width, 60) for text, _ in line)
    low = "".join(text for line in live_screen.format_screen(snapshot, width, 24) for text, _ in line)
    assert "cut off" not in low
    assert all(word in whole for word in ("WARNING", "EXCEEDED", "Latest", "q quits"))
    assert all(word in low for word in ("WARNING", "EXCEEDED", "10:14:00"))


def test_what_did_not_change_is_not_read_again(project: Path, ledger: Path, configure: Configure) -> None:
    write(project, response("m1", at="2026-11-25T09:00:00.000Z"))
    reader = CommandReader()
    reader.sweep_with_progress()
    monitor = LiveMonitor(reader, reader.window_named("day"), follows=False)
    monitor.refresh()
    monitor.refresh()
    before = monitor.snapshot
    monitor.refresh()
    assert monitor.snapshot is before
    configure(budgets=[{"period": "daily", "usd": "5"}])
    monitor.refresh()
    assert [state.budget.period for state in monitor.snapshot.states] == ["daily"]
    write(project, response("m2", at="2026-11-25T09:30:00.000Z"), "other")
    sweep(str(ledger), reader.now_us)
    monitor.refresh()
    assert monitor.snapshot.usage.report.totals.calls == 2


def test_midnight_begins_another_day(project: Path, ledger: Path) -> None:
    write(project, response("m1", at="2026-11-25T09:00:00.000Z"))
    reader = CommandReader()
    reader.sweep_with_progress()
    moving = LiveMonitor(reader, reader.window_named("day"), follows=False)
    fixed = LiveMonitor(reader, Window("custom", 0, reader.now_us), follows=False)
    with freeze_time("2026-11-26T00:00:01Z"):
        moving.refresh()
        fixed.refresh()
        assert [m.snapshot.usage.report.totals.calls for m in (moving, fixed)] == [0, 1]
        assert moving.snapshot.usage.window.since_us > reader.now_us


def test_a_ledger_that_is_locked_is_shown_as_it_was(
    project: Path, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(project, response("m1", at="2026-11-25T09:00:00.000Z"))
    reader = CommandReader()
    reader.sweep_with_progress()
    monitor = LiveMonitor(reader, reader.window_named("day"), follows=True)
    monkeypatch.setattr(Follower, "REST", 0)
    monitor.refresh()
    path.write_bytes(path.read_bytes() + packed(response("m2", at="2026-11-25T09:10:00.000Z")))
    other = sqlite3.connect(ledger / "usage.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monitor.refresh()
    assert (monitor.snapshot.lags, monitor.snapshot.usage.report.totals.calls) == (True, 1)
    said = "".join(text for line in live_screen.format_screen(monitor.snapshot, 80, 24) for text, _ in line)
    assert "The ledger cannot be written just now" in said
    other.execute("ROLLBACK")
    other.close()
    monitor.refresh()
    assert (monitor.snapshot.lags, monitor.snapshot.usage.report.totals.calls) == (False, 2)


def test_a_follower_reads_changed_and_new_files(
    project: Path, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Follower, "REST", 0)
    follower = Follower(str(ledger))

    def calls() -> int:
        follower.follow(CommandReader().now_us)
        return read_usage(str(ledger), Window("all", 0), Zone("UTC")).report.totals.calls

    assert (calls(), ledger.exists()) == (0, False)
    path = write(project, response("m1"))
    assert calls() == 1
    path.write_bytes(path.read_bytes() + packed(response("m2")))
    write(project, response("m3", agentId="a1"), subagent="a1")
    assert calls() == 3
    path.unlink()
    assert calls() == 3


@contextmanager
def piped(*words: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A running `live` whose lines can be read; it is ended at the end."""
    environment = {**os.environ, "PYTHONUTF8": "1", **settings}
    with subprocess.Popen(
        [*LIVE, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_in_a_pipe_it_is_a_line_for_each_look_that_follows_what_happens(
    project: Path, configure: Configure
) -> None:
    configure(budgets=[{"period": "daily", "tokens": 1000}])
    path = write(project, response("m1", spent=usage(0, 400), at="2026-11-01T00:00:00.000Z"))
    now = time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime(path.stat().st_mtime)
    )  # the process has no frozen clock
    with piped("--interval", "0.2") as process:
        assert process.stdout
        assert "No data recorded today · Daily budget OK 0%" in process.stdout.readline()
        path.write_bytes(path.read_bytes() + packed(response("m2", spent=usage(0, 2000), at=now)))
        while "EXCEEDED" not in (line := process.stdout.readline()):
            assert line
        assert "2,000 tokens today" in line
        assert "Daily budget EXCEEDED 200%" in line


def test_in_json_it_is_a_document_on_each_line(project: Path) -> None:
    sample_week.write_sessions(project)
    with piped("--json", "--window", "all", "--interval", "0.2") as process:
        assert process.stdout
        found = [json.loads(process.stdout.readline()) for _ in range(3)]
    assert [each["totals"]["calls"] for each in found] == [9, 9, 9]


def test_it_ends_well_when_nobody_reads_any_more(project: Path) -> None:
    sample_week.write_sessions(project)
    with piped("--interval", "0.2") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert (process.wait(30), process.stderr.read()) == (0, "")


def test_an_interval_has_to_be_one(ask: Ask) -> None:
    for text in ("0", "-1", "x", "1e9", "nan"):
        assert ask("live", "--once", "--interval", text).exit_code == 2


def test_it_needs_no_termios(project: Path) -> None:
    sample_week.write_sessions(project)
    script = (
        "import sys; sys.modules['termios'] = sys.modules['tty'] = None;"
        "from usage_dashboard.cli.terminal import fullscreen as screen; assert screen.termios is None;"
        "from usage_dashboard.cli.main import cli; cli(['live', '--once', '--window', 'all'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    assert "1.3M tokens in all" in done.stdout
