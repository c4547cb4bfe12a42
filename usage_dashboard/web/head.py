"""The top of the page: the number, the allowances as rings, and the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.config import settings
from usage_dashboard.model.allowance import LEVEL_NAMES, WHOLE
from usage_dashboard.reports.wording import limits, numbers, periods
from usage_dashboard.web.markup import amount, joined, output, tag

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


def headline(usage: WindowUsage, reader: LedgerReader) -> Html:
    """`4.2M tokens this week`, and from when to when that is."""
    count = usage.report.totals.total_tokens
    words = f" tokens {periods.period(usage.window, reader.zone)}"
    about = " · ".join(periods.dates(reader, usage.window))
    below = [tag("p", about, class_="about")] if about else []
    return tag("header", tag("h1", amount(count), tag("small", words)), *below, class_="headline")


def rings(reader: LedgerReader) -> Html:
    """A ring for each allowance that anything is known of; a sentence where nothing is."""
    found = limits.ordered(reader.standing.limits)
    if not found:
        return tag("section", tag("p", NO_CAP, class_="note"), class_="card rings", aria_label="Allowance")
    levels = settings.numbers_of(reader.config, "alerts.levels")
    shown = [_ring(limit, reader, levels) for limit in found]
    return tag("section", *shown, class_="card rings", aria_label="Allowance")


def figures(totals: Totals) -> Html:
    """The tokens by kind, what they cost, and what the cache did."""
    tiles = [
        ("Input", amount(totals.input)),
        ("Output", output(totals)),
        ("Cache write", amount(totals.cache_creation)),
        ("Cache read", amount(totals.cache_read)),
        ("Cost estimate", _cost(totals)),
        ("Cache hit rate", numbers.percent(totals.cache_hit_rate)),
        ("Saved by the cache", _saved(totals)),
    ]
    shown = [tag("div", tag("dt", name), tag("dd", figure)) for name, figure in tiles]
    return tag("dl", *shown, class_="figures")


def _ring(limit: Limit, reader: LedgerReader, levels: list[int]) -> Html:
    level = LEVEL_NAMES[limit.level(levels)]
    word = USED_UP if limit.used >= WHOLE else WORDS[level]
    used, name = limits.percent(limit.used), limits.name(limit.window)
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
    facts = [tag("li", fact) for fact in _facts(limit, reader)]
    about = tag("div", tag("h2", name), tag("p", word, class_=f"word {level}"), tag("ul", *facts))
    return tag("div", ring, about, class_="allowance")


def _facts(limit: Limit, reader: LedgerReader) -> Iterator[str]:
    *about, source = limits.about(limit, reader)
    yield from about
    projected = limit.projected()
    if projected is not None:
        yield f"{limits.percent(projected)} at the reset if the pace stays"
    yield source


def _cost(totals: Totals) -> Html:
    if totals.priced_nusd is None:
        return tag("span", "unknown")
    return tag("data", numbers.cost(totals), value=str(totals.priced_nusd))


def _saved(totals: Totals) -> Html:
    if totals.priced_nusd is None:
        return tag("span", "unknown")
    without = numbers.dollars(totals.priced_nusd + totals.savings_nusd)
    saved = numbers.dollars(totals.savings_nusd)
    return joined([tag("span", saved), tag("small", f" of {without} without it")])
