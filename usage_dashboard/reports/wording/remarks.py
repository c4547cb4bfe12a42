"""Remarks on the figures of a screen, each only if it applies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.reports.wording import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.reports.window_usage import WindowUsage

MODELS_NAMED = 3

ATTRIBUTED = "Attributed to tools by the size of what they wrote and what they returned"


def list_remarks(usage: WindowUsage) -> Iterator[str]:
    """Yield all remarks on `usage`, as sentences without a full stop."""
    yield from list_doubts(usage)
    yield from list_background_remarks(usage)


def list_doubts(usage: WindowUsage) -> Iterator[str]:
    """Yield why the figures are uncertain."""
    report, totals = usage.report, usage.report.totals
    if report.unpriced_models:
        left_out = numbers.format_count(totals.unpriced, "call") if totals.unpriced else "what they took"
        yield f"No price is known for {_join_names(report.unpriced_models)}; costs leave out {left_out}"
    if totals.incomplete:
        calls = numbers.format_count(totals.incomplete, "call")
        were, their = ("was", "its") if totals.incomplete == 1 else ("were", "their")
        yield f"{calls} {were} cut off; {their} output is a lower bound"
    if usage.approximate:
        yield "The first quarter-hour is counted in full, since its single calls are no longer kept"


def list_background_remarks(usage: WindowUsage) -> Iterator[str]:
    """Yield what is known of background calls, and in how many sessions they are unknown."""
    report, totals = usage.report, usage.report.totals
    if report.background.calls:
        yield _background_sentence(report.background, totals)
    if report.background_unknown_sessions:
        sessions = numbers.format_count(report.background_unknown_sessions, "session")
        yield f"Background calls of {sessions} are unknown"


def describe_damage(lines: int) -> str:
    """Say that so many `lines` of transcripts could not be read."""
    held = "what it held is" if lines == 1 else "what they held is"
    return f"{numbers.format_count(lines, 'damaged line')} could not be read; {held} not counted"


def _join_names(names: list[str]) -> str:
    shown = ", ".join(names[:MODELS_NAMED])
    return shown + (f" and {len(names) - MODELS_NAMED} more" if len(names) > MODELS_NAMED else "")


def _background_sentence(background: Totals, totals: Totals) -> str:
    share = numbers.format_share(
        background.total_tokens / totals.total_tokens if totals.total_tokens else None
    )
    amount = numbers.format_tokens(background.total_tokens)
    return f"Background calls, which no transcript shows, took {amount} tokens ({share})"
