"""Read the usage of each budget from the ledger, and turn it into JSON."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from usage_dashboard.aggregator import sum_buckets
from usage_dashboard.limits.budget import (
    WINDOW_OF,
    BudgetState,
    configured_budgets,
    describe_unusable,
    unusable_variables,
)
from usage_dashboard.model.errors import SettingsError
from usage_dashboard.reports.envelope import iso_time, to_dollars
from usage_dashboard.store.read.totals import Span, read_sums

if TYPE_CHECKING:
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.limits.budget import Budget
    from usage_dashboard.model.windows import Window
    from usage_dashboard.store.read.totals import Bucket


class PeriodUsage:
    """The usage in a window; `approximate` if its first quarter-hour is counted in full."""

    def __init__(self, reader: CommandReader, window: Window) -> None:
        self.window = window
        self.buckets: list[Bucket] = []
        self.approximate = False
        with reader.open_ledger() as db:
            if db is not None:
                span = Span(db, window.since_us, window.until_us)
                self.buckets, self.approximate = list(read_sums(db, span)), span.approximate

    def state(self, budget: Budget) -> BudgetState:
        """The state of a budget in this period."""
        return BudgetState(
            budget, self.window, sum_buckets(bucket for bucket in self.buckets if budget.counts(bucket))
        )


def budgets_in_force(reader: CommandReader) -> list[Budget]:
    """Return the budgets of the settings and of the environment.

    Raises:
        SettingsError: an environment variable does not hold an amount.
    """
    wrong = unusable_variables(os.environ)
    if wrong:
        raise SettingsError("; ".join(map(describe_unusable, wrong)), hint=f"unset {' '.join(wrong)}")
    return configured_budgets(reader.settings, os.environ)


def read_current_periods(reader: CommandReader, caps: list[Budget]) -> dict[str, PeriodUsage]:
    """Read the usage in the current period of each budget, by the period's name."""
    return {
        period: PeriodUsage(reader, current_window(reader, period))
        for period in {budget.period for budget in caps}
    }


def current_window(reader: CommandReader, period: str) -> Window:
    """The current window of a budget's `period`."""
    return reader.window_named(WINDOW_OF[period])


def previous_window(reader: CommandReader, window: Window) -> Window:
    """The window that ended where `window` began."""
    return reader.window_named(window.name, window.since_us - 1)


def read_past_periods(reader: CommandReader, period: str, most: int) -> list[PeriodUsage]:
    """Read at most `most` past periods, oldest first, beginning with the first that has usage."""
    periods: list[PeriodUsage] = []
    window = current_window(reader, period)
    for _ in range(most):
        window = previous_window(reader, window)
        periods.append(PeriodUsage(reader, window))
    while periods and not periods[-1].buckets:
        periods.pop()
    return periods[::-1]


def budgets_to_json(states: list[BudgetState], now_us: int) -> list[dict[str, object]]:
    """Budgets in their current periods as plain values; `remaining` is negative over the limit."""
    return [
        {
            **_budget_fields(state.budget),
            **_usage_fields(state),
            "remaining": _json_amount(state.budget, state.remaining),
            "projected": _json_amount(state.budget, state.projected(now_us)),
        }
        for state in states
    ]


def history_to_json(budget: Budget, periods: list[PeriodUsage]) -> dict[str, object]:
    """A budget and its past periods as plain values."""
    return {**_budget_fields(budget), "periods": [_usage_fields(spent.state(budget)) for spent in periods]}


def _budget_fields(budget: Budget) -> dict[str, object]:
    return {
        "period": budget.period,
        "project": budget.project or None,
        "model": budget.model or None,
        "kinds": list(budget.kinds),
        "unit": "usd" if budget.in_dollars else "tokens",
        "limit": _json_amount(budget, budget.limit),
        "warn_percent": budget.warn_percent,
        "source": "environment" if budget.variable else "config",
    }


def _usage_fields(state: BudgetState) -> dict[str, object]:
    return {
        "since": iso_time(state.window.since_us),
        "until": iso_time(state.window.until_us),
        "used": _json_amount(state.budget, state.used),
        "used_percent": state.percent,
        "status": state.status,
        "unpriced_calls": state.unpriced,
    }


def _json_amount(budget: Budget, count: int | None) -> int | float | None:
    return to_dollars(count) if budget.in_dollars else count
