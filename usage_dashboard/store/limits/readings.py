"""Official percentages as they were read: which are news, and which account's series they continue."""

from __future__ import annotations

from usage_dashboard.model.allowance import SAME_RESET_US, fits_account, is_moved, is_running, reset_drift_us
from usage_dashboard.model.events import Reading, Seen
from usage_dashboard.model.limit_names import WEEKLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

_FIELDS = "window, used, resets_us, at_us, source, seen_us, session"


class ReadingSource:
    """Where readings come from, and what distinguishes news from repetition.

    `folder` is the id of the Claude Code folder, `session` that of the session (0 for none). `answered`
    grows with every answer that the session got (milliseconds in the API): a percentage reported again
    without one is an old one. `account` is the id of the account, None if it was not reported. `keyed`
    says that an API key was in the environment.
    """

    __slots__ = ("account", "answered", "folder", "keyed", "session")

    def __init__(self, folder: int, session: int = 0, answered: int = 0) -> None:
        self.folder = folder
        self.session = session
        self.answered = answered
        self.account: int | None = None
        self.keyed = False


def has_news(db: Connection, origin: ReadingSource, readings: list[Reading]) -> bool:
    """Whether `readings` say anything that `origin` has not reported before.

    Clients before 2.1.211 keep a session's time in the API over `/clear`: a new session that reports what
    another one did, after the same answer, repeats it.
    """
    query = (
        "SELECT q.used, q.resets_us, q.answered, q.seen_us"
        " FROM quota q JOIN quota_series s ON s.id = q.series"
        " WHERE q.session = ? AND q.window = ? AND s.folder = ? ORDER BY q.id DESC LIMIT 1"
    )
    for reading in readings:
        row = db.execute(query, (origin.session, reading.window, origin.folder)).fetchone()
        if row is None and _is_copy(db, origin, reading):
            continue
        if row is None or row[0] != reading.used or not _same_reset(row[1], reading.resets_us):
            return True
        if _is_confirmed(origin, reading, answered=row[2], seen_us=row[3]):
            return True
    return False


def add_readings(db: Connection, origin: ReadingSource, readings: list[Reading], now_us: int) -> None:
    """Store `readings`, which were read together; the caller holds the write lock.

    A reset that was reported a few seconds differently before keeps its first value. Readings of windows
    that are over, which some clients go on sending, are left out while a window of the folder runs.
    """
    _correct_future_times(db, origin.folder, now_us)
    if _has_running(db, origin.folder, now_us):
        readings = [reading for reading in readings if is_running(reading, now_us)]
    if readings:
        series = _find_series(db, origin, readings)
        for reading in readings:
            _add_reading(db, series, origin, reading)


def _add_reading(db: Connection, series: int, origin: ReadingSource, reading: Reading) -> None:
    newest = _read_newest_of(db, series, reading.window)
    if newest is not None and _same_reset(newest.resets_us, reading.resets_us):
        reading.resets_us = newest.resets_us
    query = (
        "SELECT id, used, resets_us, answered, seen_us FROM quota"
        " WHERE series = ? AND window = ? AND session = ? ORDER BY id DESC LIMIT 1"
    )
    row = db.execute(query, (series, reading.window, origin.session)).fetchone()
    if row is not None and origin.session and is_moved(row[1], row[2], reading):
        reading.resets_us = row[2]
    if row is not None and row[1:3] == (reading.used, reading.resets_us):
        if _is_confirmed(origin, reading, answered=row[3], seen_us=row[4]):
            values = (reading.at_us, reading.source, origin.answered, origin.keyed, row[0])
            query = "UPDATE quota SET seen_us = ?, source = ?, answered = ?, keyed = ? WHERE id = ?"
            db.execute(query, values)
        return
    db.execute(
        "INSERT INTO quota"
        " (series, window, source, used, resets_us, at_us, seen_us, session, answered, keyed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            series, reading.window, reading.source, reading.used, reading.resets_us, reading.at_us,
            reading.at_us, origin.session, origin.answered, origin.keyed,
        ),
    )  # fmt: skip


def _same_reset(one_us: int, other_us: int) -> bool:
    return abs(one_us - other_us) <= SAME_RESET_US


