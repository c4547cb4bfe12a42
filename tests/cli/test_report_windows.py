"""Windows before the present one, other zones, and what changed since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import sample_week
from tests.support.command import Ask, AskJson, Page
from tests.support.kept_pages import kept_page
from tests.support.transcripts import response, tool_use, usage, write
from usage_dashboard.cli.pages.dimensions import DIMENSIONS

LISTS = [f"by_{dimension}" for dimension in DIMENSIONS]


@pytest.fixture
def fortnight(project: Path) -> None:
    """This week's sessions, and last week's: Monday, Wednesday before and after 10:14, and Friday."""
    sample_week.write_sessions(project)
    for number, (at, output) in enumerate(
        [("16T09:00", 100), ("18T10:00", 200), ("18T10:30", 400), ("20T09:00", 800)]
    ):
        lines = response(
            f"p{number}", tool_use(f"tp{number}"), spent=usage(1, output), at=f"2026-11-{at}:00.000Z"
        )
        write(project, lines, f"past-{number}")
    gone = response("g1", spent=usage(0, 50), model="claude-sonnet-5-5", at="2026-11-16T09:00:00.000Z")
    write(project, gone, "gone")


@pytest.mark.parametrize(
    ("words", "since", "until", "calls"),
    [
        (("week", "--last", "1"), "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z", 5),
        (("week", "--last", "2"), "2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z", 0),
        (("day", "--last", "1"), "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z", 2),
        (("day", "--last", "7"), "2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z", 2),
        (("month", "--last", "1"), "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", 0),
        (("report", "--last", "1"), "2026-11-23T10:14:00Z", "2026-11-24T10:14:00Z", 0),
        (("report", "--window", "3D", "--last", "2"), "2026-11-16T10:14:00Z", "2026-11-19T10:14:00Z", 2),
        (("report", "--window", "5h", "--last", "1"), "2026-11-24T16:15:00Z", "2026-11-24T21:15:00Z", 2),
        (("sessions", "--window", "week", "--last", "1"), "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z", 5),
        (
            ("week", "--since", "2026-11-18", "--until", "2026-11-20"),
            "2026-11-18T00:00:00Z", "2026-11-21T00:00:00Z", 3,
        ),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("fortnight")
def test_a_window_before_the_present_one(
    document: AskJson, words: tuple[str, ...], since: str, until: str, calls: int
) -> None:
    found = document(*words)
    assert (found["window"]["since"], found["window"]["until"]) == (since, until)
    assert found["totals"]["calls"] == calls


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("week", "--last", "1"), "tokens last week "),
        (("day", "--last", "1"), "tokens yesterday "),
        (("day", "--last", "7"), "tokens on Nov 18, 2026 "),
        (("report", "--window", "3D", "--last", "2"), "since Nov 16, 2026 10:14 until Nov 19, 2026 10:14"),
        (("month", "--since", "2026-11-18", "--until", "2026-11-20"), "since Nov 18, 2026 through Nov 20,"),
        (("month", "--last", "1"), "No data recorded last month\n"),
        (("report", "--window", "5h"), "tokens in the 5-hour block 10:00 \u2013 15:00 "),
        (("report", "--window", "5h", "--last", "1"), "since Nov 24, 2026 16:15 until Nov 24, 2026 21:15"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("fortnight")
def test_a_window_before_the_present_one_in_words(page: Page, words: tuple[str, ...], said: str) -> None:
    assert said in page(*words)


@pytest.mark.usefixtures("fortnight")
def test_the_page_of_last_week(page: Page) -> None:
    shown = page("week", "--last", "1")
    assert shown == kept_page("week_last", shown)


@pytest.mark.usefixtures("fortnight")
def test_going_back_before_all_time_ends_there(document: AskJson) -> None:
    assert document("week", "--last", "9999")["totals"]["calls"] == 0


def test_another_zone_for_one_call(document: AskJson, project: Path, configure: Callable[..., None]) -> None:
    configure(timezone="America/New_York")
    write(project, response("m1", at="2026-11-25T01:00:00.000Z"))
    found = document("day", "--tz", "Asia/Tokyo")
    assert found["window"]["since"] == "2026-11-24T15:00:00Z"
    assert [row["day"] for row in found["by_day"]] == ["2026-11-25"]
    assert document("day")["totals"]["calls"] == 0
    assert document("report", "--since", "2026-11-25", "--tz", "Asia/Tokyo")["totals"]["calls"] == 1


@pytest.mark.usefixtures("fortnight")
def test_a_running_week_is_compared_with_the_same_part_of_the_last(document: AskJson) -> None:
    compare = document("week", "--compare")["compare"]
    assert compare["window"]["since"] == "2026-11-16T00:00:00Z"
    assert compare["window"]["until"] == "2026-11-18T10:14:00Z"
    assert (compare["totals"]["calls"], compare["totals"]["output_tokens"]) == (3, 350)


@pytest.mark.parametrize(
    ("words", "since", "until"),
    [
        (("report",), "2026-11-23T10:14:00Z", "2026-11-24T10:14:00Z"),
        (("report", "--since", "2026-11-24"), "2026-11-22T13:46:00Z", "2026-11-24T00:00:00Z"),
        (
            ("report", "--since", "2026-11-20", "--until", "2026-11-21"),
            "2026-11-18T00:00:00Z", "2026-11-20T00:00:00Z",
        ),
        (("week", "--last", "1"), "2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z"),
        (("day",), "2026-11-24T00:00:00Z", "2026-11-24T10:14:00Z"),
        (("month",), "2026-10-01T00:00:00Z", "2026-10-25T10:14:00Z"),
        (("report", "--window", "5h"), "2026-11-24T16:15:00Z", "2026-11-24T16:29:00Z"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("fortnight")
def test_what_a_window_is_compared_with(
    document: AskJson, words: tuple[str, ...], since: str, until: str
) -> None:
    window = document(*words, "--compare")["compare"]["window"]
    assert (window["since"], window["until"]) == (since, until)


@pytest.mark.parametrize("words", [("week",), ("report", "--window", "week", "--filter", "tool=Bash")])
@pytest.mark.usefixtures("fortnight")
def test_the_changes_are_the_differences_and_add_up(document: AskJson, words: tuple[str, ...]) -> None:
    now = document(*words, "--compare")
    before, change = now["compare"]["totals"], now["compare"]["change"]
    for field in ("total_tokens", "calls", "cost_estimate_usd"):
        assert change[field] == pytest.approx(now["totals"][field] - before[field], abs=1e-12)
        for name in LISTS:
            assert sum(row[field] for row in change[name]) == pytest.approx(change[field], abs=1e-12), name


@pytest.mark.usefixtures("fortnight")
def test_a_row_that_is_gone_and_a_row_that_is_new_have_their_changes(document: AskJson) -> None:
    change = document("week", "--compare")["compare"]["change"]
    models = {row["model"]: row["total_tokens"] for row in change["by_model"]}
    assert models["claude-sonnet-5-5"] == -50
    assert models["claude-haiku-5-5"] == 17_775
    assert change["by_agent"][0].keys() == {
        "name",
        "type",
        "model",
        "total_tokens",
        "calls",
        "cost_estimate_usd",
    }


@pytest.mark.usefixtures("fortnight")
def test_days_are_compared_with_those_as_far_into_their_week(document: AskJson) -> None:
    days = {row["day"]: row["calls"] for row in document("week", "--compare")["compare"]["change"]["by_day"]}
    assert days == {"2026-11-23": 6 - 2, "2026-11-24": 2, "2026-11-25": 1 - 1}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("week_compared", ("week", "--compare")),
        ("report_compared", ("report", "--window", "week", "--compare")),
        ("report_compared_by_session", ("report", "--window", "week", "--compare", "--by", "session")),
        ("report_compared_by_tool", ("report", "--window", "week", "--compare", "--by", "tool")),
    ],
)
@pytest.mark.usefixtures("fortnight")
def test_a_page_with_changes(page: Page, name: str, words: tuple[str, ...]) -> None:
    shown = page(*words)
    assert shown == kept_page(name, shown)


@pytest.mark.usefixtures("fortnight")
def test_changes_at_40_columns(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    shown = page("report", "--window", "week", "--compare")
    assert shown == kept_page("report_compared_40", shown)
    assert max(map(len, shown.splitlines())) <= 40


def test_nothing_before_to_compare_with(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    shown = " ".join(page("week", "--compare").split())
    assert "Nothing to compare with: no data recorded Mon Nov 16 00:00 \u2013 Wed Nov 18 10:14" in shown


def test_a_cost_that_is_not_known_has_no_change(document: AskJson, page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    write(project, response("z1", model="claude-zero-9", at="2026-11-16T09:00:00.000Z"), "past")
    change: dict[str, Any] = document("week", "--compare")["compare"]["change"]
    assert change["cost_estimate_usd"] is None
    assert "tokens (+1,223,547%), +8 calls, cost unknown" in " ".join(page("week", "--compare").split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("report", "--last", "0"), "`0` has to be a number from 1 to 9999"),
        (("report", "--window", "all", "--last", "1"), "--last does not go with --window all"),
        (("week", "--last", "1", "--since", "2026-11-01"), "--last does not go with --since and --until"),
        (("report", "--window", "all", "--compare"), "--compare needs a window with a beginning"),
        (("report", "--until", "2026-11-20", "--compare"), "--compare needs a window with a beginning"),
        (("day", "--tz", "Nowhere/Here"), "`Nowhere/Here` has to be a time zone such as Europe/Berlin"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("fortnight")
def test_what_cannot_be_asked_for(ask: Ask, words: tuple[str, ...], said: str) -> None:
    done = ask(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
