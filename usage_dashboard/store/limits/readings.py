"""Official percentages as they were read: what is new in a reading, and whose allowance it is of."""

from __future__ import annotations

from usage_dashboard.model.allowance import SAME_RESET_US, drift_us, fits
from usage_dashboard.model.events import Reading, Seen
from usage_dashboard.model.limit_names import WEEKLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

_FIELDS = "window, used, resets_us, at_us, source, seen_us, session"


class Teller:
    """Who told readings: the folder's key, a session's (0 for none), and how to tell news from repetition.

    `answered` grows with every answer that the session got (milliseconds in the API): a percentage told
    again without one is an old one. `account` is the account's key, None where it was not told. `keyed`
    says that an API key stood in the environment.
    """

    __slots__ = ("account", "answered", "folder", "keyed", "session")

    def __init__(self, folder: int, session: int = 0, answered: int = 0) -> None:
        self.folder = folder
        self.session = session
        self.answered = answered
        self.account: int | None = None
        self.keyed = False


def is_news(db: Connection, teller: Teller, readings: list[Reading]) -> bool:
    """Whether `readings` tell anything that `teller` has not told before."""
    query = (
        "SELECT q.used, q.resets_us, q.answered, q.seen_us"
        " FROM quota q JOIN quota_series s ON s.id = q.series"
        " WHERE q.session = ? AND q.window = ? AND s.folder = ? ORDER BY q.id DESC LIMIT 1"
    )
    for reading in readings:
        told = db.execute(query, (teller.session, reading.window, teller.folder)).fetchone()
        if told is None or told[0] != reading.used or not _same_reset(told[1], reading.resets_us):
            return True
        if _is_confirmed(teller, reading, answered=told[2], seen_us=told[3]):
            return True
    return False


def add(db: Connection, teller: Teller, readings: list[Reading], now_us: int) -> None:
    """Keep `readings`, which were read together; the caller holds the write lock.

    A reset that was told a few seconds differently before is kept as it was told first.
    """
    _heed_clock(db, teller.folder, now_us)
    series = _series(db, teller, readings)
    for reading in readings:
        _add(db, series, teller, reading)


def _add(db: Connection, series: int, teller: Teller, reading: Reading) -> None:
    last = _newest(db, series, reading.window)
    if last is not None and _same_reset(last.resets_us, reading.resets_us):
        reading.resets_us = last.resets_us
    query = (
        "SELECT id, used, resets_us, answered, seen_us FROM quota"
        " WHERE series = ? AND window = ? AND session = ? ORDER BY id DESC LIMIT 1"
    )
    told = db.execute(query, (series, reading.window, teller.session)).fetchone()
    if told is not None and told[1:3] == (reading.used, reading.resets_us):
        if _is_confirmed(teller, reading, answered=told[3], seen_us=told[4]):
            values = (reading.at_us, reading.source, teller.answered, teller.keyed, told[0])
            query = "UPDATE quota SET seen_us = ?, source = ?, answered = ?, keyed = ? WHERE id = ?"
            db.execute(query, values)
        return
    db.execute(
        "INSERT INTO quota"
        " (series, window, source, used, resets_us, at_us, seen_us, session, answered, keyed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            series, reading.window, reading.source, reading.used, reading.resets_us, reading.at_us,
            reading.at_us, teller.session, teller.answered, teller.keyed,
        ),
    )  # fmt: skip


def _same_reset(one_us: int, other_us: int) -> bool:
    return abs(one_us - other_us) <= SAME_RESET_US


def _is_confirmed(teller: Teller, reading: Reading, *, answered: int, seen_us: int) -> bool:
    """Whether what was told before, and is told again, is known to be so still."""
    return answered != teller.answered if teller.session else reading.at_us > seen_us


def _heed_clock(db: Connection, folder: int, now_us: int) -> None:
    """Date what was read of a folder in what is the future, since the clock was set back, to now."""
    db.execute(
        "UPDATE quota SET at_us = MIN(at_us, ?), seen_us = ? WHERE seen_us > ?"
        " AND series IN (SELECT id FROM quota_series WHERE folder = ?)",
        (now_us, now_us, now_us, folder),
    )


