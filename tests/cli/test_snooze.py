"""`snooze`: no warnings for a while."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import NOW, Ask, Page
from tests.support.ledger_rows import rows
from tests.support.times import at

KEPT = "SELECT value FROM meta WHERE name = 'snoozed_until_us'"
NOW_US = at(NOW.replace("Z", "+00:00"))


@pytest.mark.parametrize(
    ("how_long", "minutes", "said"),
    [
        ("30m", 30, "Wed Nov 25 10:44"),
        ("1m", 1, "Wed Nov 25 10:15"),
        ("2h", 120, "Wed Nov 25 12:14"),
        ("1d", 1440, "Thu Nov 26 10:14"),
        ("31d", 44_640, "Sat Dec 26 10:14"),
        ("44640m", 44_640, "Sat Dec 26 10:14"),
    ],
)
def test_warnings_wait_for_so_long(page: Page, ledger: Path, how_long: str, minutes: int, said: str) -> None:
    assert page("snooze", how_long) == f"Warnings wait until {said}\n"
    assert rows(ledger, KEPT) == [(str(NOW_US + minutes * 60_000_000),)]


def test_the_last_word_counts_and_off_ends_it(page: Page, ledger: Path) -> None:
    page("snooze", "2h")
    page("snooze", "1m")
    assert rows(ledger, KEPT) == [(str(NOW_US + 60_000_000),)]
    assert page("snooze", "off") == "Warnings are shown again\n"
    assert rows(ledger, KEPT) == [("0",)]


@pytest.mark.parametrize(
    "how_long",
    ["", "m", "30", "0m", "-5m", "1.5h", "30s", "30 m", "OFF", "32d", "44641m", "٣m", "²h", "9" * 5000 + "m"],
    ids=lambda text: text[:9] or "empty",
)
def test_any_other_time_is_a_usage_error_and_changes_nothing(ask: Ask, ledger: Path, how_long: str) -> None:
    done = ask("snooze", "--", how_long)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "has to be a time such as 30m, 2h or 1d, at most 31d, or off" in " ".join(done.stderr.split())
    assert not ledger.exists()


def test_a_ledger_that_cannot_be_written_is_an_error_with_a_hint(ask: Ask, ledger: Path) -> None:
    ledger.mkdir()
    (ledger / "usage.db").write_bytes(b"this is no database" * 500)
    done = ask("snooze", "30m")
    expected = f"Error: The ledger in `{ledger}` cannot be written\nhint: usage-dashboard doctor\n"
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", expected)
