"""Budgets in numbers: what counts, how much is left, its status, and its projection."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dashboard.aggregator import Totals
from usage_dashboard.config import checks
from usage_dashboard.config.settings import Settings
from usage_dashboard.limits.budget import (
    VARIABLES,
    Budget,
    BudgetState,
    configured_budgets,
    unusable_variable,
)
from usage_dashboard.model.windows import Window, Zone, resolve_window

if TYPE_CHECKING:
    from usage_dashboard.model.windows import WeeklyReset

LEVELS = [50, 80, 95]
BERLIN = Zone("Europe/Berlin")
RESET: WeeklyReset = {"weekday": "tuesday", "hour": 9, "minute": 46, "zone": "Europe/Berlin"}
HOUR_US = 3_600_000_000


def at(stamp: str) -> int:
    """UTC microseconds of an ISO 8601 time with an offset."""
    return int(datetime.fromisoformat(stamp).timestamp()) * 1_000_000


def spent(tokens: int = 0, nusd: int = 0, unpriced: int = 0) -> Totals:
    found = Totals()
    found.output, found.cost_nusd, found.unpriced = tokens, nusd, unpriced
    return found


def state(used: int, limit: int, window: Window | None = None, **more: Any) -> BudgetState:
    """A budget in tokens of which `used` are used."""
    entry = {"period": "weekly", "tokens": limit, **more}
    return BudgetState(Budget(entry), window or Window("week", 0, 7 * 24 * HOUR_US), spent(used))


def settings(entries: list[dict[str, object]]) -> Settings:
    return Settings({"budgets": entries})


def bucket(project: str, model: str) -> Any:
    return (0, "session", project, "cli", 0, "", model, *(0,) * 14)


def scopes(found: list[Budget]) -> list[tuple[str, str, str, int, str]]:
    return [(*cap.scope, cap.limit, cap.variable) for cap in found]


@pytest.mark.parametrize(
    ("used", "warn", "status"),
    [(0, 80, "OK"), (799, 80, "OK"), (800, 80, "WARNING"), (999, 80, "WARNING"), (1000, 80, "WARNING"),
     (1001, 80, "EXCEEDED"), (5000, 80, "EXCEEDED"), (200, 20, "WARNING"), (999, 100, "OK"),
     (1000, 100, "WARNING"), (1001, 100, "EXCEEDED")],
)  # fmt: skip
def test_a_budget_warns_from_its_percentage_and_is_exceeded_once_more_than_all_is_used(
    used: int, warn: int, status: str
) -> None:
    assert state(used, 1000, warn_percent=warn).status == status


def test_what_is_used_beyond_the_limit_remains_below_zero() -> None:
    over = state(1500, 1000)
    assert (over.remaining, over.percent) == (-500, 150.0)


@given(st.integers(0, 10**16), st.integers(1, 10**15), st.integers(1, 100))
def test_used_and_remaining_are_the_limit_and_a_grave_status_has_no_calm_level(
    used: int, limit: int, warn: int
) -> None:
    found = state(used, limit, warn_percent=warn)
    assert found.used + found.remaining == limit
    assert found.level(LEVELS) >= {"OK": 0, "WARNING": 2, "EXCEEDED": 3}[found.status]


@pytest.mark.parametrize(
    ("used", "level"), [(49, 0), (50, 1), (79, 1), (80, 2), (95, 2), (96, 3), (100, 3), (120, 3)]
)
def test_levels_are_those_of_the_settings(used: int, level: int) -> None:
    assert state(used, 100).level(LEVELS) == level


def test_a_cost_without_some_calls_is_a_lower_bound_and_tokens_never_are() -> None:
    window, totals = Window("day", 0, 1), spent(tokens=7, nusd=3, unpriced=2)
    dollars = BudgetState(Budget({"period": "daily", "usd": "1"}), window, totals)
    tokens = BudgetState(Budget({"period": "daily", "tokens": 10}), window, totals)
    assert [(each.used, each.unpriced) for each in (dollars, tokens)] == [(3, 2), (7, 0)]


def test_a_projection_goes_on_at_the_pace_so_far() -> None:
    window = Window("week", 0, 100)
    assert state(30, 100, window).projected(40) == 75
    assert state(0, 100, window).projected(40) == 0


@pytest.mark.parametrize("now_us", [-5, 0, 2, 100, 500])
def test_no_projection_before_3_percent_of_the_period_or_once_it_is_over(now_us: int) -> None:
    window = Window("week", 0, 100)
    assert state(30, 100, window).projected(now_us) is None
    assert state(30, 100, window).projected(3) == 1000


def test_a_day_is_not_projected() -> None:
    assert state(30, 100, Window("day", 0, 100), period="daily").projected(50) is None


@pytest.mark.parametrize(
    ("now", "hours"),
    [("2026-03-29T12:00:00+02:00", 23), ("2026-10-25T12:00:00+01:00", 25), ("2026-11-25T12:00:00+01:00", 24)],
)
def test_a_daily_budget_lasts_the_day_of_the_calendar(now: str, hours: int) -> None:
    window = resolve_window("day", at(now), BERLIN)
    assert window.until_us is not None
    assert window.until_us - window.since_us == hours * HOUR_US


def test_a_week_with_an_hour_less_is_projected_by_its_own_length() -> None:
    now_us = at("2026-03-27T21:16:00+01:00")  # half of the 167 hours from Tuesday to Tuesday
    window = resolve_window("week", now_us, BERLIN, RESET)
    assert window.until_us is not None
    assert window.until_us - window.since_us == 167 * HOUR_US
    assert state(500, 2000, window).projected(now_us) == 1000


def test_a_month_in_which_clocks_are_set_back_is_projected_by_its_own_length() -> None:
    now_us = at("2026-10-16T12:30:00+02:00")  # half of 745 hours
    window = resolve_window("month", now_us, BERLIN)
    assert state(500, 2000, window, period="monthly").projected(now_us) == 1000


@pytest.mark.parametrize(
    ("asked", "model", "counts"),
    [("opus", "claude-opus-5-5", True), ("claude-opus-5-5", "claude-opus-5-5", True),
     ("fable", "claude-fable-5-2", True), ("opus", "claude-haiku-5-5", False), ("", "claude-haiku-5-5", True),
     ("claude-opus-5", "claude-opus-5-5", False), ("op", "claude-opus-5-5", False)],
)  # fmt: skip
def test_a_budget_counts_a_model_by_its_name_or_family(asked: str, model: str, counts: bool) -> None:
    cap = Budget({"period": "weekly", "tokens": 1, "model": asked, "project": "shop"})
    assert cap.counts(bucket("shop", model)) is counts
    assert not cap.counts(bucket("site", model))


def test_a_kind_that_is_named_twice_counts_once() -> None:
    kinds = ["output", "output_tokens", "output", "input"]
    cap = Budget({"period": "weekly", "tokens": 1, "kinds": kinds})
    assert (cap.kinds, cap.used(spent(5))) == (("input", "output"), 5)


def test_budgets_come_by_period_and_those_of_all_usage_first() -> None:
    entries: list[dict[str, object]] = [
        {"period": "monthly", "tokens": 1},
        {"period": "weekly", "tokens": 2, "model": "opus"},
        {"period": "weekly", "tokens": 3, "project": "shop"},
        {"period": "weekly", "tokens": 4},
    ]
    assert [cap.limit for cap in configured_budgets(settings(entries))] == [4, 2, 3, 1]


def test_the_environment_caps_a_day_and_a_month() -> None:
    environ = {"DAILY_BUDGET_USD": "12.50", "MONTHLY_BUDGET_USD": "300", "WEEKLY_BUDGET_USD": "7"}
    assert scopes(configured_budgets(settings([]), environ)) == [
        ("daily", "", "", 12_500_000_000, "DAILY_BUDGET_USD"),
        ("monthly", "", "", 300_000_000_000, "MONTHLY_BUDGET_USD"),
    ]


def test_the_environment_replaces_dollars_of_all_usage_and_nothing_else() -> None:
    entries: list[dict[str, object]] = [
        {"period": "daily", "usd": "1"},
        {"period": "daily", "usd": "2", "project": "shop"},
        {"period": "monthly", "usd": "3"},
        {"period": "weekly", "tokens": 4},
    ]
    found = configured_budgets(settings(entries), {"DAILY_BUDGET_USD": "9"})
    assert [cap.limit for cap in found] == [9 * 10**9, 2 * 10**9, 4, 3 * 10**9]
    beside = configured_budgets(settings([{"period": "daily", "tokens": 5}]), {"DAILY_BUDGET_USD": "9"})
    assert sorted(cap.limit for cap in beside) == [5, 9 * 10**9]


@pytest.mark.parametrize("text", ["lots", "0", "-1", "$5", "1e3", " ", "nan", "9" * 20])
@pytest.mark.parametrize("variable", VARIABLES.values())
def test_a_variable_without_an_amount_is_named_and_otherwise_ignored(variable: str, text: str) -> None:
    kept = settings([{"period": "daily", "usd": "1"}, {"period": "monthly", "usd": "1"}])
    assert unusable_variable({variable: text}) == variable
    assert scopes(configured_budgets(kept, {variable: text})) == scopes(configured_budgets(kept))


@pytest.mark.parametrize("environ", [{}, {"DAILY_BUDGET_USD": ""}, {"MONTHLY_BUDGET_USD": "20"}])
def test_a_variable_that_is_not_set_or_an_amount_is_usable(environ: dict[str, str]) -> None:
    assert unusable_variable(environ) is None


def test_kinds_of_a_budget_in_dollars_are_refused() -> None:
    with pytest.raises(ValueError, match="budgets in tokens"):
        checks.budgets([{"period": "weekly", "usd": "1", "kinds": ["output"]}])
