"""`report --filter`: one dimension under any other, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import sample_week
from tests.support.command import Ask, AskJson, Page
from tests.support.kept_pages import kept_page
from usage_dashboard.cli.pages.dimensions import DIMENSIONS


def test_a_report_of_one_tool_says_that_it_is_shares(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    shown = page(
        "report", "--window", "week", "--by", "project", "--filter", "tool=Grep", "--filter", "tool=Bash"
    )
    assert shown == kept_page("report_of_tools", shown)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_dimension_of_one_tool(page: Page, project: Path, dimension: str) -> None:
    sample_week.write_sessions(project)
    shown = page("report", "--window", "week", "--by", dimension, "--filter", "tool=Grep")
    assert shown.count("Only what is attributed to Grep") == 1
    (total,) = (line for line in shown.splitlines() if line.startswith("Total"))
    assert total.split()[1] == "3"


@pytest.mark.parametrize(
    ("words", "calls"),
    [
        (("day=2026-11-24",), 2),
        (("day=2026-11-24", "day=2026-11-23"), 8),
        (("model=Haiku",), 3),
        (("model=Haiku", "day=2026-11-24"), 0),
    ],
)
def test_days_and_families(document: AskJson, project: Path, words: tuple[str, ...], calls: int) -> None:
    sample_week.write_sessions(project)
    filters = [word for pair in words for word in ("--filter", pair)]
    assert document("report", "--window", "all", *filters)["totals"]["calls"] == calls


def test_a_day_is_one_of_the_zone_that_was_asked_for(document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    words = ("report", "--window", "all", "--filter", "day=2026-11-25")
    assert [
        document(*words)["totals"]["calls"],
        document(*words, "--tz", "Asia/Tokyo")["totals"]["calls"],
    ] == [1, 3]


def test_models_are_folded_into_families_on_a_page_only(page: Page, document: AskJson, project: Path) -> None:
    sample_week.write_sessions(project)
    words = ("report", "--window", "week", "--by", "model")
    assert "\nOpus " in page(*words)
    assert "\nclaude-opus-5-5 " in page(*words, "--breakdown")
    assert document(*words) == document(*words, "--breakdown")
    assert [row["model"] for row in document(*words)["by_model"]] == ["claude-opus-5-5", "claude-haiku-5-5"]


def test_servers_are_one_row_where_that_is_asked_for(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    words = ("report", "--window", "week", "--by", "tool", "--fold-servers")
    assert "\ngithub (MCP) " in page(*words)
    assert "\ngithub (MCP) " in page(*words, "--filter", "tool=github (MCP)")


@pytest.mark.parametrize("words", [("day=yesterday",), ("day=2026-02-30",), ("day=20261122",)])
def test_a_day_has_to_be_a_date(ask: Ask, project: Path, ledger: Path, words: tuple[str, ...]) -> None:
    sample_week.write_sessions(project)
    done = ask("report", *(word for pair in words for word in ("--filter", pair)))
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"`{words[0]}` has to be day=DATE, such as day=2026-11-22" in done.stderr
    assert not ledger.exists()


@pytest.mark.usefixtures("lent")
@pytest.mark.parametrize("window", ["month", "7D", "1H"])
def test_what_everything_matches_changes_nothing(document: AskJson, window: str) -> None:
    whole = document("report", "--window", window)
    channels = {row["channel"] for row in document("report", "--window", "all")["by_channel"]}
    filters = [word for channel in sorted(channels) for word in ("--filter", f"channel={channel}")]
    assert document("report", "--window", window, *filters) == whole
    assert whole["by_tool"]
