"""How much of the client's limits is used: recording readings, and what they say now."""

from __future__ import annotations

from usage_dashboard.config import paths
from usage_dashboard.model.allowance import Limit, build_limit, group_by_window
from usage_dashboard.model.ids import file_id, id_hash
from usage_dashboard.model.limit_names import WEEKLY
from usage_dashboard.store.connection import COMMAND_WAIT_SECONDS, open_reader, open_writer, transaction
from usage_dashboard.store.limits import readings as quota
from usage_dashboard.store.meta import read_salt
from usage_dashboard.store.write.labels import Labels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.limits.status_json import StatusInput
    from usage_dashboard.model.events import Reading, Seen


def record_status(db: Connection, folder: int, status: StatusInput, now_us: int, *, keyed: bool) -> None:
    """Record the readings of a status line of the Claude Code folder (`folder_id`), as news of `now_us`.

    The caller holds the write lock. `keyed` says that an API key is set in the environment.
    """
    origin = quota.ReadingSource(folder, id_hash(status.session), status.answered)
    origin.keyed = keyed
    if quota.has_news(db, origin, status.readings):
        quota.add_readings(db, origin, status.readings, now_us)


def record_readings(home: str, folder: str, readings: list[Reading], now_us: int, account: str = "") -> None:
    """Record `readings` that are not from a session, for the account with this id if it is known.

    Raises:
        sqlite3.DatabaseError: the ledger is locked, full or damaged.
    """
    db = open_writer(home)
    try:
        with transaction(db):
            salt = Labels(db).salt()
            origin = quota.ReadingSource(file_id(salt, folder))
            origin.account = id_hash(salt + account) if account else None
            if quota.has_news(db, origin, readings):
                quota.add_readings(db, origin, readings, now_us)
    finally:
        db.close()


def record_cached(home: str, folder: str, now_us: int, wait_seconds: float = COMMAND_WAIT_SECONDS) -> None:
    """Record the percentages that Claude Code itself has cached, if they are newer than what is known.

    Raises:
        sqlite3.DatabaseError: the ledger is locked, full or damaged.
    """
    account, readings = _read_client_cache(folder)
    if account:
        _record_login(home, folder, account, wait_seconds)
    if not readings:
        return
    db = open_reader(home, wait_seconds)
    known = [] if db is None else current_limits(db, folder_id(db, folder), now_us)
    if db is not None:
        db.close()
    seen_us = max((limit.seen_us for limit in known if limit.seen_us <= now_us), default=0)
    if now_us >= readings[0].at_us > seen_us:
        record_readings(home, folder, readings, now_us, account)


def _record_login(home: str, folder: str, account: str, wait_seconds: float) -> None:
    """Begin a series where another account is logged in than before."""
    db = open_reader(home, wait_seconds)
    if db is None:
        return
    present = current_series(db, folder_id(db, folder))
    number = id_hash(read_salt(db) + account)
    unchanged = present is None or quota.account_of(db, present) == number
    db.close()
    if unchanged:
        return
    db = open_writer(home)
    try:
        with transaction(db):
            quota.heed_login(db, folder_id(db, folder), number)
    finally:
        db.close()


def folder_id(db: Connection, folder: str) -> int:
    """Return the id under which the ledger has the readings of a Claude Code folder."""
    return file_id(read_salt(db), folder)


def current_limits(db: Connection, folder: int, now_us: int, *, paced: bool = True) -> list[Limit]:
    """Return how much of each limit of a folder (`folder_id`) is used, for the windows that still run.

    `paced` also looks for early resets, which a pace depends on.
    """
    present = current_series(db, folder)
    if present is None:
        return []
    limits = []
    for reading in quota.read_running(db, present, now_us):
        before = group_by_window(_readings_of_window(db, present, reading)) if paced else []
        limits.append(build_limit(reading.window, reading, reading.seen_us, before))
    return limits


def last_reset_us(db: Connection, folder: int, window: str = WEEKLY) -> int | None:
    """Return when `window` was last seen to reset, however long ago; None if never."""
    present = current_series(db, folder)
    known = [] if present is None else quota.read_newest(db, present)
    return next(
        (reading.resets_us for reading in known if reading.window == window and reading.resets_us), None
    )


def current_series(db: Connection, folder: int) -> int | None:
    """Return the series of readings that `folder` is in now; None without readings."""
    all_series = quota.list_series(db, folder)
    return all_series[0] if all_series else None


def observed_climb(db: Connection, folder: int, limit: Limit) -> tuple[int, int, int]:
    """Return (since, until, thousandths of a percent) that the running window `limit` was seen to climb."""
    series = current_series(db, folder)
    if series is None:
        return 0, 0, 0
    seen = group_by_window(quota.read_readings(db, series, limit.window, max(0, limit.began_us)))
    return seen[-1].last_climb() if seen else (0, 0, 0)


def seen_without_key_us(db: Connection, folder: int) -> int:
    """Return when a status line of `folder` last reported percentages; 0 if never or beside a key."""
    return quota.last_keyless_us(db, folder)


def _readings_of_window(db: Connection, present: int, reading: Seen) -> list[Seen]:
    """Return all readings of the window that the newest `reading` of a series belongs to."""
    began_us = build_limit(reading.window, reading, reading.seen_us, []).began_us
    return quota.read_readings(db, present, reading.window, began_us)


def _read_client_cache(folder: str) -> tuple[str, list[Reading]]:
    for path in paths.claude_state_files(folder):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                from usage_dashboard.limits import client_cache  # noqa: PLC0415 - a hook seldom comes here

                return client_cache.parse_cache(file.read())
        except (OSError, ValueError):
            continue
    return "", []
