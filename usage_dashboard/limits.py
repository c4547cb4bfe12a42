"""How much of the client's allowances is used: readings into the ledger, and what they say now."""

from __future__ import annotations

from usage_dashboard import paths
from usage_dashboard.aggregator import total
from usage_dashboard.allowance import WEEK_US, WHOLE, Limit, limit, stretches
from usage_dashboard.budget import Budget, budgets
from usage_dashboard.model import Reading, Seen, key
from usage_dashboard.store import quota
from usage_dashboard.store.connect import open_reader, open_writer, transaction
from usage_dashboard.store.labels import Labels, known_salt
from usage_dashboard.store.positions import place_id
from usage_dashboard.store.read import Span, read_shares, read_sums
from usage_dashboard.windows import week

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.allowance import Stretch
    from usage_dashboard.capture.status import Status

WEEKLY = "seven_day"
PAST_WEEKS = 8


class Standing:
    """How the allowances stand for whoever looks: `limits`, and when the week and the block reset.

    `limits` has an estimate by the user's own cap where no official percentage of the week is known.
    `weekly_reset_us` and `block_reset_us` are the last resets that were observed, however long ago.
    """

    __slots__ = ("block_reset_us", "limits", "weekly_reset_us")

    def __init__(self) -> None:
        self.limits: list[Limit] = []
        self.weekly_reset_us: int | None = None
        self.block_reset_us: int | None = None


def note_status(db: Connection, place: int, status: Status, now_us: int, *, keyed: bool) -> None:
    """Keep the readings of a status line of the Claude Code folder `place` (`place_id`) as news of `now_us`.

    The caller holds the write lock. `keyed` says that an API key stands in the environment.
    """
    teller = quota.Teller(place, key(status.session), status.answered)
    teller.keyed = keyed
    if quota.is_news(db, teller, status.readings):
        quota.add(db, teller, status.readings, now_us)


def note(home: str, folder: str, readings: list[Reading], now_us: int, account: str = "") -> None:
    """Keep `readings` that no session told, of the account with this id where one was told.

    Raises:
        sqlite3.DatabaseError: the ledger is locked, full or damaged.
    """
    db = open_writer(home)
    try:
        with transaction(db):
            salt = Labels(db).salt()
            teller = quota.Teller(place_id(salt, folder))
            teller.account = key(salt + account) if account else None
            if quota.is_news(db, teller, readings):
                quota.add(db, teller, readings, now_us)
    finally:
        db.close()


def take_cached(home: str, folder: str, now_us: int) -> None:
    """Keep the percentages that Claude Code itself has kept, where they are newer than what is known.

    Raises:
        sqlite3.DatabaseError: the ledger is locked, full or damaged.
    """
    account, readings = _cached(folder)
    if not readings:
        return
    db = open_reader(home)
    known = [] if db is None else current(db, folder, now_us)
    if db is not None:
        db.close()
    seen_us = max((found.seen_us for found in known if found.seen_us <= now_us), default=0)
    if now_us >= readings[0].at_us > seen_us:
        note(home, folder, readings, now_us, account)


def standing(db: Connection, folders: Sequence[str], config: dict[str, object], now_us: int) -> Standing:
    """How the allowances of the first of the Claude Code `folders` stand of which anything is known."""
    folder = folder_in_force(db, folders)
    found = Standing()
    found.limits = current(db, folder, now_us)
    found.weekly_reset_us = reset_us(db, folder)
    found.block_reset_us = reset_us(db, folder, "five_hour")
    if not any(known.window == WEEKLY for known in found.limits):
        found.limits += _estimate(db, config, now_us, found.weekly_reset_us)
    for known in found.limits:
        if known.window == WEEKLY and known.began_us:
            passed_us = known.seen_us - known.began_us
            known.past = read_shares(db, known.began_us, WEEK_US, passed_us, PAST_WEEKS)
    return found


