"""The limits as screens show them: percentages or an estimate, resets, and past weeks."""

from __future__ import annotations

from usage_dashboard.aggregator import sum_buckets
from usage_dashboard.limits.current import current_limits
from usage_dashboard.limits.user_windows import Resets, observed_resets, user_folder, user_window
from usage_dashboard.model.allowance import WEEK_US, WHOLE, Limit, group_by_window
from usage_dashboard.model.events import Reading
from usage_dashboard.model.limit_names import WEEKLY
from usage_dashboard.model.windows import Zone
from usage_dashboard.store.limits import readings
from usage_dashboard.store.read.totals import Span, read_cost_shares, read_sums

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.config.settings import Settings
    from usage_dashboard.model.allowance import LimitWindow

PAST_WEEKS = 8


class LimitsOverview:
    """The limits of the folder that decides about the user's windows, and when those reset.

    `limits` has an estimate by the user's own cap where no official percentage of the week is known.
    """

    __slots__ = ("limits", "resets")

    def __init__(self) -> None:
        self.limits: list[Limit] = []
        self.resets = Resets()


def read_overview(db: Connection, settings: Settings, now_us: int) -> LimitsOverview:
    """Read the limits and resets that are known at `now_us`."""
    roots = settings.roots
    folder = user_folder(db, roots, now_us)
    overview = LimitsOverview()
    overview.limits = [] if folder is None else current_limits(db, folder, now_us)
    overview.resets = observed_resets(db, roots, now_us)
    if not any(known.window == WEEKLY for known in overview.limits):
        overview.limits += _estimate_week(db, settings, now_us, overview.resets)
    for known in overview.limits:
        if known.window == WEEKLY and known.began_us:
            passed_us = known.seen_us - known.began_us
            known.past = read_cost_shares(db, known.began_us, WEEK_US, passed_us, PAST_WEEKS)
    return overview


def _estimate_week(db: Connection, settings: Settings, now_us: int, resets: Resets) -> list[Limit]:
    """Compare the week's usage on this machine with the user's own cap, if there is one."""
    if not settings.budgets and settings.usage_threshold_tokens is None:
        return []
    from usage_dashboard.limits.budget import Budget, configured_budgets  # noqa: PLC0415 - most users set no cap

    weekly = (cap for cap in configured_budgets(settings) if cap.period == "weekly")
    cap = next((cap for cap in weekly if not (cap.project or cap.model)), None)
    if settings.usage_threshold_tokens is not None:
        cap = Budget({"period": "weekly", "tokens": settings.usage_threshold_tokens})
    if cap is None:
        return []
    window = user_window("week", now_us, Zone(), settings, resets)
    used = cap.used(sum_buckets(read_sums(db, Span(db, window.since_us, window.until_us))))
    reading = Reading(WEEKLY, used * WHOLE // cap.limit, window.reset_at_us or 0, now_us, "estimate")
    return [Limit(reading, now_us, window.since_us)]


class PastWindow:
    """A past window with its readings, and what this machine used while its percentage climbed.

    `points` are the thousandths of a percent that it climbed while `spent` was used.
    """

    __slots__ = ("points", "spent", "stretch")

    def __init__(self, stretch: LimitWindow, points: int, spent: Totals) -> None:
        self.stretch = stretch
        self.points = points
        self.spent = spent

    @property
    def tokens_per_percent(self) -> int | None:
        """Tokens of this machine for each percent; None if it climbed by less than one."""
        return self.spent.total_tokens * 1000 // self.points if self.points >= 1000 else None


def read_history(db: Connection, folder: int | None, window: str = WEEKLY) -> list[list[PastWindow]]:
    """Return every past `window` of a folder, oldest first: a list for each series, the present one first."""
    if folder is None:
        return []
    return [
        [_past_window(db, each) for each in group_by_window(readings.read_readings(db, series, window))]
        for series in readings.list_series(db, folder)
    ]


def _past_window(db: Connection, stretch: LimitWindow) -> PastWindow:
    since_us, until_us, points = stretch.last_climb()
    return PastWindow(stretch, points, sum_buckets(read_sums(db, Span(db, since_us, until_us))))
