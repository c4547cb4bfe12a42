"""The blocks that pages share: headline, kinds of tokens, tables by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.reports.wording import empty, numbers, ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.aggregator import Report, Totals
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.model.windows import Window

    Figures = Sequence[tuple[str, Totals | None]]

OVERVIEW = (
    TableColumn("", left=True),
    TableColumn("", 1, style="bar", bars=True),
    TableColumn("Tokens", style="figure"),
    TableColumn("Calls", 4),
    TableColumn("Output", 3),
    TableColumn("Hit rate", 5),
    TableColumn("Cost (est.)"),
)


def format_headline(totals: Totals, words: str, width: int, about: Sequence[str] = ()) -> list[StyledLine]:
    """The headline `4.2M tokens this week`, with facts `about` it and the cost."""
    known = totals.priced_nusd
    spent = ("cost unknown" if known is None else f"{_estimate(totals, known)} est.", "title")
    title = (f"{numbers.format_tokens(totals.total_tokens)} tokens {words}", "title")
    beside = (layout.GAP + " · ".join(about), "dim")
    room = width - sum(layout.display_width(text) for text, _ in (title, beside, spent))
    if about and room >= len(layout.GAP):
        return [[title, beside, (" " * room, ""), spent]]
    return [*layout.spread_line(title, spent, width), *layout.join_parts(about, width, "dim")]


def format_empty(
    reader: CommandReader, window: Window, width: int, about: Sequence[StyledLine] = ()
) -> list[StyledLine]:
    """Say that nothing is recorded in the window, or at all, and what to do."""
    state = reader.ledger_state()
    text, hint = empty.describe_empty(state, window, reader.zone)
    about = about if state == "used" else ()
    return [*layout.wrap_text(text, width, "title"), *about, *layout.wrap_text(f"hint: {hint}", width)]


def format_kinds(totals: Totals, width: int) -> list[StyledLine]:
    """Tiles for the tokens by kind and the effect of the cache."""
    figures = (
        ("Input", numbers.format_tokens(totals.input)),
        ("Output", numbers.format_output(totals)),
        ("Cache write", numbers.format_tokens(totals.cache_creation)),
        ("Cache read", numbers.format_tokens(totals.cache_read)),
        ("Cache hit rate", numbers.format_share(totals.cache_hit_rate)),
        ("Without cache", format_uncached_cost(totals) + ("" if totals.priced_nusd is None else " est.")),
    )
    return layout.lay_out_tiles(figures, width)


def format_uncached_cost(totals: Totals) -> str:
    """The estimated cost of the same tokens without a cache."""
    known = totals.priced_nusd
    return numbers.UNKNOWN if known is None else _estimate(totals, known + totals.savings_nusd)


def format_overview(groups: Sequence[tuple[str, Figures]], width: int) -> list[StyledLine]:
    """A table of groups of names with their totals, None for a name without any."""
    return layout.lay_out_table(
        OVERVIEW, [(title, _overview_rows(figures)) for title, figures in groups], width
    )


def top_models(report: Report, most: int) -> Figures:
    """The `most` models with the most tokens, the last entry being all others."""
    return ranking.fold_rest(ranking.rank_by_tokens(report.models.items()), most, "models")


def _estimate(totals: Totals, nusd: int) -> str:
    """An amount as `≈ $1.20`, or as `> $1.20` if calls without a price are left out."""
    return f"{'>' if totals.unpriced else '≈'} {numbers.format_dollars(nusd)}"


def _overview_rows(figures: Figures) -> list[TableRow]:
    most = max((totals.total_tokens for _, totals in figures if totals is not None), default=0)
    return [_overview_row(name, totals, most) for name, totals in figures]


def _overview_row(name: str, totals: Totals | None, most: int) -> TableRow:
    if totals is None:
        return TableRow([f"  {name}", 0.0, numbers.UNKNOWN, "", "", "", ""], "dim")
    return TableRow(
        [
            f"  {name}",
            totals.total_tokens / most if most else 0.0,
            numbers.format_tokens(totals.total_tokens),
            f"{totals.calls:,}",
            numbers.format_output(totals),
            numbers.format_share(totals.cache_hit_rate),
            numbers.format_cost(totals),
        ]
    )
