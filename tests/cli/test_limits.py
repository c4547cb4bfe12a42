"""`limits`: how much of each allowance is used, from where that is known, and past weeks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import sample_limits
from tests.support.command import Ask, AskJson, Page
from tests.support.hook_scene import stamp
from tests.support.kept_pages import kept_page
from tests.support.ledger_rows import rows
from tests.support.sample_limits import BEFORE, NOW, RESET, record_percentage, write_usage
from tests.support.times import DAY_US, HOUR_US, WEEK_US
from tests.support.transcripts import SESSION, packed, response, usage

LIMIT = [
    "window", "used_percent", "resets_at", "source", "age_seconds", "level", "pace", "projected_percent",
    "projected_range", "reached_at",
]  # fmt: skip
PAST = [
    "window", "resets_at", "highest_percent", "drift_seconds", "early_resets", "climbed_percent", "tokens",
    "cost_estimate_usd", "tokens_per_percent",
]  # fmt: skip


def hits(project: Path, *times: int) -> None:
    """Have requests refused because the week is used up."""
    lines = []
    for at_us in times:
        line = response(f"synthetic{at_us}", at=stamp(at_us), model="<synthetic>", spent=usage(0, 0))[0]
        line |= {"isApiErrorMessage": True, "apiErrorStatus": 429, "apiError": "usage_limit_reached"}
        lines.append(line | {"quotaLimits": {"rateLimitType": "seven_day"}})
    (project / f"{SESSION}.jsonl").write_bytes(packed(lines))


def test_the_page_at_80_columns(page: Page, ledger: Path, project: Path) -> None:
    sample_limits.record_weeks(ledger, project)
    hits(project, BEFORE - DAY_US, BEFORE - HOUR_US, NOW - DAY_US)
    shown = page("limits")
    assert shown == kept_page("limits_80", shown)
    assert max(map(len, shown.splitlines())) <= 80


def test_the_page_at_40_columns(
    page: Page, ledger: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample_limits.record_weeks(ledger, project)
    hits(project, BEFORE - DAY_US, BEFORE - HOUR_US, NOW - DAY_US)
    monkeypatch.setenv("COLUMNS", "40")
    shown = page("limits")
    assert shown == kept_page("limits_40", shown)
    assert max(map(len, shown.splitlines())) <= 40


def test_an_output_that_knows_only_ascii(page: Page, ledger: Path, project: Path) -> None:
    sample_limits.record_weeks(ledger, project)
    shown = page("limits", charset="ascii")
    assert shown == kept_page("limits_ascii", shown)
    assert shown.isascii()


def test_the_document_has_exactly_these_keys(document: AskJson, ledger: Path, project: Path) -> None:
    sample_limits.record_weeks(ledger, project)
    hits(project, NOW - DAY_US)
    found = document("limits")
    assert list(found) == ["version", "limits", "history", "hits"]
    assert [list(limit) for limit in found["limits"]] == [LIMIT, LIMIT]
    assert [list(week) for series in found["history"] for week in series] == [PAST, PAST]
    assert found["hits"] == [{"at": "2026-11-24T10:14:00Z", "window": "seven_day"}]


def test_the_limits_in_the_document(document: AskJson, ledger: Path, project: Path) -> None:
    sample_limits.record_weeks(ledger, project)
    block, week = document("limits")["limits"]
    assert block == {
        "window": "five_hour",
        "used_percent": 37.5,
        "resets_at": "2026-11-25T11:14:00Z",
        "source": "statusline",
        "age_seconds": 240,
        "level": "green",
        "pace": 0.477,
        "projected_percent": 47.7,
        "projected_range": None,
        "reached_at": None,
    }
    assert (week["used_percent"], week["level"], week["pace"]) == (64, "yellow", 0.893)
    assert (week["projected_percent"], week["projected_range"]) == (89.3, None)


def test_past_weeks_have_their_resets_their_drift_and_what_a_percent_took(
    document: AskJson, ledger: Path, project: Path
) -> None:
    sample_limits.record_weeks(ledger, project)
    (series,) = document("limits")["history"]
    assert series == [
        {
            "window": "seven_day",
            "resets_at": "2026-11-20T07:46:00Z",
            "highest_percent": 62,
            "drift_seconds": None,
            "early_resets": ["2026-11-17T07:46:00Z"],
            "climbed_percent": 25,
            "tokens": 50_000,
            "cost_estimate_usd": 1.0,
            "tokens_per_percent": 2000,
        },
        {
            "window": "seven_day",
            "resets_at": "2026-11-27T09:46:00Z",
            "highest_percent": 64,
            "drift_seconds": 7200,
            "early_resets": [],
            "climbed_percent": 60,
            "tokens": 600_000,
            "cost_estimate_usd": 12.0,
            "tokens_per_percent": 10_000,
        },
    ]


def test_past_weeks_give_the_projection_a_range(document: AskJson, ledger: Path, project: Path) -> None:
    record_percentage(ledger, 40, RESET - WEEK_US // 2)
    for week, shares in ((1, (80, 20)), (2, (50, 50)), (3, (0, 0))):
        for half, thousands in enumerate(shares):
            at_us = RESET - (week + 1) * WEEK_US + half * WEEK_US // 2 + HOUR_US
            write_usage(project, thousands * 1000, at_us)
    (limit,) = document("limits")["limits"]
    assert (limit["projected_percent"], limit["projected_range"]) == (80, [50, 80])


def test_an_estimate_of_the_users_own_cap_is_called_one(
    page: Page, document: AskJson, project: Path, configure: Callable[..., None]
) -> None:
    configure(usage_threshold_tokens=200_000)
    write_usage(project, 100_000, NOW - HOUR_US)
    (limit,) = document("limits")["limits"]
    assert (limit["window"], limit["used_percent"], limit["source"]) == ("seven_day", 50, "estimate")
    assert (limit["age_seconds"], limit["resets_at"]) == (0, "2026-11-30T00:00:00Z")
    shown = page("limits")
    assert shown == kept_page("limits_estimate", shown)


@pytest.mark.parametrize(
    ("budget", "percent"),
    [
        ({"period": "weekly", "tokens": 400_000}, 25),
        ({"period": "weekly", "usd": "4"}, 50),
        ({"period": "weekly", "tokens": 400_000, "kinds": ["input"]}, 0),
        ({"period": "daily", "tokens": 400_000}, None),
        ({"period": "weekly", "tokens": 400_000, "project": "shop"}, None),
        ({"period": "weekly", "tokens": 400_000, "model": "opus"}, None),
    ],
    ids=repr,
)
def test_a_weekly_budget_of_all_usage_is_such_a_cap(
    document: AskJson, project: Path, configure: Callable[..., None], budget: Any, percent: float | None
) -> None:
    configure(budgets=[budget])
    write_usage(project, 100_000, NOW - HOUR_US)
    found = [limit["used_percent"] for limit in document("limits")["limits"]]
    assert found == ([] if percent is None else [percent])


def test_where_an_official_percentage_is_known_there_is_no_estimate(
    document: AskJson, ledger: Path, project: Path, configure: Callable[..., None]
) -> None:
    configure(usage_threshold_tokens=200_000)
    write_usage(project, 100_000, NOW - HOUR_US)
    record_percentage(ledger, 10, NOW, NOW + HOUR_US, "five_hour")
    assert [limit["source"] for limit in document("limits")["limits"]] == ["statusline", "estimate"]
    record_percentage(ledger, 10)
    assert [limit["source"] for limit in document("limits")["limits"]] == ["statusline", "statusline"]


def test_without_any_percentage_the_page_says_so_and_how_to_ask(page: Page, project: Path) -> None:
    expected = "No official percentage is known\nhint: usage-dashboard limits --refresh\n"
    assert page("limits") == expected
    write_usage(project, 100_000, NOW - HOUR_US)
    assert page("limits") == expected


def test_without_a_ledger_the_document_is_empty_and_none_is_made(document: AskJson, ledger: Path) -> None:
    assert document("limits") == {"version": 1, "limits": [], "history": [], "hits": []}
    assert not ledger.exists()


def test_a_window_that_is_over_is_history_and_not_zero(page: Page, document: AskJson, ledger: Path) -> None:
    record_percentage(ledger, 62, NOW - DAY_US, NOW - HOUR_US)
    found = document("limits")
    assert (found["limits"], [week["highest_percent"] for week in found["history"][0]]) == ([], [62])
    assert page("limits").startswith("No official percentage is known\n")


def test_accounts_are_not_merged(page: Page, document: AskJson, ledger: Path) -> None:
    record_percentage(ledger, 90, NOW - DAY_US, RESET + 3 * DAY_US)
    record_percentage(ledger, 20)
    found = document("limits")
    assert [[week["highest_percent"] for week in series] for series in found["history"]] == [[20], [90]]
    shown = page("limits")
    assert shown == kept_page("limits_accounts", shown)


def test_what_the_client_has_kept_is_shown_with_its_age(
    page: Page, ledger: Path, home: Path, project: Path
) -> None:
    write_usage(project, 10, NOW)
    page("import")
    week = {"utilization": 33, "resets_at": "2026-11-27T09:46:00Z"}
    cache = {"fetchedAtMs": (NOW - 3 * HOUR_US) // 1000, "utilization": {"seven_day": week}}
    (home / ".claude.json").write_text(json.dumps({"cachedUsageUtilization": cache}))
    shown = page("limits")
    assert "33% used" in shown
    assert "as Claude Code kept it, 3h 0m ago" in " ".join(shown.split())


def test_asked_for_the_client_tells_and_an_unchanged_percentage_is_fresh_again(
    document: AskJson, ledger: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = home / "bin" / "claude"
    client.parent.mkdir()
    client.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo 2.1.330 || echo "Current week (all models): 62% used"\n'
    )
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{client.parent}:{os.environ['PATH']}")
    record_percentage(ledger, 62, NOW - HOUR_US, 0, source="cached")
    (limit,) = document("limits", "--refresh")["limits"]
    assert (limit["used_percent"], limit["source"], limit["age_seconds"]) == (62, "usage-command", 0)
    assert rows(ledger, "SELECT COUNT(*) FROM quota") == [(1,)]


def test_without_a_client_to_ask_it_says_so(ask: Ask, monkeypatch: pytest.MonkeyPatch, ledger: Path) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    done = ask("limits", "--refresh")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[0] == "Error: There is no `claude` to ask on the PATH"
    assert not ledger.exists()


def test_a_zone_that_does_not_exist_is_an_error_with_a_hint(
    ask: Ask, project: Path, configure: Callable[..., None]
) -> None:
    configure(usage_threshold_tokens=10, weekly_reset={"weekday": "monday", "zone": "Nowhere/Here"})
    write_usage(project, 10, NOW)
    for command in ("limits", "week"):
        done = ask(command)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr.startswith("Error: The setting `weekly_reset` names no known time zone\nhint: ")
