"""`sessions` and `session`: the list, and one of them to the last token."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import sample_week
from tests.support.command import Ask, AskJson, Page
from tests.support.kept_pages import kept_page
from tests.support.transcripts import OTHER, response, usage, write

COUNTS = ("input_tokens", "output_tokens", "cache_creation", "cache_read", "cost_estimate_usd")


def test_the_list_begins_with_the_last_one(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    shown = page("sessions")
    assert shown == kept_page("sessions", shown)


def test_the_list_as_json(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    found = document("sessions")
    rows = found["by_session"]
    assert [row["session"] for row in rows] == [sample_week.LATE, sample_week.SITE, sample_week.SHOP]
    assert [(row["project"], row["channel"]) for row in rows] == [
        ("website", "cli"), ("website", "claude-vscode"), ("shop", "cli"),
    ]  # fmt: skip
    assert rows[2]["duration_seconds"] == 41 * 60
    assert sum(row["calls"] for row in rows) == found["totals"]["calls"] == 9


def test_the_list_of_a_window(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    assert len(document("sessions", "--window", "24H")["by_session"]) == 2
    assert len(document("sessions", "--since", "2026-11-25")["by_session"]) == 1


def test_ids_are_as_long_as_it_takes_to_tell_them_apart(page: Page, project: Path) -> None:
    for name in ("aaaaaaaaaaaa1", "aaaaaaaaaaaa2", "bbbbbbbbbbbbbbbb"):
        write(project, response(name, sessionId=name, at="2026-11-25T09:00:00.000Z"), name)
    shown = page("sessions")
    assert [line.split()[0] for line in shown.splitlines()[3:6]] == [
        "aaaaaaaaaaaa1",
        "aaaaaaaaaaaa2",
        "bbbbbbbbbbbbb",
    ]


def crowd(project: Path, outputs: tuple[int, ...], **fields: str) -> None:
    """A session for each of `outputs`, the first of which is the last one to begin."""
    for number, output in enumerate(outputs):
        at, name = f"2026-11-25T09:{59 - number:02}:00.000Z", f"{number:08}-fd95"
        write(project, response(f"m{number}", spent=usage(0, output), at=at, sessionId=name, **fields), name)


def test_a_session_that_took_far_more_than_the_others_is_marked(page: Page, project: Path) -> None:
    crowd(project, (9000, 100, 110, 120, 130, 140, 150, 160, 170))
    shown = page("sessions")
    assert shown == kept_page("sessions_outlier", shown)


def test_the_mark_is_left_at_40_columns(page: Page, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(project, (9000, 100, 110, 120, 130, 140, 150, 160, 170))
    monkeypatch.setenv("COLUMNS", "40")
    shown = page("sessions", charset="ascii")
    assert shown == kept_page("sessions_40_ascii", shown)
    assert max(map(len, shown.splitlines())) <= 40


def test_what_is_far_more_is_three_spreads_of_the_quartiles_above_the_third(
    document: AskJson, project: Path
) -> None:
    # Quartiles 100 and 200 of output at the same price each: all above 200 + 3 * 100 is an outlier.
    crowd(project, (500, 501, 100, 100, 100, 100, 100, 200, 200))
    found = document("sessions")
    assert [row["outlier"] for row in found["by_session"]] == [False, True, *[False] * 7]
    assert found["outliers"]["above"] == found["by_session"][0]["cost_estimate_usd"]
    assert found["outliers"]["measure"] == "cost_estimate_usd"


def test_seven_sessions_say_nothing_about_what_is_usual(document: AskJson, page: Page, project: Path) -> None:
    crowd(project, (90_000, 1, 2, 3, 4, 5, 6))
    found = document("sessions")
    assert {row["outlier"] for row in found["by_session"]} == {None}
    assert found["outliers"]["above"] is None
    assert "outlier" not in page("sessions")


def test_without_all_prices_tokens_are_compared(document: AskJson, page: Page, project: Path) -> None:
    crowd(project, (9000, 100, 110, 120, 130, 140, 150, 160, 170), model="glm-5")
    found = document("sessions")
    assert found["outliers"]["measure"] == "total_tokens"
    assert [row["outlier"] for row in found["by_session"]].count(True) == 1
    assert "Outliers used more than " in page("sessions")


def test_the_averages_per_session_and_project_as_json(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    found = document("sessions")
    site, shop = found["averages"]["by_project"]
    assert (site["project"], site["sessions"], site["calls"]) == ("website", 2, 1.5)
    assert (shop["project"], shop["sessions"], shop["duration_seconds"]) == ("shop", 1, 41 * 60)
    whole = found["averages"]["all"]
    assert whole["total_tokens"] == found["totals"]["total_tokens"] // 3
    assert whole["cost_estimate_usd"] == pytest.approx(found["totals"]["cost_estimate_usd"] / 3)


def test_no_session_has_no_average(document: AskJson) -> None:
    assert document("sessions")["averages"] == {"all": None, "by_project": []}


def test_one_session(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    shown = page("session", "0020")
    assert shown == kept_page("session", shown)
    assert max(map(len, shown.splitlines())) <= 80


def test_the_tools_and_labels_of_a_session_add_up(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    found = document("session", sample_week.SHOP)
    assert found["totals"]["calls"] == 6
    for field in COUNTS:
        assert sum(row[field] for row in found["by_tool"]) == pytest.approx(found["totals"][field], abs=1e-12)
    assert [row["session"] for row in found["by_session"]] == [sample_week.SHOP]


def test_a_session_is_shown_whole_whenever_it_was(document: AskJson, project: Path) -> None:
    for number, day in enumerate(("2026-05-01", "2026-11-24")):
        write(project, response(f"m{number}", spent=usage(output=7), at=f"{day}T09:00:00.000Z"), str(number))
    assert document("session", "last")["totals"]["output_tokens"] == 14


def test_last_is_the_one_that_was_active_last(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    assert document("session", "last")["by_session"][0]["session"] == sample_week.LATE


def test_a_name_that_others_begin_with_is_itself(document: AskJson, project: Path) -> None:
    for name in ("abc", "abcd"):
        write(project, response(name, sessionId=name), name)
    assert document("session", "abc")["by_session"][0]["session"] == "abc"


def test_an_unknown_session(ask: Ask, project: Path) -> None:
    sample_week.write_sessions(project)
    done = ask("session", "zz")
    assert (done.exit_code, done.stdout) == (1, "")
    assert (
        done.stderr
        == "Error: No session's id begins with `zz`\nhint: usage-dashboard sessions --window all\n"
    )


def test_an_ambiguous_beginning(ask: Ask, project: Path) -> None:
    sample_week.write_sessions(project)
    done = ask("session", "00")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: 2 sessions' ids begin with `00`: {sample_week.SITE}, {sample_week.SHOP}\n"
        f"hint: usage-dashboard session {sample_week.SITE}\n"
    )


@pytest.mark.parametrize("asked", ["last", OTHER])
def test_no_session_at_all(ask: Ask, asked: str) -> None:
    done = ask("session", asked)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "Error: No session is recorded\nhint: usage-dashboard setup\n"
