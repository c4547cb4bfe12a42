"""The client's limits in numbers: how much is used, how fast, and when a limit was reset.

Pure: no clock and no ledger. Percentages are in thousandths (42.5 % is 42,500), instants in UTC
microseconds.
"""

from __future__ import annotations

from usage_dashboard.model.events import DAY_US, SECOND_US
from usage_dashboard.model.limit_names import FIVE_HOUR, WEEKLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from usage_dashboard.model.events import Reading, Seen

WHOLE = 100_000
"""All of a limit."""

WEEK_US = 7 * DAY_US
LENGTHS_US = {FIVE_HOUR: 5 * 3600 * SECOND_US, WEEKLY: WEEK_US}

SAME_RESET_US = 90 * SECOND_US
"""The `/usage` command shows resets in whole minutes."""

MOST_DRIFT_US = DAY_US
"""How far the reset of one account may move from one week to the next."""

LEAST_FALL = 2_000
"""The least fall of a percentage that is a reset; less is rounding, or sessions that overtook each other."""

EARLY_SHARE = 0.03
"""Before this share of a window has passed, its pace means nothing (other meters agree)."""

LEAST_SHARE = 0.05
"""An earlier window with less use than this by now says nothing about how this one ends."""

LEVEL_NAMES = ("green", "yellow", "orange", "red")


class Limit:
    """How much of one limit is used, as far as is known.

    `used` is in thousandths of a percent; `began_us` and `resets_us` are 0 if they are not known;
    `seen_us` is when the percentage was last confirmed, `source` where it is from. `past` has the shares
    of their whole use that earlier windows had by this time, if they are known.
    """

    __slots__ = ("began_us", "past", "resets_us", "seen_us", "source", "used", "window")

    def __init__(self, reading: Reading, seen_us: int, began_us: int) -> None:
        self.window = reading.window
        self.used = reading.used
        self.resets_us = reading.resets_us
        self.source = reading.source
        self.seen_us = seen_us
        self.began_us = began_us
        self.past: list[float] = []

    def age_us(self, now_us: int) -> int:
        """How long ago the percentage was confirmed; 0 if the clock was set back since."""
        return max(0, now_us - self.seen_us)

    def elapsed_share(self) -> float | None:
        """The share of the window that had passed when the percentage was confirmed; None if unknown."""
        return self.passed_share(self.seen_us)

    def passed_share(self, at_us: int) -> float | None:
        """The share of the window, from 0 to 1, that has passed by `at_us`; None if unknown."""
        if not self.began_us or self.resets_us <= self.began_us:
            return None
        return min(1.0, max(0.0, (at_us - self.began_us) / (self.resets_us - self.began_us)))

    def pace(self) -> float | None:
        """Used share over elapsed share: 1 uses the limit up at the reset; None while it is too early."""
        elapsed = self.elapsed_share()
        return None if elapsed is None or elapsed < EARLY_SHARE else self.used / WHOLE / elapsed

    def projected(self) -> int | None:
        """The percentage at the reset if the pace stays, in thousandths; None while it is too early."""
        pace = self.pace()
        return None if pace is None else round(pace * WHOLE)

    def projected_range(self) -> tuple[int, int] | None:
        """(lowest, highest) percentage at the reset, in thousandths, if the rest goes as it did before.

        Two earlier windows at least make a range; None too early, as for `projected`.
        """
        if self.projected() is None:
            return None
        ends = sorted(round(self.used / share) for share in self.past if share >= LEAST_SHARE)
        return (ends[0], ends[-1]) if len(ends) > 1 else None

    def full_us(self) -> int | None:
        """When all is used if the pace stays; None if that is not before the reset."""
        pace = self.pace()
        if pace is None or pace <= 1 or not self.used:
            return None
        return self.began_us + round((self.resets_us - self.began_us) / pace)

    def level(self, levels: Sequence[int]) -> int:
        """How many of the ascending `levels` (percent) are reached."""
        return count_levels(self.used, WHOLE, levels, full=self.used >= WHOLE)


def count_levels(used: int, limit: int, levels: Sequence[int], *, full: bool = False) -> int:
    """How many of the ascending `levels` (percent) `used` of `limit` has reached: 0 is green, 3 is red.

    Yellow and orange begin at their percentage, red above its own: exactly 95 % is still orange. `full` is
    red whatever the levels are.
    """
    *calm, red = levels
    return sum(used * 100 >= level * limit for level in calm) + (full or used * 100 > red * limit)


def window_length_us(window: str) -> int:
    """How long the client's `window` lasts; 0 if that is not known."""
    return WEEK_US if window.startswith(WEEKLY) else LENGTHS_US.get(window, 0)


