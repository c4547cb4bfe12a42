"""Numbers as words, and the pieces that pages are laid out with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.model import humanize
from usage_dashboard.reports.wording import numbers


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "0"),
        (1234, "1,234"),
        (9999, "9,999"),
        (12_345, "12.3k"),
        (999_940, "999.9k"),
        (999_960, "1.0M"),
        (4_200_000, "4.2M"),
        (1_100_000_000, "1.1B"),
        (3_000_000_000_000, "3.0T"),
    ],
)
def test_tokens(amount: int, words: str) -> None:
    assert numbers.format_tokens(amount) == words


@pytest.mark.parametrize(
    ("nusd", "words"),
    [
        (None, "\u2013"),
        (0, "$0.00"),
        (1, "<$0.0001"),
        (420_000, "$0.00042"),
        (4_200_000, "$0.0042"),
        (12_340_000_000, "$12.34"),
        (1_234_567_890_000_000, "$1,234,567.89"),
    ],
)
def test_dollars(nusd: int | None, words: str) -> None:
    assert numbers.format_dollars(nusd) == words


@pytest.mark.parametrize(
    ("part", "words"),
    [(None, "\u2013"), (0, "0%"), (0.00001, "<0.1%"), (0.7129, "71.2%"), (0.99999, "99.9%"), (1, "100%")],
)
def test_percent_is_never_rounded_up(part: float | None, words: str) -> None:
    assert numbers.format_share(part) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (11_520, "3h 12m"), (133_200, "1d 13h")],
)
def test_duration(seconds: int, words: str) -> None:
    assert numbers.format_duration(seconds) == words


@given(st.floats(0, 1), st.integers(1, 100))
def test_a_bar_is_as_long_as_its_part_and_something_is_never_nothing(part: float, width: int) -> None:
    drawn = humanize.draw_bar(part, width)
    assert abs(len(drawn) - part * width) <= 1
    assert bool(drawn) == (part > 0)


@given(st.text(st.sampled_from("ab-5é日本語\u0301"), max_size=40), st.integers(4, 60))
def test_a_shortened_name_fits_and_keeps_both_ends(name: str, width: int) -> None:
    short = layout.shorten_middle(name, width)
    assert layout.display_width(short) <= width
    assert short == name or (
        name.startswith(short.partition("…")[0]) and name.endswith(short.partition("…")[2])
    )


@given(st.integers(24, 100), st.lists(st.text("x", min_size=1, max_size=50), min_size=1, max_size=5))
def test_every_line_of_a_table_has_the_same_width_that_fits(width: int, names: list[str]) -> None:
    columns = (
        TableColumn("", left=True),
        TableColumn("", 1, bars=True),
        TableColumn("Tokens"),
        TableColumn("Two\nlines", 2),
    )
    rows = [TableRow([name, 0.5, "1,234", "99"]) for name in names]
    lines = layout.lay_out_table(columns, [("Name", rows)], width)
    assert {sum(layout.display_width(text) for text, _ in line) for line in lines[-len(rows) :]} <= {
        layout.display_width("".join(text for text, _ in lines[0]))
    }
    assert all(sum(layout.display_width(text) for text, _ in line) <= width for line in lines)
