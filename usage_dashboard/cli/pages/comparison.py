"""A window against the one before it: what changed in all and in each row."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.pages import token_tables
from usage_dashboard.cli.pages.dimensions import DIMENSIONS, group_totals
from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.model import windows
from usage_dashboard.reports.envelope import build_envelope, to_dollars
from usage_dashboard.reports.wording import numbers, ranking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.reports.filters import Wanted
    from usage_dashboard.reports.window_usage import WindowUsage

    BeforeAndNow = tuple[Totals | None, Totals | None]

KEYS = {"agent": ("name", "type", "model")}
"""What tells the rows of a list apart in JSON, where it is not the dimension alone."""


class Comparison:
    """The usage `now` and that in the window `before` it.

    A window that still runs is compared with as much of the one before as has passed of it (`partial`).
    A day is compared with the one as far into its window.
    """

    def __init__(self, reader: CommandReader, now: WindowUsage, wanted: Wanted | None = None) -> None:
        past = reader.window_before(now.window)
        if past is None:
            raise click.UsageError("--compare needs a window with a beginning, such as --window 7D")
        window = windows.same_part_of(past, now.window, reader.now_us)
        self.now = now
        self.before = reader.read_usage(window, wanted)
        self.partial = window.until_us != past.until_us
        first, earlier = (reader.zone.wall(found.since_us).date() for found in (now.window, window))
        self._later = first - earlier

    def rows(self, by: str, *, breakdown: bool = True) -> dict[tuple[str, ...], BeforeAndNow]:
        """The totals of each row before and now, None where there were none.

        Most tokens first, and those of now before those that are gone; days by their date.
        """
        now = group_totals(self.now.report, by, breakdown=breakdown)
        before = group_totals(self.before.report, by, breakdown=breakdown)
        if by == "day":
            before = {(self._moved(day),): totals for (day,), totals in before.items()}
        gone = [item for item in ranking.rank_by_tokens(before.items()) if item[0] not in now]
        order = [names for names, _ in (*ranking.rank_by_tokens(now.items()), *gone)]
        if by == "day":
            order.sort()
        return {names: (before.get(names), now.get(names)) for names in order}

    def document(self) -> dict[str, object]:
        """The window and the totals before, and the changes since: what the envelope has beside the rest."""
        before = build_envelope(self.before, [])
        change = _change_fields(self.before.report.totals, self.now.report.totals)
        lists = {f"by_{by}": self._changes(by) for by in DIMENSIONS}
        return {"compare": {"window": before["window"], "totals": before["totals"], "change": change | lists}}

    def sentence(self, reader: CommandReader, width: int) -> list[StyledLine]:
        """What it is compared with, and the change in all."""
        window, now, before = self.before.window, self.now.report.totals, self.before.report.totals
        until_us = window.until_us or reader.now_us
        ends = [numbers.format_moment(at_us, reader.zone) for at_us in (window.since_us, until_us)]
        between = f" {numbers.DASH} ".join(ends)
        part = ", the same part of the one before" if self.partial else ""
        if not before.total_tokens:
            return layout.wrap_text(
                f"Nothing to compare with: no data recorded {between}{part}", width, "dim"
            )
        tokens = _format_change(now.total_tokens - before.total_tokens, numbers.format_tokens)
        share = f"{now.total_tokens / before.total_tokens - 1:+,.0%}"
        calls = _format_change(
            token_tables.count_calls(now) - token_tables.count_calls(before), "{:,}".format
        )
        spent = _cost_change(before, now)
        cost = "cost unknown" if spent is None else _format_change(spent, numbers.format_dollars)
        changed = f"{tokens} tokens ({share}), {calls} calls, {cost}"
        return layout.wrap_text(f"Compared with {between}{part}: {changed}", width, "dim")

    def _changes(self, by: str) -> list[dict[str, object]]:
        keys = KEYS.get(by, (by,))
        return [
            dict(zip(keys, names, strict=True)) | _change_fields(*pair)
            for names, pair in self.rows(by).items()
        ]

    def _moved(self, day: str) -> str:
        return (date.fromisoformat(day) + self._later).isoformat()


def format_changes(
    title: str,
    rows: Sequence[tuple[list[str], BeforeAndNow]],
    whole: BeforeAndNow,
    width: int,
    more: Sequence[TableColumn] = (),
) -> list[StyledLine]:
    """A row for each name, with the `more` columns that its texts fill, its figures and their changes."""
    columns = (
        TableColumn("", left=True),
        *more,
        TableColumn("\nCalls", 2),
        TableColumn("\nChange", 3),
        TableColumn("\nTokens", style="figure"),
        TableColumn("\nChange"),
        TableColumn("Cost\n(est.)", 1),
        TableColumn("\nChange", 4),
    )
    found = [TableRow([*texts, *_change_cells(*pair)], "" if pair[1] else "dim") for texts, pair in rows]
    total = TableRow(["Total", *("" for _ in more), *_change_cells(*whole)], "total")
    return layout.lay_out_table(columns, [(title, [*found, total])], width)


def _change_fields(before: Totals | None, now: Totals | None) -> dict[str, object]:
    return {
        "total_tokens": _amount_of(now, "total_tokens") - _amount_of(before, "total_tokens"),
        "calls": _amount_of(now, "calls") - _amount_of(before, "calls"),
        "cost_estimate_usd": to_dollars(_cost_change(before, now)),
    }


def _amount_of(totals: Totals | None, name: str) -> int:
    return 0 if totals is None else int(getattr(totals, name))


def _cost_change(before: Totals | None, now: Totals | None) -> int | None:
    """The change of the cost in nano-USD; None where one of the two is unknown."""
    then, since = (0 if totals is None else totals.priced_nusd for totals in (before, now))
    return None if then is None or since is None else since - then


def _change_cells(before: Totals | None, now: Totals | None) -> list[str]:
    now_called, then_called = (
        0 if totals is None else token_tables.count_calls(totals) for totals in (now, before)
    )
    tokens = _amount_of(now, "total_tokens") - _amount_of(before, "total_tokens")
    shown = [numbers.UNKNOWN] * 3
    if now is not None:
        shown = [
            token_tables.format_call_count(now),
            numbers.format_tokens(now.total_tokens),
            numbers.format_cost(now),
        ]
    changes = [
        _format_change(now_called - then_called, "{:,}".format),
        _format_change(tokens, numbers.format_tokens),
        _format_change(_cost_change(before, now), numbers.format_dollars),
    ]
    return [cell for pair in zip(shown, changes, strict=True) for cell in pair]


def _format_change(amount: int | None, words: Callable[[int], str]) -> str:
    """A change with its sign, `=` where nothing changed."""
    if not amount:
        return numbers.UNKNOWN if amount is None else "="
    return ("+" if amount > 0 else "-") + words(abs(amount))
