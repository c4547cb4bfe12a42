"""What a reader has to know about the figures of a page: each remark only where it applies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli import page, render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.page import Line
    from usage_dashboard.usage import Usage

MODELS_NAMED = 3


def remarks(usage: Usage, width: int) -> list[Line]:
    """The remarks on a page of `usage`, after an empty line; nothing if there are none."""
    lines = _painted((*_doubts(usage), *_hidden(usage)), width)
    return [[], *lines] if lines else []


def doubts(usage: Usage, width: int) -> list[Line]:
    """The remarks without those on background calls, for a page that has figures of them."""
    return _painted(_doubts(usage), width)


def _painted(texts: Iterable[str], width: int) -> list[Line]:
    return [line for text in texts for line in page.wrapped(text, width, "warn")]


def _doubts(usage: Usage) -> Iterator[str]:
    report, totals = usage.report, usage.report.totals
    if report.unpriced_models:
        left_out = render.count(totals.unpriced, "call") if totals.unpriced else "what they took"
        yield f"No price is known for {_names(report.unpriced_models)}; costs leave out {left_out}"
    if totals.incomplete:
        verb, whose = ("was", "its") if totals.incomplete == 1 else ("were", "their")
        yield f"{render.count(totals.incomplete, 'call')} {verb} cut off; {whose} output is a lower bound"
    if usage.approximate:
        yield "The first quarter-hour is counted in full, since its single calls are no longer kept"


def _hidden(usage: Usage) -> Iterator[str]:
    report, totals = usage.report, usage.report.totals
    if report.background.calls:
        yield _background(report.background, totals)
    if report.background_unknown_sessions:
        sessions = render.count(report.background_unknown_sessions, "session")
        yield f"Background calls of {sessions} are not known yet"


def _names(found: list[str]) -> str:
    shown = ", ".join(found[:MODELS_NAMED])
    return shown + (f" and {len(found) - MODELS_NAMED} more" if len(found) > MODELS_NAMED else "")


def _background(hidden: Totals, totals: Totals) -> str:
    share = render.percent(hidden.total_tokens / totals.total_tokens if totals.total_tokens else None)
    amount = render.tokens(hidden.total_tokens)
    return f"Background calls, which no transcript shows, took {amount} tokens ({share})"
