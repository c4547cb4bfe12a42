"""One hint on how to spend less, if the figures of a period suggest one.

The thresholds are plain shares, so that a hint can be checked against the page above it.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from usage_dashboard.cli.terminal import layout
from usage_dashboard.model.windows import NAMES
from usage_dashboard.reports.wording import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.reports.window_usage import WindowUsage

LEAST_PROMPT = 1_000_000
"""Prompt tokens (fresh, written and read) below which a period says nothing of habits."""

LOW_HITS = 0.7
"""A cache hit rate below this is low: a session at work reads most of each prompt from the cache."""

HEAVY_INPUT = 0.2
"""Fresh input above this share of the prompt is much: in a session at work it is next to nothing."""

COSTLY_TOOL = 0.25
"""A tool charged with more than this share of the cost is worth a look."""

MUCH_BACKGROUND = 0.2
"""Background calls above this share of all tokens are many."""


def format_hint(usage: WindowUsage, width: int) -> list[StyledLine]:
    """The most useful hint as `tip: …`, or no line."""
    text = next(_list_hints(usage), "")
    return layout.wrap_text(f"tip: {text}", width) if text else []


def _list_hints(usage: WindowUsage) -> Iterator[str]:
    """Yield the hints that apply, those that save the most first."""
    report, window = usage.report, usage.window
    totals, rate = report.totals, report.totals.cache_hit_rate
    prompt = totals.input + totals.cache_creation + totals.cache_read
    if rate is None or prompt < LEAST_PROMPT:
        return
    fresh, hidden = totals.input / prompt, report.background.total_tokens / totals.total_tokens
    called = [(found.cost_nusd, name) for name, found in report.tools.items() if found.tool_calls]
    cost, tool = max(called, default=(0, ""))
    share = cost / totals.cost_nusd if totals.cost_nusd else 0
    if fresh > HEAVY_INPUT:
        yield f"{numbers.format_share(fresh)} of the prompts was fresh input at full price, past the cache"
    if rate < LOW_HITS:
        cached = numbers.format_share(rate)
        yield f"only {cached} of the prompts came from the cache; pauses and other models start it anew"
    if share > COSTLY_TOOL:
        closer = f": `report --window {window.name} --filter tool={shlex.quote(tool)}`"
        present = window.name in NAMES and not window.back
        yield f"{tool} took {numbers.format_share(share)} of the cost" + (closer if present else "")
    if hidden > MUCH_BACKGROUND:
        amount = numbers.format_share(hidden)
        yield f"background calls (compaction, web searches) took {amount} of the tokens"