def _estimate(db: Connection, config: dict[str, object], now_us: int, observed_us: int | None) -> list[Limit]:
    """The week's use on this machine against the cap that the user set, if one was set."""
    cap = next((c for c in budgets(config) if c.period == "weekly" and not (c.project or c.model)), None)
    threshold = config["usage_threshold_tokens"]
    if isinstance(threshold, int):
        cap = Budget({"period": "weekly", "tokens": threshold})
    if cap is None:
        return []
    window = week(now_us, config["weekly_reset"], observed_us)
    used = cap.used(total(read_sums(db, Span(db, window.since_us, window.until_us))))
    reading = Reading(WEEKLY, used * WHOLE // cap.limit, window.reset_at_us or 0, now_us, "estimate")
    return [Limit(reading, now_us, window.since_us)]


def current(db: Connection, folder: str, now_us: int, *, paced: bool = True) -> list[Limit]:
    """How much of each allowance is used, for the windows that still run; nothing is known of the others.

    `paced` looks for early resets too, which a pace has to know of.
    """
    found = []
    for reading in _newest(db, folder):
        if reading.resets_us and reading.resets_us <= now_us:
            continue
        before = stretches(_running(db, folder, reading)) if paced else []
        found.append(limit(reading.window, reading, reading.seen_us, before))
    return found


def reset_us(db: Connection, folder: str, window: str = WEEKLY) -> int | None:
    """When `window` was last seen to reset, however long ago; None if it never was."""
    found = [reading for reading in _newest(db, folder) if reading.window == window and reading.resets_us]
    return found[0].resets_us if found else None


def series(db: Connection, folder: str) -> int | None:
    """The series of readings that `folder` is in now; None where there is none."""
    found = quota.series_of(db, place_id(known_salt(db), folder))
    return found[0] if found else None


def climb(db: Connection, folder: str, limit: Limit) -> tuple[int, int, int]:
    """(since, until, thousandths of a percent) of what was seen of the running window `limit`."""
    found = series(db, folder)
    since_us = max(0, limit.began_us)
    seen = [] if found is None else stretches(quota.readings_of(db, found, limit.window, since_us))
    return seen[-1].climbed() if seen else (0, 0, 0)


class Past:
    """A window as it was read, and what this machine used while it was seen to climb.

    `points` are the thousandths of a percent that it climbed while `spent` was used.
    """

    __slots__ = ("points", "spent", "stretch")

    def __init__(self, stretch: Stretch, points: int, spent: Totals) -> None:
        self.stretch = stretch
        self.points = points
        self.spent = spent

    @property
    def tokens_per_percent(self) -> int | None:
        """Tokens of this machine for each percent; None where it climbed less than one."""
        return self.spent.total_tokens * 1000 // self.points if self.points >= 1000 else None


def history(db: Connection, folder: str, window: str = WEEKLY) -> list[list[Past]]:
    """Every `window` that was read of a folder, the oldest first: a list a series, the present one first."""
    return [
        [_past(db, stretch) for stretch in stretches(quota.readings_of(db, found, window))]
        for found in quota.series_of(db, place_id(known_salt(db), folder))
    ]


def _past(db: Connection, stretch: Stretch) -> Past:
    since_us, until_us, points = stretch.climbed()
    return Past(stretch, points, total(read_sums(db, Span(db, since_us, until_us))))


def seen_without_key_us(db: Connection, folder: str) -> int:
    """When a status line of `folder` last told percentages; 0 if never, or if a key was set beside them."""
    return quota.without_key_us(db, place_id(known_salt(db), folder))


def folder_in_force(db: Connection, folders: Sequence[str]) -> str:
    """The first of the Claude Code `folders` that percentages were read of; the first if none has any."""
    return next((folder for folder in folders if series(db, folder) is not None), folders[0])


def _newest(db: Connection, folder: str) -> list[Seen]:
    found = series(db, folder)
    return [] if found is None else quota.newest(db, found)


def _running(db: Connection, folder: str, reading: Seen) -> list[Seen]:
    found = series(db, folder)
    began_us = limit(reading.window, reading, reading.seen_us, []).began_us
    return quota.readings_of(db, found or 0, reading.window, began_us)


def _cached(folder: str) -> tuple[str, list[Reading]]:
    from usage_dashboard.capture import utilization  # noqa: PLC0415 - a hook seldom comes here

    for path in paths.claude_state_files(folder):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return utilization.cached(file.read())
        except (OSError, ValueError):
            continue
    return "", []
