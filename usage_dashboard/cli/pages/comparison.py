"""Compare a window with the one before it: the change in total and of each row."""

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
"""The keys that identify a row in JSON, if the dimension alone does not."""


class Comparison:
    """The usage `now` and that in the window `before` it.

    A window that has not ended is compared with the same part of the one before (`partial`), and each day
    with the day at the same distance from the start.
    """

    def __init__(self, reader: CommandReader, now: WindowUsage, wanted: Wanted | None = None) -> None:
        past = reader.window_before(now.window)
        if past is None:
            raise click.UsageError("--compare needs a window with a beginning, such as --window 7D")
        window = windows.same_part_of(past, now.window, reader.now_us)
        self.now = now
        self.before = reader.read_usage(window, wanted)
        self.partial = window.until_us != past.until_us
        first, earlier = (reader.zone.wall(each.since_us).date() for each in (now.window, window))
        self._later = first - earlier

    def paired_rows(self, by: str, *, breakdown: bool = True) -> dict[tuple[str, ...], BeforeAndNow]:
        """Return the totals of each row before and now, None if it had none.

        Current rows come first, then those that are gone, each by their tokens; days are in order.
        """
        now = group_totals(self.now.report, by, breakdown=breakdown)
        before = group_totals(self.before.report, by, breakdown=breakdown)
        if by == "day":
            before = {(self._shift_day(day),): totals for (day,), totals in before.items()}
        gone = [item for item in ranking.rank_by_tokens(before.items()) if item[0] not in now]
        order = [names for names, _ in (*ranking.rank_by_tokens(now.items()), *gone)]
        if by == "day":
            order.sort()
        return {names: (before.get(names), now.get(names)) for names in order}

    def to_json(self) -> dict[str, object]:
        """The part `compare` of the JSON: window and totals before, and the changes since."""
        before = build_envelope(self.before, [])
        change = _change_fields(self.before.report.totals, self.now.report.totals)
        lists = {f"by_{by}": self._list_changes(by) for by in DIMENSIONS}
        return {"compare": {"window": before["window"], "totals": before["totals"], "change": change | lists}}

    def format_summary(self, reader: CommandReader, width: int) -> list[StyledLine]:
        """One sentence on the other window and the change in total."""
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

    def _list_changes(self, by: str) -> list[dict[str, object]]:
        keys = KEYS.get(by, (by,))
        return [
            dict(zip(keys, names, strict=True)) | _change_fields(*pair)
            for names, pair in self.paired_rows(by).items()
        ]

    def _shift_day(self, day: str) -> str:
        return (date.fromisoformat(day) + self._later).isoformat()


def format_changes(
    title: str,
    rows: Sequence[tuple[list[str], BeforeAndNow]],
    whole: BeforeAndNow,
    width: int,
    more: Sequence[TableColumn] = (),
) -> list[StyledLine]:
    """A table of names, their texts in the `more` columns, their figures and the changes of these."""
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
    lines = [TableRow([*texts, *_change_cells(*pair)], "" if pair[1] else "dim") for texts, pair in rows]
    total = TableRow(["Total", *("" for _ in more), *_change_cells(*whole)], "total")
    return layout.lay_out_table(columns, [(title, [*lines, total])], width)


def _change_fields(before: Totals | None, now: Totals | None) -> dict[str, object]:
    return {
        "total_tokens": _amount_of(now, "total_tokens") - _amount_of(before, "total_tokens"),
        "calls": _amount_of(now, "calls") - _amount_of(before, "calls"),
        "cost_estimate_usd": to_dollars(_cost_change(before, now)),
    }


def _amount_of(totals: Totals | None, name: str) -> int:
    return 0 if totals is None else int(getattr(totals, name))


def _cost_change(before: Totals | None, now: Totals | None) -> int | None:
    """The change of the cost in nano-USD; None if one of the two is unknown."""
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
    """A change with its sign, or `=` if there is none."""
    if not amount:
        return numbers.UNKNOWN if amount is None else "="
    return ("+" if amount > 0 else "-") + words(abs(amount))