def _has_running(db: Connection, folder: int, now_us: int) -> bool:
    query = (
        "SELECT 1 FROM quota q JOIN quota_series s ON s.id = q.series"
        " WHERE s.folder = ? AND q.resets_us > ? LIMIT 1"
    )
    return db.execute(query, (folder, now_us)).fetchone() is not None


def _is_copy(db: Connection, origin: ReadingSource, reading: Reading) -> bool:
    """Whether another session of the folder reported `reading` after an answer that took as long."""
    query = (
        "SELECT 1 FROM quota q JOIN quota_series s ON s.id = q.series"
        " WHERE s.folder = ? AND q.window = ? AND q.session != 0 AND q.used = ? AND q.answered = ?"
        " AND ABS(q.resets_us - ?) <= ? LIMIT 1"
    )
    key = (origin.folder, reading.window, reading.used, origin.answered, reading.resets_us, SAME_RESET_US)
    return bool(origin.session and origin.answered and db.execute(query, key).fetchone())


def _is_confirmed(origin: ReadingSource, reading: Reading, *, answered: int, seen_us: int) -> bool:
    """Whether a percentage that is reported again is known to be current."""
    return answered != origin.answered if origin.session else reading.at_us > seen_us


def _correct_future_times(db: Connection, folder: int, now_us: int) -> None:
    """Date a folder's readings from the future to now: the clock was set back since."""
    db.execute(
        "UPDATE quota SET at_us = MIN(at_us, ?), seen_us = ? WHERE seen_us > ?"
        " AND series IN (SELECT id FROM quota_series WHERE folder = ?)",
        (now_us, now_us, now_us, folder),
    )


def _find_series(db: Connection, origin: ReadingSource, readings: list[Reading]) -> int:
    """The series that `readings` continue, a new one if their weekly reset fits none of the folder's."""
    weekly = next((reading for reading in readings if reading.window == WEEKLY), None)
    last_of = {series: _read_newest_of(db, series, WEEKLY) for series in list_series(db, origin.folder)}
    # A series that resets at the same hour is likelier than one that was reset early.
    begun = next(iter(last_of), None)
    if begun is not None and _began_by_login(db, begun, origin):
        return begun
    for series, last in sorted(last_of.items(), key=lambda item: not _is_regular(item[1], weekly)):
        account = db.execute("SELECT account FROM quota_series WHERE id = ?", (series,)).fetchone()[0]
        if None not in (account, origin.account) and account != origin.account:
            continue
        if (
            last is None
            or weekly is None
            or fits_account(last, weekly)
            or _is_moved_in_session(db, series, origin, weekly)
        ):
            if account is None and origin.account is not None:
                db.execute("UPDATE quota_series SET account = ? WHERE id = ?", (origin.account, series))
            return series
    values = (origin.folder, origin.account)
    db.execute("INSERT INTO quota_series (folder, account) VALUES (?, ?)", values)
    return int(db.execute("SELECT last_insert_rowid()").fetchone()[0])


def _began_by_login(db: Connection, series: int, origin: ReadingSource) -> bool:
    """Whether a login with the account of `origin`, as far as that is known, has begun `series`."""
    query = "SELECT account FROM quota_series WHERE id = ? AND id NOT IN (SELECT series FROM quota)"
    row = db.execute(query, (series,)).fetchone()
    return row is not None and (origin.account is None or origin.account == row[0])


def account_of(db: Connection, series: int) -> int | None:
    """The account of a series; None if it is not known."""
    row = db.execute("SELECT account FROM quota_series WHERE id = ?", (series,)).fetchone()
    return None if row is None else row[0]


def heed_login(db: Connection, folder: int, account: int) -> None:
    """Begin a series if `folder` has another account than before; the caller holds the write lock.

    What was read of an account that was not named is taken for that of the first one that is.
    """
    known = list_series(db, folder)
    if not known:
        return
    before = account_of(db, known[0])
    if before is None:
        db.execute("UPDATE quota_series SET account = ? WHERE id = ?", (account, known[0]))
    elif before != account:
        unused = "DELETE FROM quota_series WHERE folder = ? AND id NOT IN (SELECT series FROM quota)"
        db.execute(unused, (folder,))
        db.execute("INSERT INTO quota_series (folder, account) VALUES (?, ?)", (folder, account))


