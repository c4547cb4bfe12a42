"""Official percentages in the ledger: what is news, and which account's series it continues."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest

from tests.support.times import DAY_US, HOUR_US, WEEK_US, at
from usage_dashboard.model.events import Reading
from usage_dashboard.store.connection import open_writer, transaction
from usage_dashboard.store.limits.readings import (
    ReadingSource,
    add_readings,
    has_news,
    last_keyless_us,
    list_series,
    read_newest,
    read_readings,
)

NOW = at("2026-11-22T10:00:00+00:00")
RESET = at("2026-11-24T09:46:00+00:00")
SECOND_US = 1_000_000
HERE, THERE = 11, 22
NOBODY = 0
"""The session of readings that no session reported: from `/usage`, and from the client's cache."""


class Readings:
    """A ledger that percentages are added to."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def add(self, used: float, now_us: int = NOW, reset: int = RESET, **by: Any) -> bool:
        """Tell a weekly percentage as the hooks do; whether it was news."""
        return self.add_all(
            [Reading("seven_day", round(used * 1000), reset, now_us, "statusline")], now_us, **by
        )

    def add_all(
        self,
        readings: list[Reading],
        now_us: int = NOW,
        *,
        folder: int = HERE,
        session: int = 1,
        answered: int = 100,
        account: int = 0,
        keyed: bool = False,
    ) -> bool:
        origin = ReadingSource(folder, session, answered)
        origin.account, origin.keyed = account or None, keyed
        news = has_news(self.db, origin, readings)
        if news:
            with transaction(self.db):
                add_readings(self.db, origin, readings, now_us)
        return news

    def now(self, folder: int = HERE) -> list[tuple[str, float, int]]:
        """(window, percent, when confirmed) of what is known of a folder now."""
        found = read_newest(self.db, list_series(self.db, folder)[0])
        return [(reading.window, reading.used / 1000, reading.seen_us) for reading in found]

    def rows(self, folder: int = HERE) -> list[list[float]]:
        """The weekly percentages of each series of a folder, the present one first."""
        return [
            [reading.used / 1000 for reading in read_readings(self.db, series, "seven_day")]
            for series in list_series(self.db, folder)
        ]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Readings]:
    db = open_writer(str(tmp_path / "ledger"))
    yield Readings(db)
    db.close()


def test_a_percentage_reported_again_without_a_new_answer_is_not_news(kept: Readings) -> None:
    assert kept.add(40)
    assert not kept.add(40, NOW + HOUR_US)
    assert kept.now() == [("seven_day", 40, NOW)]


def test_a_percentage_reported_again_after_a_new_answer_is_confirmed(kept: Readings) -> None:
    kept.add(40)
    assert kept.add(40, NOW + HOUR_US, answered=200)
    assert (kept.now(), kept.rows()) == ([("seven_day", 40, NOW + HOUR_US)], [[40]])


def test_an_idle_session_that_repeats_itself_does_not_hide_what_another_reported(kept: Readings) -> None:
    kept.add(40, session=1)
    kept.add(60, NOW + HOUR_US, session=2)
    assert not kept.add(40, NOW + 2 * HOUR_US, session=1)
    assert kept.now() == [("seven_day", 60, NOW + HOUR_US)]


def test_a_percentage_that_is_requested_again_is_confirmed(kept: Readings) -> None:
    kept.add(40, session=NOBODY, answered=0)
    assert kept.add(40, NOW + HOUR_US, session=NOBODY, answered=0)
    assert kept.now() == [("seven_day", 40, NOW + HOUR_US)]
    assert not kept.add(40, NOW + HOUR_US, session=NOBODY, answered=0)


def test_a_confirmed_percentage_has_the_source_that_confirmed_it(kept: Readings) -> None:
    for hour, source in enumerate(("cached", "usage-command")):
        readings = [Reading("seven_day", 40_000, RESET, NOW + hour * HOUR_US, source)]
        kept.add_all(readings, NOW + hour * HOUR_US, session=NOBODY, answered=0)
    (found,) = read_newest(kept.db, list_series(kept.db, HERE)[0])
    assert (found.source, found.seen_us) == ("usage-command", NOW + HOUR_US)


@pytest.mark.parametrize("seconds", [1, -1, 59, -90])
def test_a_reset_reported_seconds_differently_keeps_its_first_value(kept: Readings, seconds: int) -> None:
    kept.add(40, session=1)
    moved = RESET + seconds * SECOND_US
    kept.add(41, NOW + HOUR_US, moved, session=2)
    found = read_readings(kept.db, list_series(kept.db, HERE)[0], "seven_day")
    assert [reading.resets_us for reading in found] == [RESET, RESET]
    assert not kept.add(41, NOW + 2 * HOUR_US, moved, session=2)


def test_an_idle_session_that_reports_the_reset_seconds_differently_is_the_same_account(
    kept: Readings,
) -> None:
    kept.add(40, session=1)
    kept.add(60, NOW + HOUR_US, RESET + SECOND_US, session=2)
    early = NOW + DAY_US
    kept.add(1, early, early + WEEK_US, session=1, answered=200)
    assert not kept.add(60, early + HOUR_US, RESET + SECOND_US, session=2)
    assert kept.rows() == [[40, 60, 1]]
    assert kept.now() == [("seven_day", 1, early)]


def test_two_folders_are_never_merged(kept: Readings) -> None:
    for session in (1, NOBODY):
        assert kept.add(40, folder=HERE, session=session, answered=0)
        assert kept.add(40, folder=THERE, session=session, answered=0)
    assert (kept.rows(HERE), kept.rows(THERE)) == ([[40, 40]], [[40, 40]])
    kept.add(50, NOW + HOUR_US, folder=THERE)
    assert (kept.now(HERE)[0][1], kept.now(THERE)[0][1]) == (40, 50)


def test_accounts_with_other_resets_are_two_series_however_often_they_change(kept: Readings) -> None:
    other = RESET + 3 * DAY_US
    for hour in range(6):
        reset, used = ((RESET, 60), (other, 5))[hour % 2]
        kept.add(used + hour, NOW + hour * HOUR_US, reset, answered=hour)
    assert kept.rows() == [[6, 8, 10], [60, 62, 64]]


def test_an_account_whose_week_has_just_begun_is_not_the_other_one_reset_early(kept: Readings) -> None:
    new = NOW + WEEK_US - HOUR_US
    kept.add(5, NOW - HOUR_US // 2, new, account=7, answered=1)
    kept.add(60, NOW, RESET, account=8, answered=2)
    kept.add(6, NOW + HOUR_US, new, answered=3)
    assert kept.rows() == [[5, 6], [60]]


def test_the_account_that_resets_at_the_same_hour_is_likelier_than_one_within_a_day(
    kept: Readings,
) -> None:
    kept.add(60, NOW, RESET, account=7)
    kept.add(20, NOW + HOUR_US, RESET + HOUR_US, account=8, answered=1)
    kept.add(3, RESET + DAY_US, RESET + WEEK_US, answered=2)
    assert kept.rows() == [[60, 3], [20]]


def test_a_known_account_is_never_merged_with_another(kept: Readings) -> None:
    kept.add(40, account=7)
    kept.add(41, NOW + HOUR_US, account=8, answered=1)
    kept.add(42, NOW + 2 * HOUR_US, account=7, answered=2)
    assert kept.rows() == [[40, 42], [41]]


def test_readings_without_an_account_continue_the_series_that_fits(kept: Readings) -> None:
    kept.add(40)
    kept.add(41, NOW + HOUR_US, account=7, session=NOBODY)
    kept.add(42, NOW + 2 * HOUR_US, account=8, session=NOBODY)
    assert kept.rows() == [[42], [40, 41]]


def test_readings_without_a_week_belong_to_the_series_read_last(kept: Readings) -> None:
    kept.add(40)
    kept.add(5, NOW + HOUR_US, RESET + 3 * DAY_US)
    block = Reading("five_hour", 9_000, NOW + 5 * HOUR_US, NOW + 2 * HOUR_US, "statusline")
    kept.add_all([block], NOW + 2 * HOUR_US, answered=200)
    assert [name for name, _, _ in kept.now()] == ["five_hour", "seven_day"]
    assert kept.now()[1][1] == 5


def test_after_the_clock_was_set_back_the_newest_answer_counts(kept: Readings) -> None:
    kept.add(40, NOW + 300 * DAY_US, session=1)
    assert kept.add(60, NOW, session=2)
    assert kept.now() == [("seven_day", 60, NOW)]
    kept.add(61, NOW + HOUR_US, session=2)
    assert kept.rows() == [[40, 60, 61]]
    found = read_readings(kept.db, list_series(kept.db, HERE)[0], "seven_day")
    assert [reading.at_us for reading in found] == [NOW, NOW, NOW + HOUR_US]


def test_a_clock_set_back_does_not_touch_another_folder(kept: Readings) -> None:
    kept.add(40, NOW + DAY_US, folder=THERE)
    kept.add(60, NOW, folder=HERE)
    assert kept.now(THERE) == [("seven_day", 40, NOW + DAY_US)]


def test_whether_an_api_key_was_there_with_the_last_percentages_is_known(kept: Readings) -> None:
    assert last_keyless_us(kept.db, HERE) == 0
    kept.add(40, NOW)
    assert last_keyless_us(kept.db, HERE) == NOW
    kept.add(40, NOW + HOUR_US, answered=200, keyed=True)
    assert last_keyless_us(kept.db, HERE) == 0
    kept.add(41, NOW + 2 * HOUR_US, answered=300)
    assert (last_keyless_us(kept.db, HERE), last_keyless_us(kept.db, THERE)) == (NOW + 2 * HOUR_US, 0)
