"""What is used of each budget that is in force, read from the ledger, and its JSON."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from usage_dashboard.aggregator import sum_buckets
from usage_dashboard.limits.budget import WINDOW_OF, BudgetState, configured_budgets, unusable_variable
from usage_dashboard.model.errors import SettingsError
from usage_dashboard.reports.envelope import iso_time, to_dollars
from usage_dashboard.store.read.totals import Span, read_sums

if TYPE_CHECKING:
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.limits.budget import Budget
    from usage_dashboard.model.windows import Window
    from usage_dashboard.store.read.totals import Bucket


class PeriodUsage:
    """What was recorded in a window; `approximate` says that an edge of it counts a whole quarter-hour."""

    def __init__(self, reader: CommandReader, window: Window) -> None:
        self.window = window
        self.buckets: list[Bucket] = []
        self.approximate = False
        with reader.open_ledger() as db:
            if db is not None:
                span = Span(db, window.since_us, window.until_us)
                self.buckets, self.approximate = list(read_sums(db, span)), span.approximate

    def state(self, budget: Budget) -> BudgetState:
        """What is used of a budget whose period the window is."""
        used = sum_buckets(bucket for bucket in self.buckets if budget.counts(bucket))
        return BudgetState(budget, self.window, used)


def budgets_in_force(reader: CommandReader) -> list[Budget]:
    """The budgets of the settings and of the environment.

    Raises:
        SettingsError: a variable of the environment holds no amount.
    """
    variable = unusable_variable(os.environ)
    if variable is not None:
        wanted = 'an amount of US dollars such as "12.50"'
        raise SettingsError(f"`{variable}` has to be {wanted}", hint=f"unset {variable}")
    return configured_budgets(reader.settings, os.environ)


def read_current_periods(reader: CommandReader, found: list[Budget]) -> dict[str, PeriodUsage]:
    """What was recorded in the present period of each budget in `found`, by the period's name."""
    return {
        period: PeriodUsage(reader, current_window(reader, period))
        for period in {budget.period for budget in found}
    }


def current_window(reader: CommandReader, period: str) -> Window:
    """The window of a budget's `period` that lies around now."""
    return reader.window_named(WINDOW_OF[period])


def previous_window(reader: CommandReader, window: Window) -> Window:
    """The window that ended where `window` began."""
    return reader.window_named(window.name, window.since_us - 1)


def read_past_periods(reader: CommandReader, period: str, most: int) -> list[PeriodUsage]:
    """The last periods before this one, at most `most`, from the first of them with anything recorded."""
    found: list[PeriodUsage] = []
    window = current_window(reader, period)
    for _ in range(most):
        window = previous_window(reader, window)
        found.append(PeriodUsage(reader, window))
    while found and not found[-1].buckets:
        found.pop()
    return found[::-1]


def budgets_to_json(states: list[BudgetState], now_us: int) -> list[dict[str, object]]:
    """Budgets in their present periods as plain values; what is beyond a limit remains below zero."""
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
