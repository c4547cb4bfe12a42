"""The rows of a report in each dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.reports.wording import ranking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from usage_dashboard.aggregator import Report, Totals

    GroupedTotals = Mapping[tuple[str, ...], Totals]

DIMENSIONS = ("model", "agent", "project", "channel", "tool", "session", "day")

FAMILIES = ("opus", "sonnet", "haiku", "fable", "mythos")
"""Names that Claude Code accepts for the newest model of a family."""


def group_totals(report: Report, by: str, *, breakdown: bool = True) -> GroupedTotals:
    """Return the totals of a dimension by the names of each row; an agent has name, kind and model.

    Without `breakdown` all versions of a model are one row, named by its family.
    """
    if by == "agent":
        groups: GroupedTotals = {(*names,): totals for names, totals in report.agents.items()}
    else:
        lists: dict[str, Mapping[str, Totals]] = {
            "model": report.models,
            "project": report.projects,
            "channel": report.channels,
            "tool": report.tools,
            "session": report.sessions,
            "day": report.days,
        }
        groups = {(name,): totals for name, totals in lists[by].items()}
    return _merge_versions(groups) if by in ("model", "agent") and not breakdown else groups


def model_family(model: str) -> str:
    """The family of a Claude model, such as `Opus`; any other model's own name."""
    parts = model.split("-") if model.startswith("claude-") else []
    return next((name.capitalize() for name in FAMILIES if name in parts), model)


def _merge_versions(groups: GroupedTotals) -> GroupedTotals:
    """Add up all versions of a model; the model is the last of a row's names."""
    versions: dict[tuple[str, ...], list[Totals]] = {}
    for (*names, model), totals in groups.items():
        versions.setdefault((*names, model_family(model)), []).append(totals)
    return {names: ranking.sum_totals(some) for names, some in versions.items()}
