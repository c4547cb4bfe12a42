"""Budgets that the user set, against what was used: pure arithmetic, for the alert and every screen."""

from __future__ import annotations

from usage_dashboard.aggregator import names_model
from usage_dashboard.config.checks import KINDS, PERIODS, nano_usd
from usage_dashboard.model.allowance import EARLY_SHARE, count_levels
from usage_dashboard.model.ids import id_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from usage_dashboard.aggregator import Bucket, ToolBucket, Totals
    from usage_dashboard.config.settings import Settings
    from usage_dashboard.model.windows import Window

WINDOW_OF = {"daily": "day", "weekly": "week", "monthly": "month"}
"""The window that each period of a budget is."""

VARIABLES = {"daily": "DAILY_BUDGET_USD", "monthly": "MONTHLY_BUDGET_USD"}
"""The environment variables that set a budget for all usage of a period, in dollars."""

STATUSES = ("OK", "WARNING", "EXCEEDED")
WARN_PERCENT = 80


class Budget:
    """A cap on tokens or on estimated dollars for a period: `limit` is tokens, or nano-USD if `in_dollars`.

    `project` and `model` (a name or a family) narrow it, empty for all; `kinds` are the token kinds it
    counts. `variable` is the environment variable that it is from, empty for the settings.
    """

    __slots__ = ("in_dollars", "kinds", "limit", "model", "period", "project", "variable", "warn_percent")

    def __init__(self, entry: dict[str, object], variable: str = "") -> None:
        self.period = str(entry["period"])
        self.project = str(entry.get("project") or "")
        self.model = str(entry.get("model") or "")
        self.in_dollars = entry.get("tokens") is None
        self.limit = nano_usd(entry["usd"]) if self.in_dollars else int(str(entry["tokens"]))
        kinds = entry.get("kinds")
        named = {str(kind).removesuffix("_tokens") for kind in kinds} if isinstance(kinds, list) else set()
        self.kinds = tuple(kind for kind in KINDS if kind in named) or KINDS
        warn = entry.get("warn_percent")
        self.warn_percent = warn if isinstance(warn, int) else WARN_PERCENT
        self.variable = variable

    @property
    def scope(self) -> tuple[str, str, str]:
        """(period, project, model): a new budget with the same scope replaces this one."""
        return self.period, self.project, self.model

    @property
    def identity(self) -> str:
        """A short name that no other budget has, without any of the user's own words."""
        marks = (self.project, self.model, self.in_dollars, self.limit, *self.kinds)
        return f"{self.period}-{id_hash(repr(marks)):x}"

    def counts(self, bucket: Bucket | ToolBucket) -> bool:
        """Whether usage in `bucket` counts against this budget."""
        return (not self.project or bucket[2] == self.project) and (
            not self.model or names_model(self.model, bucket[6])
        )

    def used(self, totals: Totals) -> int:
        """Return `totals` in the budget's own unit: tokens of its kinds, or nano-USD."""
        if self.in_dollars:
            return totals.cost_nusd
        return int(sum(getattr(totals, kind) for kind in self.kinds))


class BudgetState:
    """A budget and how much of it is used in one of its periods, in the budget's unit.

    `unpriced` calls have no known price, so that `used` dollars are a lower bound; 0 for tokens.
    """

    __slots__ = ("budget", "unpriced", "used", "window")

    def __init__(self, budget: Budget, window: Window, totals: Totals) -> None:
        self.budget = budget
        self.window = window
        self.used = budget.used(totals)
        self.unpriced = totals.unpriced if budget.in_dollars else 0

    @property
    def remaining(self) -> int:
        """How much of the budget is left; negative once it is exceeded."""
        return self.budget.limit - self.used

    @property
    def percent(self) -> float:
        """How much of the budget is used, in percent."""
        return self.used * 100 / self.budget.limit

    @property
    def status(self) -> str:
        """One of `STATUSES`: WARNING from the budget's own percentage, EXCEEDED beyond all of it."""
        if self.remaining < 0:
            return "EXCEEDED"
        return STATUSES[levels_reached(self.used, self.budget.limit, (self.budget.warn_percent,))]

    def level(self, levels: Sequence[int]) -> int:
        """How many of the three ascending `levels` (percent) are reached.

        A warning is no calmer than the second level, and a limit that is exceeded is at the last.
        """
        least = (0, 2, 3)[STATUSES.index(self.status)]
        return max(least, count_levels(self.used, self.budget.limit, levels))

    def projected(self, now_us: int) -> int | None:
        """Project what a week or a month comes to by its end at the pace so far; None if it is too early.

        There is no projection for a day, before 3 % of the period have passed, and once it is over.
        """
        elapsed_us, length_us = (
            now_us - self.window.since_us,
            (self.window.until_us or 0) - self.window.since_us,
        )
        if self.budget.period == "daily" or not EARLY_SHARE * length_us <= elapsed_us < length_us:
            return None
        return self.used * length_us // elapsed_us


def configured_budgets(settings: Settings, environ: Mapping[str, str] | None = None) -> list[Budget]:
    """Return the budgets in force, by period: those of the checked settings, and those of `environ`.

    A variable replaces the settings' budget in dollars for all usage of its period. A variable without a
    valid amount is ignored; `unusable_variable` names it.
    """
    kept = [Budget(entry) for entry in settings.budgets]
    budgets = _from_environment(environ or {})
    replaced = {budget.scope for budget in budgets}
    budgets += [budget for budget in kept if not (budget.in_dollars and budget.scope in replaced)]
    return sorted(budgets, key=lambda budget: (PERIODS.index(budget.period), *budget.scope))


def unusable_variable(environ: Mapping[str, str]) -> str | None:
    """Return the first of the `VARIABLES` in `environ` that is not a valid amount of dollars."""
    return next(iter(unusable_variables(environ)), None)


def unusable_variables(environ: Mapping[str, str]) -> list[str]:
    """Every one of the `VARIABLES` in `environ` that does not hold an amount of dollars."""
    return [
        variable
        for variable in VARIABLES.values()
        if environ.get(variable) and _parse_amount(environ[variable]) is None
    ]


def describe_unusable(variable: str) -> str:
    """What an environment's variable that holds no amount has to be, as a sentence."""
    return f'`{variable}` has to be an amount of US dollars such as "12.50"'


def levels_reached(used: int, limit: int, levels: Sequence[int]) -> int:
    """Count how many of the ascending `levels` (percent) `used` has reached."""
    return sum(used * 100 >= level * limit for level in levels)


def _from_environment(environ: Mapping[str, str]) -> list[Budget]:
    return [
        Budget({"period": period, "usd": environ[variable]}, variable)
        for period, variable in VARIABLES.items()
        if _parse_amount(environ.get(variable, "")) is not None
    ]


def _parse_amount(text: str) -> int | None:
    """Return the nano-USD in `text`; None if it is not a valid amount."""
    try:
        return nano_usd(text)
    except ValueError:
        return None
