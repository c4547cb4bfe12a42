"""The rows of a report by each dimension, by the names that tell them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.reports.wording import ranking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from usage_dashboard.aggregator import Report, Totals

    GroupedTotals = Mapping[tuple[str, ...], Totals]

DIMENSIONS = ("model", "agent", "project", "channel", "tool", "session", "day")

FAMILIES = ("opus", "sonnet", "haiku", "fable", "mythos")
"""Names under which Claude Code has the newest version of a model."""


def group_totals(report: Report, by: str, *, breakdown: bool = True) -> GroupedTotals:
    """The totals of a report by the names of a row: of an agent its name, kind and model.

    Without `breakdown` the versions of a model are one row, of its family.
    """
    if by == "agent":
        found: GroupedTotals = {(*names,): totals for names, totals in report.agents.items()}
    else:
        lists: dict[str, Mapping[str, Totals]] = {
            "model": report.models,
            "project": report.projects,
            "channel": report.channels,
            "tool": report.tools,
            "session": report.sessions,
            "day": report.days,
        }
        found = {(name,): totals for name, totals in lists[by].items()}
    return _merge_versions(found) if by in ("model", "agent") and not breakdown else found


def model_family(model: str) -> str:
    """The family of a Claude model, as `Opus`; the name itself of any other model."""
    parts = model.split("-") if model.startswith("claude-") else []
    return next((name.capitalize() for name in FAMILIES if name in parts), model)


def _merge_versions(found: GroupedTotals) -> GroupedTotals:
    """`found`, whose names end with a model's, with all versions of a model as one."""
    versions: dict[tuple[str, ...], list[Totals]] = {}
    for (*names, model), totals in found.items():
        versions.setdefault((*names, model_family(model)), []).append(totals)
    return {names: ranking.sum_totals(some) for names, some in versions.items()}