def _is_moved_in_session(db: Connection, series: int, origin: ReadingSource, weekly: Reading) -> bool:
    """Whether the session of `origin` reported the window of `weekly` before, with another reset."""
    query = (
        "SELECT used, resets_us FROM quota WHERE series = ? AND window = ? AND session = ?"
        " ORDER BY id DESC LIMIT 1"
    )
    row = db.execute(query, (series, WEEKLY, origin.session)).fetchone() if origin.session else None
    return row is not None and is_moved(row[0], row[1], weekly)


def _is_regular(last: Reading | None, weekly: Reading | None) -> bool:
    """Whether the reset of `weekly` is whole weeks from that of `last`."""
    if last is None or weekly is None:
        return False
    return abs(reset_drift_us(last.resets_us, weekly.resets_us)) <= SAME_RESET_US


def read_folders(db: Connection) -> list[tuple[int, int]]:
    """(folder, when its percentages were last read) of every folder, in the order of their first readings."""
    query = (
        "SELECT folder, MAX((SELECT MAX(seen_us) FROM quota WHERE series = quota_series.id))"
        " FROM quota_series GROUP BY folder ORDER BY MIN(id)"
    )
    return [(folder, seen_us or 0) for folder, seen_us in db.execute(query)]


def list_series(db: Connection, folder: int) -> list[int]:
    """The series of a folder, most recently read first; before them the one that a login has begun."""
    query = (
        "SELECT s.id FROM quota_series s LEFT JOIN quota q ON q.series = s.id WHERE s.folder = ?"
        " GROUP BY s.id ORDER BY MAX(q.seen_us) IS NOT NULL, MAX(q.seen_us) DESC, s.id DESC"
    )
    return [row[0] for row in db.execute(query, (folder,))]


def read_running(db: Connection, series: int, now_us: int) -> list[Seen]:
    """The newest reading of each window of a series that still runs at `now_us`.

    A newer reading of a window that is over, from a session that was left alone, does not hide it.
    """
    query = (
        f"SELECT {_FIELDS} FROM quota WHERE series = ? AND window = ? AND resets_us > ?"  # noqa: S608 - ours
        " ORDER BY seen_us DESC, id DESC LIMIT 1"
    )
    running = []
    for reading in read_newest(db, series):
        if is_running(reading, now_us):
            running.append(reading)
        elif row := db.execute(query, (series, reading.window, now_us)).fetchone():
            running.append(_to_seen(row))
    return running


def read_newest(db: Connection, series: int) -> list[Seen]:
    """The newest reading of each window of a series."""
    windows = [row[0] for row in db.execute("SELECT DISTINCT window FROM quota WHERE series = ?", (series,))]
    readings = (_read_newest_of(db, series, window) for window in sorted(windows))
    return [reading for reading in readings if reading is not None]


def _read_newest_of(db: Connection, series: int, window: str) -> Seen | None:
    query = (
        f"SELECT {_FIELDS} FROM quota WHERE series = ? AND window = ? ORDER BY seen_us DESC, id DESC LIMIT 1"  # noqa: S608
    )
    row = db.execute(query, (series, window)).fetchone()
    return _to_seen(row) if row else None


def read_readings(db: Connection, series: int, window: str, since_us: int = 0) -> list[Seen]:
    """Every reading of a window of a series since `since_us`, in the order of time."""
    query = (
        f"SELECT {_FIELDS} FROM quota WHERE series = ? AND window = ? AND seen_us >= ?"  # noqa: S608 - ours
        " ORDER BY at_us, id"
    )
    return [_to_seen(row) for row in db.execute(query, (series, window, since_us))]


def _to_seen(row: tuple[str, int, int, int, str, int, int]) -> Seen:
    return Seen(row[:5], *row[5:])


def last_keyless_us(db: Connection, folder: int) -> int:
    """When a session of the folder last reported percentages; 0 if none did, or it had an API key."""
    query = (
        "SELECT q.seen_us, q.keyed FROM quota q JOIN quota_series s ON s.id = q.series"
        " WHERE s.folder = ? AND q.source = 'statusline' ORDER BY q.seen_us DESC LIMIT 1"
    )
    row = db.execute(query, (folder,)).fetchone()
    return 0 if row is None or row[1] else int(row[0])
