"""The parts that several pages are made of: headline, kinds of tokens, figures by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import Column, Row
from usage_dashboard.reports.wording import empty, numbers, ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.aggregator import Report, Totals
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import Line
    from usage_dashboard.model.windows import Window

    Figures = Sequence[tuple[str, Totals | None]]

OVERVIEW = (
    Column("", left=True),
    Column("", 1, style="bar", bars=True),
    Column("Tokens", style="figure"),
    Column("Calls", 4),
    Column("Output", 3),
    Column("Hit rate", 5),
    Column("Cost (est.)"),
)


def headline(totals: Totals, words: str, width: int, about: Sequence[str] = ()) -> list[Line]:
    """`4.2M tokens this week`, what is `about` it, and what they cost."""
    known = totals.priced_nusd
    spent = ("cost unknown" if known is None else f"{_about(totals, known)} est.", "title")
    title = (f"{numbers.format_tokens(totals.total_tokens)} tokens {words}", "title")
    beside = (layout.GAP + " · ".join(about), "dim")
    room = width - sum(layout.cells(text) for text, _ in (title, beside, spent))
    if about and room >= len(layout.GAP):
        return [[title, beside, (" " * room, ""), spent]]
    return [*layout.spread(title, spent, width), *layout.flowing(about, width, "dim")]


def nothing(reader: CommandReader, window: Window, width: int, about: Sequence[Line] = ()) -> list[Line]:
    """That nothing is recorded in the window, or nothing at all, and what to do about it."""
    state = reader.ledger_state()
    text, hint = empty.describe_empty(state, window, reader.zone)
    about = about if state == "used" else ()
    return [*layout.wrapped(text, width, "title"), *about, *layout.wrapped(f"hint: {hint}", width)]


def kinds(totals: Totals, width: int) -> list[Line]:
    """The tokens by kind, and what the cache did."""
    figures = (
        ("Input", numbers.format_tokens(totals.input)),
        ("Output", numbers.format_output(totals)),
        ("Cache write", numbers.format_tokens(totals.cache_creation)),
        ("Cache read", numbers.format_tokens(totals.cache_read)),
        ("Cache hit rate", numbers.format_share(totals.cache_hit_rate)),
        ("Without cache", without_cache(totals) + ("" if totals.priced_nusd is None else " est.")),
    )
    return layout.tiles(figures, width)


def without_cache(totals: Totals) -> str:
    """What the same tokens would have cost without a cache."""
    known = totals.priced_nusd
    return numbers.UNKNOWN if known is None else _about(totals, known + totals.savings_nusd)


def overview(groups: Sequence[tuple[str, Figures]], width: int) -> list[Line]:
    """Groups of names with their figures in one grid; None is a name with nothing recorded."""
    return layout.table(OVERVIEW, [(title, _rows(figures)) for title, figures in groups], width)


def models(report: Report, most: int) -> Figures:
    """The models with the most tokens, and the others as one."""
    return ranking.fold_rest(ranking.rank_by_tokens(report.models.items()), most, "models")


def _about(totals: Totals, nusd: int) -> str:
    """An amount as the estimate it is, more than it where calls have no price."""
    return f"{'>' if totals.unpriced else '≈'} {numbers.format_dollars(nusd)}"


def _rows(figures: Figures) -> list[Row]:
    most = max((totals.total_tokens for _, totals in figures if totals is not None), default=0)
    return [_row(name, totals, most) for name, totals in figures]


def _row(name: str, totals: Totals | None, most: int) -> Row:
    if totals is None:
        return Row([f"  {name}", 0.0, numbers.UNKNOWN, "", "", "", ""], "dim")
    return Row(
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