def fits_account(last: Reading, reading: Reading) -> bool:
    """Whether the weekly `reading` can be of the same account as `last`.

    It can if the reset is the same; if it is whole weeks later, give or take a day, once the last one has
    passed; or if the percentage fell and about a week is left. Any other change of the reset means another
    account.
    """
    if not last.resets_us or not reading.resets_us:
        return True
    if abs(reading.resets_us - last.resets_us) <= SAME_RESET_US:
        return True
    if last.resets_us <= reading.at_us:
        return abs(reset_drift_us(last.resets_us, reading.resets_us)) <= MOST_DRIFT_US
    fell = last.used - reading.used >= LEAST_FALL
    return fell and abs(reading.resets_us - (reading.at_us + WEEK_US)) <= MOST_DRIFT_US


def is_running(reading: Reading, now_us: int) -> bool:
    """Whether the window of `reading` is not over at `now_us`, as far as its reset is known."""
    return not reading.resets_us or reading.resets_us > now_us


def is_moved(used: int, resets_us: int, reading: Reading) -> bool:
    """Whether `reading` is of the window that its session reported before (`used`, `resets_us`).

    Clients move the reset of a running window, by seconds up to a day. It is the same window while that
    one runs and its percentage has not fallen.
    """
    if not resets_us or not reading.resets_us or resets_us <= reading.at_us or reading.used < used:
        return False
    shortest_us = min(MOST_DRIFT_US, window_length_us(reading.window) or MOST_DRIFT_US)
    return abs(reading.resets_us - resets_us) <= shortest_us


def reset_drift_us(before_us: int, after_us: int) -> int:
    """How far a weekly reset moved against whole weeks: positive is later."""
    return (after_us - before_us + WEEK_US // 2) % WEEK_US - WEEK_US // 2


class LimitWindow:
    """One window of a limit as it was read: when it resets, and the percentages in it.

    `points` are (instant, thousandths of a percent) in the order of time; `fell_us` are the instants at
    which the percentage fell before the reset; `drift_us` is how far this reset moved against the one
    before, None for the first.
    """

    __slots__ = ("_reported", "drift_us", "fell_us", "points", "resets_us")

    def __init__(self, resets_us: int) -> None:
        self.resets_us = resets_us
        self.points: list[tuple[int, int]] = []
        self.fell_us: list[int] = []
        self.drift_us: int | None = None
        self._reported: dict[int, int] = {}

    def add_reading(self, reading: Seen, *, fresh: bool = True) -> None:
        """Add a reading of this window.

        It was reset early if the percentage fell for the session that reports it, too. A long answer reports
        what was used when it began, which may be far below what other sessions reported in the meantime.
        """
        if fresh and self.points:
            before = self.points[-1][1]
            if min(before, self._reported.get(reading.session, before)) - reading.used >= LEAST_FALL:
                self.fell_us.append(reading.at_us)
        self._reported[reading.session] = reading.used
        self.points.append((reading.at_us, reading.used))

    @property
    def highest(self) -> int:
        """The highest percentage that was read, in thousandths."""
        return max(used for _, used in self.points)

    def last_climb(self) -> tuple[int, int, int]:
        """(since, until, thousandths of a percent) of the readings since the last fall."""
        since = self.fell_us[-1] if self.fell_us else 0
        counted = [point for point in self.points if point[0] >= since]
        low, high = counted[0], max(counted, key=lambda point: (point[1], -point[0]))
        return low[0], high[0], high[1] - low[1]


def group_by_window(readings: Iterable[Seen]) -> list[LimitWindow]:
    """Group `readings` of one limit, in the order of time, by the window that they are of."""
    windows: list[LimitWindow] = []
    for reading in readings:
        last = windows[-1] if windows else None
        known = next((s for s in windows if abs(s.resets_us - reading.resets_us) <= SAME_RESET_US), None)
        if known is None:
            known = LimitWindow(reading.resets_us)
            if last is not None:
                known.drift_us = reset_drift_us(last.resets_us, reading.resets_us)
                if last.resets_us > reading.at_us and last.points[-1][1] - reading.used >= LEAST_FALL:
                    known.fell_us.append(reading.at_us)
            windows.append(known)
        # A reading of a window before the last one is old: from a session that was left alone.
        known.add_reading(reading, fresh=known is windows[-1])
    return windows


def build_limit(window: str, reading: Reading, seen_us: int, before: Sequence[LimitWindow]) -> Limit:
    """Build the limit of `window` from its newest `reading`; `before` has the windows that were read."""
    length_us = window_length_us(window)
    began_us = reading.resets_us - length_us if reading.resets_us and length_us else 0
    current = [s for s in before if abs(s.resets_us - reading.resets_us) <= SAME_RESET_US]
    fell = current[-1].fell_us if current else []
    return Limit(reading, seen_us, max([began_us, *fell]) if began_us else 0)
