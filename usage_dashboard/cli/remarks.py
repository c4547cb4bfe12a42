"""What a reader has to know about the figures of a page: each remark only where it applies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli import page, render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.page import Line
    from usage_dashboard.usage import Usage

MODELS_NAMED = 3


def remarks(usage: Usage, width: int) -> list[Line]:
    """The remarks on a page of `usage`, after an empty line; nothing if there are none."""
    lines: list[Line] = []
    for text in _sentences(usage):
        lines += page.wrapped(text, width, "warn")
    return [[], *lines] if lines else []


def _sentences(usage: Usage) -> Iterator[str]:
    report, totals = usage.report, usage.report.totals
    if report.unpriced_models:
        calls = render.count(totals.unpriced, "call")
        yield f"No price is known for {_names(report.unpriced_models)}; costs leave out {calls}"
    if totals.incomplete:
        verb, whose = ("was", "its") if totals.incomplete == 1 else ("were", "their")
        yield f"{render.count(totals.incomplete, 'call')} {verb} cut off; {whose} output is a lower bound"
    if report.background.calls:
        yield _background(report.background, totals)
    if report.background_unknown_sessions:
        sessions = render.count(report.background_unknown_sessions, "session")
        yield f"Background calls of {sessions} are not known yet"
    if usage.approximate:
        yield "The first quarter-hour is counted in full, since its single calls are no longer kept"


def _names(found: list[str]) -> str:
    shown = ", ".join(found[:MODELS_NAMED])
    return shown + (f" and {len(found) - MODELS_NAMED} more" if len(found) > MODELS_NAMED else "")


def _background(hidden: Totals, totals: Totals) -> str:
    share = render.percent(hidden.total_tokens / totals.total_tokens if totals.total_tokens else None)
    amount = render.tokens(hidden.total_tokens)
    return f"Background calls, which no transcript shows, took {amount} tokens ({share})"
