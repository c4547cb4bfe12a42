"""How much of the client's allowances is used: readings into the ledger, and what they say now."""

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


def record_status(db: Connection, place: int, status: StatusInput, now_us: int, *, keyed: bool) -> None:
    """Keep the readings of a status line of the Claude Code folder `place` (`file_id`) as news of `now_us`.

    The caller holds the write lock. `keyed` says that an API key stands in the environment.
    """
    origin = quota.ReadingSource(place, id_hash(status.session), status.answered)
    origin.keyed = keyed
    if quota.has_news(db, origin, status.readings):
        quota.add_readings(db, origin, status.readings, now_us)


def record_readings(home: str, folder: str, readings: list[Reading], now_us: int, account: str = "") -> None:
    """Keep `readings` that no session told, of the account with this id where one was told.

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
    """Keep the percentages that Claude Code itself has kept, where they are newer than what is known.

    Raises:
        sqlite3.DatabaseError: the ledger is locked, full or damaged.
    """
    account, readings = _read_client_cache(folder)
    if not readings:
        return
    db = open_reader(home, wait_seconds)
    known = [] if db is None else current_limits(db, folder_id(db, folder), now_us)
    if db is not None:
        db.close()
    seen_us = max((found.seen_us for found in known if found.seen_us <= now_us), default=0)
    if now_us >= readings[0].at_us > seen_us:
        record_readings(home, folder, readings, now_us, account)


def folder_id(db: Connection, folder: str) -> int:
    """The id under which the ledger has the readings of a Claude Code folder."""
    return file_id(read_salt(db), folder)


def current_limits(db: Connection, folder: int, now_us: int, *, paced: bool = True) -> list[Limit]:
    """How much of each limit of the folder (`folder_id`) is used, for the windows that still run.

    `paced` looks for early resets too, which a pace has to know of.
    """
    present = current_series(db, folder)
    if present is None:
        return []
    found = []
    for reading in quota.read_newest(db, present):
        if reading.resets_us and reading.resets_us <= now_us:
            continue
        before = group_by_window(_readings_of_window(db, present, reading)) if paced else []
        found.append(build_limit(reading.window, reading, reading.seen_us, before))
    return found


def last_reset_us(db: Connection, folder: int, window: str = WEEKLY) -> int | None:
    """When `window` was last seen to reset, however long ago; None if it never was."""
    present = current_series(db, folder)
    known = [] if present is None else quota.read_newest(db, present)
    return next(
        (reading.resets_us for reading in known if reading.window == window and reading.resets_us), None
    )


def current_series(db: Connection, folder: int) -> int | None:
    """The series of readings that `folder` is in now; None where there is none."""
    found = quota.list_series(db, folder)
    return found[0] if found else None


def observed_climb(db: Connection, folder: int, limit: Limit) -> tuple[int, int, int]:
    """(since, until, thousandths of a percent) of what was seen of the running window `limit`."""
    found = current_series(db, folder)
    since_us = max(0, limit.began_us)
    seen = [] if found is None else group_by_window(quota.read_readings(db, found, limit.window, since_us))
    return seen[-1].last_climb() if seen else (0, 0, 0)


def seen_without_key_us(db: Connection, folder: int) -> int:
    """When a status line of `folder` last told percentages; 0 if never, or if a key was set beside them."""
    return quota.last_keyless_us(db, folder)


def _readings_of_window(db: Connection, present: int, reading: Seen) -> list[Seen]:
    """What else was read of the window that the newest `reading` of a series is of."""
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
