"""Totals in the order of a screen: those with the most tokens first, the small ones as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from usage_dashboard.aggregator import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_dashboard.aggregator import Report

    K = TypeVar("K", str, tuple[str, str, str], tuple[str, ...])


def rank_by_tokens(found: Iterable[tuple[K, Totals]]) -> list[tuple[K, Totals]]:
    """Most tokens first; without what only calls that never were answered left."""
    some = [(name, totals) for name, totals in found if has_usage(totals)]
    return sorted(some, key=lambda item: (-item[1].total_tokens, item[0]))


def has_usage(totals: Totals) -> bool:
    """Whether there is anything to show."""
    return bool(totals.calls or totals.total_tokens)


def fold_rest(found: list[tuple[str, Totals]], most: int, noun: str = "") -> list[tuple[str, Totals]]:
    """At most `most` of `found`, the last of them standing for all that follow."""
    if len(found) <= most:
        return found
    rest = sum_totals(totals for _, totals in found[most - 1 :])
    return [*found[: most - 1], (f"{len(found) - most + 1} other{' ' + noun if noun else 's'}", rest)]


def sum_totals(found: Iterable[Totals]) -> Totals:
    """The sum of several totals."""
    total: Totals | None = None
    for totals in found:
        total = total or type(totals)()
        total.absorb(totals)
    return total or Totals()


def totals_by_agent(report: Report) -> dict[str, Totals]:
    """The agents by name, whatever their models."""
    found: dict[str, list[Totals]] = {}
    for (name, _, _), totals in report.agents.items():
        found.setdefault(name, []).append(totals)
    return {name: sum_totals(some) for name, some in found.items()}
