"""`report`: one JSON shape whose lists add up, tables of it, windows and filters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import sample_week
from tests.support.command import Ask, AskJson, Page
from tests.support.kept_pages import kept_page
from tests.support.transcripts import response, write
from usage_dashboard.cli.pages.dimensions import DIMENSIONS

TOKENS = (
    "total_tokens",
    "input_tokens",
    "output_tokens",
    "cache_creation",
    "cache_creation_1h",
    "cache_read",
    "thinking_tokens",
    "web_searches",
)
ROW = ("calls", *TOKENS, "cost_estimate_usd")
SHAPE = {
    "version": 1,
    "window": ["name", "since", "until", "reset_at", "reset_source"],
    "totals": [
        "tasks", "turns", *ROW, "cache_savings_usd", "background", "background_unknown_sessions",
        "cache_hit_rate", "incomplete_calls", "unpriced_models",
    ],
    "limits": [],
    "by_model": ["model", "tasks", *ROW, "cache_hit_rate"],
    "by_agent": ["name", "type", "model", "tasks", "turns", *ROW],
    "by_day": ["day", "tasks", "turns", *ROW],
    "by_project": ["project", "tasks", *ROW, "cache_hit_rate"],
    "by_channel": ["channel", "tasks", *ROW],
    "by_tool": ["tool", *ROW, "tool_calls", "failed", "median_ms", "server"],
    "by_session": ["session", *ROW, "started", "ended", "duration_seconds"],
}  # fmt: skip


def shape(value: Any) -> Any:
    """The keys of an object, those of the rows of a list, or the value itself."""
    if isinstance(value, list):
        return list(value[0]) if value else []
    return list(value) if isinstance(value, dict) else value


def test_the_document_has_exactly_these_keys(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    found = document("report", "--window", "all")
    assert {key: shape(value) for key, value in found.items()} == SHAPE
    assert list(found) == list(SHAPE)
    assert list(found["totals"]["background"]) == [*TOKENS, "calls_lower_bound"]


def test_days_models_projects_and_channels_count_their_sessions(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    found = document("report", "--window", "all")
    by_day = {row["day"]: (row["tasks"], row["turns"]) for row in found["by_day"]}
    for day, counted in by_day.items():
        totals = document("report", "--since", day, "--until", day)["totals"]
        assert counted == (totals["tasks"], totals["turns"])
    assert sum(turns for _, turns in by_day.values()) == found["totals"]["turns"]
    for name in ("model", "project", "channel"):
        for row in found[f"by_{name}"]:
            only = document("report", "--window", "all", "--filter", f"{name}={row[name]}")["totals"]
            assert row["tasks"] == only["tasks"] > 0


def test_the_rows_of_every_list_have_the_same_keys(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    found = document("report", "--window", "all")
    for key in (key for key in SHAPE if key.startswith("by_")):
        assert {tuple(row) for row in found[key]} == {tuple(shape(found[key]))}


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_list_adds_up_to_the_totals(document: AskJson, project: Path, dimension: str) -> None:
    sample_week.write_sessions(project)
    found = document("report", "--window", "all")
    for field in ("calls", *TOKENS):
        assert sum(row[field] for row in found[f"by_{dimension}"]) == found["totals"][field], field
    costs = sum(row["cost_estimate_usd"] for row in found[f"by_{dimension}"])
    assert costs == pytest.approx(found["totals"]["cost_estimate_usd"], abs=1e-12)


def test_the_totals_are_those_of_the_transcripts(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    totals = document("report", "--window", "all")["totals"]
    assert [totals[name] for name in ("tasks", "turns", "calls", "incomplete_calls")] == [3, 6, 9, 1]
    assert [totals[name] for name in TOKENS] == [1_346_012, 52, 5660, 81_000, 4000, 1_259_300, 500, 0]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_json_is_the_same_whatever_the_rows(page: Page, project: Path, dimension: str) -> None:
    sample_week.write_sessions(project)
    assert page("report", "--json", "--by", dimension) == page("report", "--json")


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_table_of_each_dimension(page: Page, project: Path, dimension: str) -> None:
    sample_week.write_sessions(project)
    shown = page("report", "--window", "week", "--by", dimension)
    assert shown == kept_page(f"report_by_{dimension}", shown)
    assert max(map(len, shown.splitlines())) <= 80


def test_the_last_24_hours_are_the_default(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    found = document("report")
    assert found["window"]["name"] == "24H"
    assert [row["session"] for row in found["by_session"]] == [sample_week.LATE, sample_week.SITE]


@pytest.mark.parametrize(
    ("words", "calls"),
    [
        (("--window", "1h"), 1),
        (("--window", "1H"), 1),
        (("--window", "3D"), 9),
        (("--window", "day"), 1),
        (("--since", "2026-11-24"), 3),
        (("--since", "2026-11-24", "--until", "2026-11-24"), 2),
        (("--until", "2026-11-23"), 6),
        (("--since", "2026-11-24T16:20:00Z", "--until", "2026-11-24T16:20:01Z"), 1),
        (("--since", "2026-11-24T17:20:00+01:00", "--until", "2026-11-24T18:00"), 1),
        (("--since", "2026-11-24T16:20:01"), 2),
        (("--since", "0001-01-01"), 9),
    ],
)
def test_a_stretch_of_time(document: AskJson, project: Path, words: tuple[str, ...], calls: int) -> None:
    sample_week.write_sessions(project)
    assert document("report", *words)["totals"]["calls"] == calls


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "2026-11-01", "--until", "2026-11-24"), "since Nov 1, 2026 through Nov 24, 2026"),
        (("--since", "2026-11-24", "--until", "2026-11-24"), "on Nov 24, 2026"),
        (("--until", "2026-11-24T17:00"), "until Nov 24, 2026 17:00"),
        (("--since", "2026-11-24T16:00"), "since Nov 24, 2026 16:00"),
        (("--window", "12H"), "in the last 12 hours"),
        (("--window", "all"), "in all"),
    ],
)
def test_a_stretch_of_time_in_words(page: Page, project: Path, words: tuple[str, ...], said: str) -> None:
    sample_week.write_sessions(project)
    assert f"tokens {said}  " in page("report", *words).splitlines()[0]


@pytest.mark.parametrize(
    ("filters", "calls"),
    [
        (("project=shop",), 6),
        (("project=shop", "project=website"), 9),
        (("project=shop", "model=haiku"), 3),
        (("model=claude-opus-5-5",), 6),
        (("agent=Explore",), 3),
        (("channel=claude-vscode",), 2),
        (("session=0031",), 2),
        (("project=nothing",), 0),
    ],
)
def test_filters(document: AskJson, project: Path, filters: tuple[str, ...], calls: int) -> None:
    sample_week.write_sessions(project)
    words = [word for pair in filters for word in ("--filter", pair)]
    found = document("report", "--window", "all", *words)
    assert found["totals"]["calls"] == calls
    for key in (key for key in SHAPE if key.startswith("by_")):
        assert sum(row["total_tokens"] for row in found[key]) == found["totals"]["total_tokens"], key


def test_nothing_in_the_window(page: Page, project: Path) -> None:
    write(project, response("m1", at="2026-11-18T09:00:00.000Z"))
    assert (
        page("report") == "No data recorded in the last 24 hours\nhint: usage-dashboard report --window all\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--window", "2H"), "`2H` has to be one of 1H, 3H, 6H"),
        (("--by", "color"), "'color' is not one of 'model', 'agent'"),
        (("--since", "yesterday"), "`yesterday` has to be a date such as 2026-11-22"),
        (("--until", "9999-12-31"), "`9999-12-31` has to be a date"),
        (("--since", "2026-11-24", "--until", "2026-11-23"), "--until has to be later than --since"),
        (("--window", "day", "--since", "2026-11-24"), "--window does not go with --since and --until"),
        (("--filter", "shop"), "`shop` has to be KEY=VALUE with one of project, model"),
        (("--filter", "color=red"), "`color=red` has to be KEY=VALUE with one of project, model"),
    ],
)
def test_a_usage_error_ends_with_2_and_reads_nothing(
    ask: Ask, project: Path, ledger: Path, words: tuple[str, ...], said: str
) -> None:
    sample_week.write_sessions(project)
    done = ask("report", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert not ledger.exists()
