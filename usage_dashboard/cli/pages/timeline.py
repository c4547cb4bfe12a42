"""The cost of a session over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.aggregator import sum_buckets
from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.model.events import BUCKET_US, SECOND_US
from usage_dashboard.reports.envelope import iso_time, token_fields
from usage_dashboard.reports.wording import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.store.read.totals import Bucket

COLUMNS = (
    TableColumn("", left=True),
    TableColumn("", 1, style="bar", bars=True),
    TableColumn("Tokens", style="figure"),
    TableColumn("Calls", 2),
    TableColumn("Cost (est.)"),
)
GRAINS = {
    "15m": 1, "30m": 2, "1h": 4, "2h": 8, "4h": 16, "12h": 48, "1d": 96, "3d": 288, "7d": 672, "14d": 1344,
    "30d": 2880,
}  # fmt: skip
"""The lengths that a slice may have, in quarter-hours."""

ROWS_MOST = 10


def format_timeline(buckets: Sequence[Bucket], reader: CommandReader, width: int) -> list[StyledLine]:
    """A table with a bar for each slice of time, slices being long enough to be few."""
    first, last = min(bucket[0] for bucket in buckets), max(bucket[0] for bucket in buckets)
    names = [name for name, grain in GRAINS.items() if (last - first) // grain < ROWS_MOST]
    each = names[0] if names else list(GRAINS)[-1]
    grain = GRAINS[each]
    slices: dict[int, list[Bucket]] = {}
    for bucket in buckets:
        slices.setdefault((bucket[0] - first) // grain, []).append(bucket)
    sums = {number: sum_buckets(some) for number, some in slices.items()}
    most = max(totals.cost_nusd for totals in sums.values())
    rows = []
    for number in range(max(sums) + 1):
        name = numbers.format_short_time((first + number * grain) * BUCKET_US, reader.zone, reader.now_us)
        rows.append(_slice_row(name, sums.get(number), most))
    return layout.lay_out_table(COLUMNS, [(f"Cost, each {each}", rows)], width)


def timeline_to_json(buckets: Sequence[Bucket]) -> list[dict[str, object]]:
    """The quarter-hours with usage, as plain values."""
    return [
        {"since": iso_time(quarter * BUCKET_US), "seconds": BUCKET_US // SECOND_US, **token_fields(totals)}
        for quarter, totals in _totals_by_quarter(buckets).items()
    ]


def _totals_by_quarter(buckets: Sequence[Bucket]) -> dict[int, Totals]:
    """The totals of each quarter-hour with usage, in order."""
    by_quarter: dict[int, list[Bucket]] = {}
    for bucket in buckets:
        by_quarter.setdefault(bucket[0], []).append(bucket)
    return {quarter: sum_buckets(by_quarter[quarter]) for quarter in sorted(by_quarter)}


def _slice_row(name: str, totals: Totals | None, most_nusd: int) -> TableRow:
    if totals is None:
        return TableRow([f"  {name}", 0.0, numbers.UNKNOWN, "", ""], "dim")
    bar = totals.cost_nusd / most_nusd if most_nusd else 0.0
    return TableRow(
        [
            f"  {name}",
            bar,
            numbers.format_tokens(totals.total_tokens),
            f"{totals.calls:,}",
            numbers.format_cost(totals),
        ]
    )
