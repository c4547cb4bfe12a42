"""Our prices against the PyPI package `genai-prices`: each difference is listed here with its reason.

The package's data module is not public, so its version is pinned among the test requirements.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tests.pricing.test_cost import TABLE, us
from usage_dashboard.model.token_counts import prompt_bucket
from usage_dashboard.pricing.cost import KINDS, cost_of_share
from usage_dashboard.pricing.model_names import price_key

data = pytest.importorskip("genai_prices.data", reason="needs the package genai-prices")

THEIR_KINDS = ("input", "output", "cache_write", "cache_write_1h", "cache_read")
VARIANTS = {"fast": {"speed": "fast"}, "batch": {"processing": "batch"}}
AS_OF = date.fromisoformat(TABLE.as_of)
ANTHROPIC = next(provider for provider in data.providers if provider.id == "anthropic")
THEIRS = {price_key(model.id): model for model in ANTHROPIC.models}
OURS = {model.id: model for model in TABLE.models()}

# USD per million tokens in the order of KINDS, then USD per 1,000 searches; None: no such price.
Prices = tuple[Fraction | None, ...]
# Model, standard or fast or batch, day, tokens of the prompt.
Case = tuple[str, str, str, int]
NOTHING: Prices = (None,) * 6

TODAY = TABLE.as_of

UNDATED = "there without the date: reads cost 0.20 before 2026-10-07"
NO_PREMIUM = "there without the premium of the 1M beta for prompts above 200,000 tokens"
PAST_OFFER = "fast mode at six times the price, an offer of the past, is not there"
NO_CACHE = "older than prompt caching, so without five prices: unpriced here"
NO_MODEL = "not there; Anthropic's page has it at the prices of its Fable twin"
NO_SEARCH = "without a price of searches there, since these models could not search"
NO_BATCH = "without a batch price there, since it is retired; the discount was half for all"

BATCHED = ("3-5-haiku", "3-5-sonnet", "3-7-sonnet", "3-haiku", "3-opus", "3-sonnet", "opus-4", "opus-4-1")

DIFFERENCES: dict[Case, str] = {
    ("claude-sonnet-5-5", "standard", "2026-10-06", 1): UNDATED,
    ("claude-sonnet-4", "standard", TODAY, 200_001): NO_PREMIUM,
    ("claude-opus-4-6", "fast", TODAY, 200_000): PAST_OFFER,
    ("claude-opus-4-6", "fast", TODAY, 200_001): PAST_OFFER,
    ("claude-opus-4-7", "fast", TODAY, 1): PAST_OFFER,
    ("claude-2", "standard", TODAY, 1): NO_CACHE,
    ("claude-v1", "standard", TODAY, 1): NO_CACHE,
    ("claude-mythos-5", "standard", TODAY, 1): NO_MODEL,
    ("claude-mythos-5", "batch", TODAY, 1): NO_MODEL,
    ("claude-mythos-5-1", "standard", TODAY, 1): NO_MODEL,
    ("claude-mythos-5-1", "batch", TODAY, 1): NO_MODEL,
    ("claude-3-haiku", "standard", TODAY, 1): NO_SEARCH,
    ("claude-3-opus", "standard", TODAY, 1): NO_SEARCH,
    ("claude-3-sonnet", "standard", TODAY, 1): NO_SEARCH,
    ("claude-sonnet-4", "batch", TODAY, 200_000): NO_BATCH,
    ("claude-sonnet-4", "batch", TODAY, 200_001): NO_BATCH,
    **{(f"claude-{name}", "batch", TODAY, 1): NO_BATCH for name in BATCHED},
}


def our_prices(model: str, mode: str, day: date, prompt_tokens: int) -> Prices:
    speed, tier = ("fast" if mode == "fast" else "standard"), ("batch" if mode == "batch" else "standard")
    price = TABLE.price(model, prompt_bucket(prompt_tokens), speed, "", tier, us(midnight(day)))
    if price is None:
        return NOTHING
    five = [Fraction(cost_of_share(price, **{f"{kind}_tokens": 10**6}), 10**9) for kind in KINDS]
    return (*five, Fraction(price.web_search_nusd, 10**6))


def their_prices(model: str, mode: str, day: date, prompt_tokens: int) -> Prices:
    known = THEIRS.get(model)
    if known is None or (mode in VARIANTS and not offered(known, mode, day)):
        return NOTHING
    prices = known.get_prices(midnight(day), VARIANTS.get(mode))
    five = [at_length(getattr(prices, f"{kind}_mtok"), prompt_tokens) for kind in THEIR_KINDS]
    return (*five, at_length(prices.web_searches_kcount, prompt_tokens))


def offered(known: Any, mode: str, day: date) -> bool:
    fits = [variant for variant in known.price_variants or () if variant.when == VARIANTS[mode]]
    return any(fit.constraint is None or fit.constraint.active(midnight(day)) for fit in fits)


def at_length(price: Any, prompt_tokens: int) -> Fraction | None:
    if price is None:
        return None
    reached = [tier.price for tier in getattr(price, "tiers", ()) if prompt_tokens > tier.start]
    return Fraction([getattr(price, "base", price), *reached][-1])


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def cases() -> Iterator[Case]:
    for model in sorted(OURS.keys() | THEIRS.keys()):
        for prompt_tokens in prompts(model):
            for day in days(model):
                yield model, "standard", day.isoformat(), prompt_tokens
            for mode in VARIANTS:
                yield model, mode, AS_OF.isoformat(), prompt_tokens


def days(model: str) -> list[date]:
    """The day of each change that either table knows, the day before it, and the day of ours."""
    changes = {date.fromisoformat(row.since) for row in our_rows(model) if row.since}
    changes |= {constraint.start_date for constraint, _ in their_rows(model) if constraint}
    return sorted({AS_OF} | changes | {change - timedelta(days=1) for change in changes})


def prompts(model: str) -> list[int]:
    """The last length before each threshold that either table knows and the first above it, or one."""
    thresholds = {row.above_tokens for row in our_rows(model) if row.above}
    for _, prices in their_rows(model):
        thresholds |= {tier.start for tier in getattr(prices.input_mtok, "tiers", ())}
    return sorted({edge + more for edge in thresholds for more in (0, 1)}) or [1]


def our_rows(model: str) -> list[Any]:
    return OURS[model].rows if model in OURS else []


def their_rows(model: str) -> list[tuple[Any, Any]]:
    """Each dated set of prices as (constraint or None, prices)."""
    prices = THEIRS[model].prices if model in THEIRS else []
    return (
        [(item.constraint, item.prices) for item in prices] if isinstance(prices, list) else [(None, prices)]
    )


def differences() -> dict[Case, tuple[Prices, Prices]]:
    found = {}
    for model, mode, day, prompt_tokens in cases():
        asked = (model, mode, date.fromisoformat(day), prompt_tokens)
        ours, theirs = our_prices(*asked), their_prices(*asked)
        if ours != theirs:
            found[model, mode, day, prompt_tokens] = (ours, theirs)
    return found


def test_every_price_agrees_with_genai_prices_but_for_the_listed_differences() -> None:
    unlisted = {case: both for case, both in differences().items() if case not in DIFFERENCES}
    assert unlisted == {}


def test_every_listed_difference_is_still_one() -> None:
    assert DIFFERENCES.keys() - differences().keys() == set()


def test_the_comparison_covers_every_model_of_both() -> None:
    assert {model for model, *_ in cases()} == OURS.keys() | THEIRS.keys()
    assert len(OURS.keys() & THEIRS.keys()) >= 25
