"""The top of the page: the number of tokens, the limits as rings, and the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model import humanize
from usage_dashboard.model.allowance import LEVEL_NAMES, WHOLE
from usage_dashboard.model.limit_names import limit_title
from usage_dashboard.reports.wording import limits, numbers, periods
from usage_dashboard.web.markup import amount_html, join_html, output_html, tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.model.allowance import Limit
    from usage_dashboard.reports.reader import LedgerReader
    from usage_dashboard.reports.window_usage import WindowUsage
    from usage_dashboard.web.markup import Html

WORDS = {
    "green": "Plenty left",
    "yellow": "Half used",
    "orange": "Running low",
    "red": "Nearly used up",
}
USED_UP = "Used up"
NO_CAP = (
    "No allowance is known: Claude Code told of none yet, and no cap is set. "
    "`usage-dashboard config set usage_threshold_tokens 40000000` sets one."
)


def headline_html(usage: WindowUsage, reader: LedgerReader) -> Html:
    """`4.2M tokens this week`, and the dates of that window."""
    count = usage.report.totals.total_tokens
    words = f" tokens {periods.describe_window(usage.window, reader.zone)}"
    about = " · ".join(periods.describe_dates(reader, usage.window))
    below = [tag("p", about, class_="about")] if about else []
    return tag("header", tag("h1", amount_html(count), tag("small", words)), *below, class_="headline")


def rings_html(reader: LedgerReader) -> Html:
    """A ring for each known limit; a sentence if there is none."""
    known = limits.sort_limits(reader.limits_overview.limits)
    if not known:
        return tag("section", tag("p", NO_CAP, class_="note"), class_="card rings", aria_label="Allowance")
    levels = reader.settings.alerts_levels
    shown = [_ring_html(limit, reader, levels) for limit in known]
    return tag("section", *shown, class_="card rings", aria_label="Allowance")


def figures_html(totals: Totals) -> Html:
    """The tokens by kind, what they cost, and what the cache did."""
    tiles = [
        ("Input", amount_html(totals.input)),
        ("Output", output_html(totals)),
        ("Cache write", amount_html(totals.cache_creation)),
        ("Cache read", amount_html(totals.cache_read)),
        ("Cost estimate", _cost_html(totals)),
        ("Cache hit rate", numbers.format_share(totals.cache_hit_rate)),
        ("Saved by the cache", _savings_html(totals)),
    ]
    shown = [tag("div", tag("dt", name), tag("dd", figure)) for name, figure in tiles]
    return tag("dl", *shown, class_="figures")


def _ring_html(limit: Limit, reader: LedgerReader, levels: list[int]) -> Html:
    level = LEVEL_NAMES[limit.level(levels)]
    word = USED_UP if limit.used >= WHOLE else WORDS[level]
    used, name = humanize.format_limit_percent(limit.used), limit_title(limit.window)
    part = min(limit.used, WHOLE) / WHOLE
    marks = " ".join(f"--mark{number}:{mark}%;" for number, mark in enumerate(levels))
    ring = tag(
        "div",
        tag("b", used),
        class_=f"ring {level}",
        role="img",
        aria_label=f"{name}: {used} used, {word.lower()}",
        style=f"--part:{part:.2%}; {marks}",
    )
    facts = [tag("li", fact) for fact in _limit_facts(limit, reader)]
    about = tag("div", tag("h2", name), tag("p", word, class_=f"word {level}"), tag("ul", *facts))
    return tag("div", ring, about, class_="allowance")


def _limit_facts(limit: Limit, reader: LedgerReader) -> Iterator[str]:
    *about, source = limits.describe_limit(limit, reader)
    yield from about
    projected = limit.projected()
    if projected is not None:
        yield f"{humanize.format_limit_percent(projected)} at the reset if the pace stays"
    yield source


def _cost_html(totals: Totals) -> Html:
    if totals.priced_nusd is None:
        return tag("span", "unknown")
    return tag("data", numbers.format_cost(totals), value=str(totals.priced_nusd))


def _savings_html(totals: Totals) -> Html:
    if totals.priced_nusd is None:
        return tag("span", "unknown")
    without = numbers.format_dollars(totals.priced_nusd + totals.savings_nusd)
    saved = numbers.format_dollars(totals.savings_nusd)
    return join_html([tag("span", saved), tag("small", f" of {without} without it")])
