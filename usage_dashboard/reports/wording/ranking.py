"""Order totals for a screen: most tokens first, small ones folded into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from usage_dashboard.aggregator import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_dashboard.aggregator import Report

    K = TypeVar("K", str, tuple[str, str, str], tuple[str, ...])


def rank_by_tokens(entries: Iterable[tuple[K, Totals]]) -> list[tuple[K, Totals]]:
    """Sort by tokens, most first, without entries that have neither calls nor tokens."""
    some = [(name, totals) for name, totals in entries if has_usage(totals)]
    return sorted(some, key=lambda item: (-item[1].total_tokens, item[0]))


def has_usage(totals: Totals) -> bool:
    """Whether there are any calls or tokens."""
    return bool(totals.calls or totals.total_tokens)


def fold_rest(entries: list[tuple[str, Totals]], most: int, noun: str = "") -> list[tuple[str, Totals]]:
    """Keep at most `most` entries; the last one is the sum of all that follow."""
    if len(entries) <= most:
        return entries
    rest = sum_totals(totals for _, totals in entries[most - 1 :])
    return [*entries[: most - 1], (f"{len(entries) - most + 1} other{' ' + noun if noun else 's'}", rest)]


def sum_totals(parts: Iterable[Totals]) -> Totals:
    """Add up several totals."""
    total: Totals | None = None
    for totals in parts:
        total = total or type(totals)()
        total.absorb(totals)
    return total or Totals()


def totals_by_agent(report: Report) -> dict[str, Totals]:
    """The totals of each agent, over all its models."""
    by_name: dict[str, list[Totals]] = {}
    for (name, _, _), totals in report.agents.items():
        by_name.setdefault(name, []).append(totals)
    return {name: sum_totals(some) for name, some in by_name.items()}
