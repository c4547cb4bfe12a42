"""The page of this week, as a user sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import sample_limits, sample_week
from tests.support.command import Ask, AskJson, Page
from tests.support.kept_pages import kept_page
from tests.support.times import HOUR_US
from tests.support.transcripts import response, usage, write


def test_the_week_at_80_columns(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    shown = page("week")
    assert shown == kept_page("week_80", shown)
    assert max(map(len, shown.splitlines())) <= 80


def test_the_week_at_40_columns(page: Page, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample_week.write_sessions(project)
    monkeypatch.setenv("COLUMNS", "40")
    shown = page("week")
    assert shown == kept_page("week_40", shown)
    assert max(map(len, shown.splitlines())) <= 40


@pytest.mark.parametrize(("columns", "charset"), [(80, "utf-8"), (40, "utf-8"), (80, "ascii")])
def test_the_allowance_comes_first(
    page: Page, project: Path, ledger: Path, monkeypatch: pytest.MonkeyPatch, columns: int, charset: str
) -> None:
    sample_week.write_sessions(project)
    sample_limits.record_weeks(ledger, project)
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = page("week", charset=charset)
    assert shown == kept_page(f"week_allowance_{columns}_{charset}", shown)
    assert max(map(len, shown.splitlines())) <= columns
    assert shown.index("64% used") < shown.index("By model")


def test_the_week_is_that_of_the_observed_reset(
    page: Page, document: AskJson, project: Path, ledger: Path, configure: Callable[..., None]
) -> None:
    configure(weekly_reset={"weekday": "wednesday", "hour": 12, "zone": "UTC"})
    sample_week.write_sessions(project)
    sample_limits.record_percentage(ledger, 64)
    found = document("week")
    assert [limit["used_percent"] for limit in found["limits"]] == [64]
    assert found["window"] == {
        "name": "week",
        "since": "2026-11-20T09:46:00Z",
        "until": "2026-11-27T09:46:00Z",
        "reset_at": "2026-11-27T09:46:00Z",
        "reset_source": "observed",
    }
    assert "resets Fri Nov 27 09:46, in 1d 23h" in " ".join(page("week").split())


def test_an_old_percentage_is_shown_with_its_age(page: Page, project: Path, ledger: Path) -> None:
    sample_week.write_sessions(project)
    sample_limits.record_percentage(ledger, 64, sample_limits.NOW - 30 * HOUR_US)
    assert "from the status line, 1d 6h ago" in page("week")


def test_no_command_is_the_week(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    assert page() == page("week")
    assert page("--json") == page("week", "--json")


def test_one_call(page: Page, project: Path) -> None:
    write(project, response("m1", at="2026-11-25T09:00:00.000Z"))
    shown = page("week")
    assert shown == kept_page("week_one_call", shown)


def test_huge_numbers_and_long_names(page: Page, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        amount = 10 ** (number + 7)
        model = f"claude-opus-5-{number}-with-a-name-that-goes-on-and-on"
        lines = response(
            f"m{number}", spent=usage(amount, amount, read=amount), at="2026-11-25T09:00:00.000Z", model=model
        )
        write(
            project,
            [*lines, *response("paid", spent=usage(10**9, 10**9), at="2026-11-24T01:00:00.000Z")],
            str(number),
        )
    shown = page("week")
    assert shown == kept_page("week_huge", shown)
    assert max(map(len, shown.splitlines())) <= 80


def test_a_week_with_everything_in_it_fits_a_screen(
    page: Page, project: Path, configure: Callable[..., None]
) -> None:
    configure(weekly_reset={"weekday": "wednesday", "hour": 12, "zone": "UTC"})
    for number, model in enumerate(("opus-5-5", "sonnet-5-5", "haiku-5-5", "fable-5-2", "opus-5", "zero-9")):
        lines = response(
            f"m{number}", at="2026-11-24T01:00:00.000Z", model=f"claude-{model}", stop_reason=None
        )
        write(project, lines, str(number))
    shown = page("week")
    assert shown == kept_page("week_full", shown)
    assert len(shown.splitlines()) <= 23


def test_a_high_screen_shows_more(page: Page, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        write(
            project,
            response(f"m{number}", at="2026-11-24T01:00:00.000Z", model=f"claude-{number}"),
            str(number),
        )
    folded = page("week")
    monkeypatch.setenv("LINES", "60")
    assert (" others " in folded, " others " in page("week")) == (True, False)


def test_an_output_that_knows_only_ascii(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    shown = page("week", charset="ascii")
    assert shown == kept_page("week_ascii", shown)
    assert shown.isascii()


def test_a_project_in_japanese_keeps_the_columns_aligned(page: Page, project: Path) -> None:
    lines = response("m1", cwd="/home/dev/日本語のプロジェクト", at="2026-11-25T09:00:00.000Z")
    write(
        project,
        [*lines, *response("m2", at="2026-11-25T09:00:00.000Z", sessionId="other", cwd="/home/dev/shop")],
    )
    shown = page("day")
    assert shown == kept_page("day_wide_characters", shown)
    assert "?" in page("day", charset="latin-1")


def test_a_model_without_a_price_is_unknown_and_not_free(page: Page, project: Path) -> None:
    write(project, response("m1", model="claude-zero-9", at="2026-11-25T09:00:00.000Z"))
    shown = page("week")
    assert shown == kept_page("week_unpriced", shown)
    assert "$" not in shown


def test_a_month_by_its_weeks(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    write(project, response("old", at="2026-11-01T12:00:00.000Z"), "old")
    shown = page("month")
    assert shown == kept_page("month", shown)


def test_the_day_begins_at_midnight_of_the_users_zone(
    document: AskJson, project: Path, configure: Callable[..., None]
) -> None:
    write(project, response("m1", at="2026-11-25T01:00:00.000Z"))
    assert document("day")["totals"]["calls"] == 1
    configure(timezone="America/New_York")
    found = document("day")
    assert found["totals"]["calls"] == 0
    assert found["window"] == {
        "name": "day",
        "since": "2026-11-25T05:00:00Z",
        "until": "2026-11-26T05:00:00Z",
        "reset_at": "2026-11-26T05:00:00Z",
        "reset_source": "calendar",
    }


def test_the_configured_reset_in_the_users_zone(
    page: Page, project: Path, configure: Callable[..., None]
) -> None:
    reset = {"weekday": "tuesday", "hour": 9, "minute": 46, "zone": "Europe/Berlin"}
    configure(timezone="America/New_York", weekly_reset=reset)
    sample_week.write_sessions(project)
    shown = page("week")
    assert "Nov 24 \u2013 Dec 1 · resets Tue Dec 1 03:46, in 5d 22h · configured" in shown
    assert "\n  Tue 24 " in shown
    assert "\n  Wed 25 " in shown
    assert "Mon 23" not in shown


def test_a_week_without_calls_is_not_shown_as_zero(page: Page, project: Path) -> None:
    write(project, response("m1", at="2026-11-18T09:00:00.000Z"))
    shown = page("week")
    assert shown == kept_page("week_without_calls", shown)


@pytest.mark.parametrize("command", ["week", "day", "month", "report", "sessions"])
def test_without_a_ledger_a_page_says_how_to_start(ask: Ask, ledger: Path, command: str) -> None:
    done = ask(command)
    assert (done.exit_code, done.stdout) == (0, "No data recorded\nhint: usage-dashboard setup\n")
    assert not ledger.exists()


@pytest.mark.parametrize("ledger_exists", [True, False])
def test_after_setup_without_calls_nothing_suggests_setup(
    page: Page, project: Path, configure: Callable[..., None], ledger_exists: bool
) -> None:
    configure(roots=["/home/dev/.claude"])
    for name in ["new.jsonl"] * ledger_exists:
        (project / name).write_text("")
    assert page("week").splitlines() == [
        "No data recorded yet",
        "hint: `usage-dashboard doctor` tells whether the next session will be recorded",
    ]


@pytest.mark.parametrize("command", ["week", "day", "month", "report", "sessions"])
def test_without_a_ledger_json_has_zeros(document: AskJson, ledger: Path, command: str) -> None:
    totals = document(command)["totals"]
    assert (totals["calls"], totals["total_tokens"], totals["cost_estimate_usd"]) == (0, 0, 0)
    assert not ledger.exists()


def test_a_page_can_be_had_without_reading_what_is_new(page: Page, project: Path) -> None:
    write(project, response("m1", at="2026-11-25T09:00:00.000Z"))
    page("week")
    write(project, response("m2", at="2026-11-25T09:00:00.000Z"), "new")
    before = page("week", "--no-sweep")
    assert before.startswith("110 tokens this week  1 call ")
    assert before == page("week", "--no-sweep") != page("week")


def test_rows_that_are_gone_make_the_edge_of_the_window_approximate(
    page: Page, project: Path, configure: Callable[..., None]
) -> None:
    reset = {"weekday": "tuesday", "hour": 9, "minute": 46, "zone": "UTC"}
    configure(weekly_reset=reset, retention_days=1)
    write(project, response("m1", at="2026-11-24T09:46:30.000Z"))
    shown = " ".join(page("week").split())
    assert "The first quarter-hour is counted in full, since its single calls are no longer kept" in shown
