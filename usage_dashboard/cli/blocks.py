"""The parts that several pages are made of: headline, kinds of tokens, figures by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from usage_dashboard.aggregator import Totals
from usage_dashboard.cli import page, periods, render
from usage_dashboard.cli.page import Column, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from usage_dashboard.aggregator import Report
    from usage_dashboard.cli.page import Line
    from usage_dashboard.cli.view import View
    from usage_dashboard.windows import Window

    K = TypeVar("K", str, tuple[str, str, str], tuple[str, ...])
    Figures = Sequence[tuple[str, Totals | None]]

NO_CALLS_HINT = "`usage-dashboard doctor` tells whether the next session will be recorded"

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
    title = (f"{render.tokens(totals.total_tokens)} tokens {words}", "title")
    beside = (page.GAP + " · ".join(about), "dim")
    room = width - sum(page.cells(text) for text, _ in (title, beside, spent))
    if about and room >= len(page.GAP):
        return [[title, beside, (" " * room, ""), spent]]
    return [*page.spread(title, spent, width), *page.flowing(about, width, "dim")]


def nothing(view: View, window: Window, width: int, about: Sequence[Line] = ()) -> list[Line]:
    """That nothing is recorded in the window, or nothing at all, and what to do about it."""
    state = view.state()
    if state == "missing":
        text, about, hint = "No data recorded", (), "usage-dashboard setup"
    elif state == "empty":
        text, about, hint = "No data recorded yet", (), NO_CALLS_HINT
    else:
        text, hint = (
            f"No data recorded {periods.period(window, view.zone)}",
            "usage-dashboard report --window all",
        )
    return [*page.wrapped(text, width, "title"), *about, *page.wrapped(f"hint: {hint}", width)]


def kinds(totals: Totals, width: int) -> list[Line]:
    """The tokens by kind, and what the cache did."""
    figures = (
        ("Input", render.tokens(totals.input)),
        ("Output", render.output(totals)),
        ("Cache write", render.tokens(totals.cache_creation)),
        ("Cache read", render.tokens(totals.cache_read)),
        ("Cache hit rate", render.percent(totals.cache_hit_rate)),
        ("Without cache", without_cache(totals) + ("" if totals.priced_nusd is None else " est.")),
    )
    return page.tiles(figures, width)


def without_cache(totals: Totals) -> str:
    """What the same tokens would have cost without a cache."""
    known = totals.priced_nusd
    return render.UNKNOWN if known is None else _about(totals, known + totals.savings_nusd)


def overview(groups: Sequence[tuple[str, Figures]], width: int) -> list[Line]:
    """Groups of names with their figures in one grid; None is a name with nothing recorded."""
    return page.table(OVERVIEW, [(title, _rows(figures)) for title, figures in groups], width)


def models(report: Report, most: int) -> Figures:
    """The models with the most tokens, and the others as one."""
    return folded(ranked(report.models.items()), most, "models")


def ranked(found: Iterable[tuple[K, Totals]]) -> list[tuple[K, Totals]]:
    """Most tokens first; without what only calls that never were answered left."""
    some = [(name, totals) for name, totals in found if has_usage(totals)]
    return sorted(some, key=lambda item: (-item[1].total_tokens, item[0]))


def has_usage(totals: Totals) -> bool:
    """Whether there is anything to show."""
    return bool(totals.calls or totals.total_tokens)


def folded(found: list[tuple[str, Totals]], most: int, noun: str = "") -> list[tuple[str, Totals]]:
    """At most `most` of `found`, the last of them standing for all that follow."""
    if len(found) <= most:
        return found
    rest = added(totals for _, totals in found[most - 1 :])
    return [*found[: most - 1], (f"{len(found) - most + 1} other{' ' + noun if noun else 's'}", rest)]


def added(found: Iterable[Totals]) -> Totals:
    """The sum of several totals."""
    total: Totals | None = None
    for totals in found:
        total = total or type(totals)()
        total.absorb(totals)
    return total or Totals()


def _about(totals: Totals, nusd: int) -> str:
    """An amount as the estimate it is, more than it where calls have no price."""
    return f"{'>' if totals.unpriced else '≈'} {render.dollars(nusd)}"


def _rows(figures: Figures) -> list[Row]:
    most = max((totals.total_tokens for _, totals in figures if totals is not None), default=0)
    return [_row(name, totals, most) for name, totals in figures]


def _row(name: str, totals: Totals | None, most: int) -> Row:
    if totals is None:
        return Row([f"  {name}", 0.0, render.UNKNOWN, "", "", "", ""], "dim")
    return Row(
        [
            f"  {name}",
            totals.total_tokens / most if most else 0.0,
            render.tokens(totals.total_tokens),
            f"{totals.calls:,}",
            render.output(totals),
            render.percent(totals.cache_hit_rate),
            render.cost(totals),
        ]
    )