def _series(db: Connection, teller: Teller, readings: list[Reading]) -> int:
    """The series that `readings` go on, a new one where their weekly reset is in none of the folder."""
    weekly = next((reading for reading in readings if reading.window == WEEKLY), None)
    last_of = {series: _newest(db, series, WEEKLY) for series in series_of(db, teller.folder)}
    # One that resets at the very hour is likelier than one that would have to have been reset early.
    for series, last in sorted(last_of.items(), key=lambda item: not _is_regular(item[1], weekly)):
        account = db.execute("SELECT account FROM quota_series WHERE id = ?", (series,)).fetchone()[0]
        if None not in (account, teller.account) and account != teller.account:
            continue
        if last is None or weekly is None or fits(last, weekly):
            if account is None and teller.account is not None:
                db.execute("UPDATE quota_series SET account = ? WHERE id = ?", (teller.account, series))
            return series
    values = (teller.folder, teller.account)
    db.execute("INSERT INTO quota_series (folder, account) VALUES (?, ?)", values)
    return int(db.execute("SELECT last_insert_rowid()").fetchone()[0])


def _is_regular(last: Reading | None, weekly: Reading | None) -> bool:
    """Whether the reset of `weekly` is whole weeks from that of `last`."""
    if last is None or weekly is None:
        return False
    return abs(drift_us(last.resets_us, weekly.resets_us)) <= SAME_RESET_US


def folders(db: Connection) -> list[tuple[int, int]]:
    """(folder, when its percentages were last read) of every folder, the one that was read first first."""
    query = (
        "SELECT folder, MAX((SELECT MAX(seen_us) FROM quota WHERE series = quota_series.id))"
        " FROM quota_series GROUP BY folder ORDER BY MIN(id)"
    )
    return [(folder, seen_us or 0) for folder, seen_us in db.execute(query)]


def series_of(db: Connection, folder: int) -> list[int]:
    """The series of a folder, the one that was read last first."""
    query = (
        "SELECT s.id FROM quota_series s JOIN quota q ON q.series = s.id WHERE s.folder = ?"
        " GROUP BY s.id ORDER BY MAX(q.seen_us) DESC, s.id DESC"
    )
    return [row[0] for row in db.execute(query, (folder,))]


def newest(db: Connection, series: int) -> list[Seen]:
    """The newest reading of each window of a series."""
    windows = [row[0] for row in db.execute("SELECT DISTINCT window FROM quota WHERE series = ?", (series,))]
    found = (_newest(db, series, window) for window in sorted(windows))
    return [reading for reading in found if reading is not None]


def _newest(db: Connection, series: int, window: str) -> Seen | None:
    query = (
        f"SELECT {_FIELDS} FROM quota WHERE series = ? AND window = ? ORDER BY seen_us DESC, id DESC LIMIT 1"  # noqa: S608
    )
    row = db.execute(query, (series, window)).fetchone()
    return _seen(row) if row else None


def readings_of(db: Connection, series: int, window: str, since_us: int = 0) -> list[Seen]:
    """Every reading of a window of a series since `since_us`, in the order of time."""
    query = (
        f"SELECT {_FIELDS} FROM quota WHERE series = ? AND window = ? AND seen_us >= ?"  # noqa: S608 - ours
        " ORDER BY at_us, id"
    )
    return [_seen(row) for row in db.execute(query, (series, window, since_us))]


def _seen(row: tuple[str, int, int, int, str, int, int]) -> Seen:
    return Seen(row[:5], *row[5:])


def without_key_us(db: Connection, folder: int) -> int:
    """When a session of the folder last told percentages; 0 where none did, or an API key was there too."""
    query = (
        "SELECT q.seen_us, q.keyed FROM quota q JOIN quota_series s ON s.id = q.series"
        " WHERE s.folder = ? AND q.source = 'statusline' ORDER BY q.seen_us DESC LIMIT 1"
    )
    row = db.execute(query, (folder,)).fetchone()
    return 0 if row is None or row[1] else int(row[0])
