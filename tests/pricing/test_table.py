"""Which price a call has: by model, prompt length, date, speed, geography and service tier."""

import json
import os
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pricing.test_cost import TABLE, found, million, the, tokens, us
from usage_dashboard.model.token_counts import OVER_100K, OVER_200K, UP_TO_100K, prompt_bucket
from usage_dashboard.pricing import table
from usage_dashboard.pricing.model_names import price_key
from usage_dashboard.pricing.price_rows import midnight_us
from usage_dashboard.pricing.table import PriceTable

with open(os.path.join(os.path.dirname(table.__file__), "prices.json"), encoding="utf-8") as file:
    PUBLISHED = json.load(file)


@pytest.mark.parametrize(
    ("prompt_tokens", "bucket"),
    [
        (0, UP_TO_100K),
        (100_000, UP_TO_100K),
        (100_001, OVER_100K),
        (200_000, OVER_100K),
        (200_001, OVER_200K),
        (1_000_000, OVER_200K),
    ],
)
def test_a_prompt_reaches_the_next_bucket_only_above_the_threshold(prompt_tokens: int, bucket: int) -> None:
    assert prompt_bucket(prompt_tokens) == bucket


def test_haiku_5_5_costs_five_times_as_much_above_100_thousand_tokens() -> None:
    short = (100, 500, 125, 200, 10)
    long = tuple(5 * price for price in short)
    prices = [tokens(found("claude-haiku-5-5", bucket=prompt_bucket(n))) for n in (100_000, 100_001, 200_001)]
    assert prices == [short, long, long]


def test_the_200k_premium_of_opus_4_6_ended_at_midnight_utc_of_2026_03_13() -> None:
    last = datetime(2026, 3, 12, 23, 59, 59, tzinfo=UTC)
    first = datetime(2026, 3, 13, tzinfo=UTC)
    base = (5000, 25_000, 6250, 10_000, 500)
    assert tokens(found("claude-opus-4-6", bucket=OVER_200K, at=last)) == (
        10_000,
        37_500,
        12_500,
        20_000,
        1000,
    )
    assert tokens(found("claude-opus-4-6", bucket=OVER_200K, at=first)) == base
    assert tokens(found("claude-opus-4-6", bucket=OVER_100K, at=last)) == base


def test_sonnet_5_5_reads_cost_half_since_2026_10_07() -> None:
    last = datetime(2026, 10, 6, 23, 59, 59, tzinfo=UTC)
    first = datetime(2026, 10, 7, tzinfo=UTC)
    assert the(found("claude-sonnet-5-5", at=last)).cache_read_nusd == 200
    assert the(found("claude-sonnet-5-5", at=first)).cache_read_nusd == 100


def test_segments_ascend_from_time_zero_and_skip_changes_that_change_nothing() -> None:
    boundary = us(datetime(2026, 10, 7, tzinfo=UTC))
    segments = TABLE.segments("claude-sonnet-5-5", UP_TO_100K, "standard", "", "standard")
    assert [since for since, _ in segments] == [0, boundary]
    assert [since for since, _ in TABLE.segments("claude-opus-4-6", UP_TO_100K, "", "", "")] == [0]
    assert len(TABLE.segments("claude-opus-4-6", OVER_200K, "", "", "")) == 2


@given(st.dates())
def test_a_day_starts_at_its_midnight_in_utc(day: object) -> None:
    moment = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    assert midnight_us(str(day)) == us(moment)


def test_fast_mode_has_its_own_prices() -> None:
    assert tokens(found("claude-opus-5-5", speed="fast")) == (8000, 40_000, 10_000, 16_000, 400)
    assert tokens(found("claude-opus-4-7", speed="fast")) == (30_000, 150_000, 37_500, 60_000, 3000)


def test_fast_mode_costs_the_same_at_any_prompt_length() -> None:
    early = datetime(2026, 3, 1, tzinfo=UTC)
    short = found("claude-opus-4-6", speed="fast", at=early)
    assert found("claude-opus-4-6", speed="fast", bucket=OVER_200K, at=early) == short


@pytest.mark.parametrize("model", ["claude-opus-4-5", "claude-sonnet-5-5", "claude-haiku-5-5"])
def test_fast_mode_of_a_model_that_never_had_one_is_unpriced(model: str) -> None:
    assert found(model, speed="fast") is None
    assert TABLE.segments(model, UP_TO_100K, "fast", "", "") == []


@pytest.mark.parametrize(
    "model", ["claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-5-5", "claude-fable-5"]
)
def test_us_only_inference_adds_a_tenth_for_models_from_4_6_on(model: str) -> None:
    at_home = found(model, geo="us")
    assert Fraction(
        million(the(at_home), "cache_read"), million(the(found(model)), "cache_read")
    ) == Fraction(11, 10)


@pytest.mark.parametrize(
    "model", ["claude-opus-4-5", "claude-haiku-4-5", "claude-sonnet-4", "claude-3-haiku"]
)
def test_us_only_inference_adds_nothing_for_models_before_4_6(model: str) -> None:
    assert found(model, geo="us") == found(model)


@pytest.mark.parametrize("geo", ["global", "not_available", "", "eu"])
def test_no_other_geography_adds_anything(geo: str) -> None:
    assert found("claude-opus-5-5", geo=geo) == found("claude-opus-5-5", geo="global")


def test_batch_halves_tokens_and_multiplies_with_the_rest() -> None:
    assert million(the(found("claude-haiku-5-5", tier="batch")), "cache_write_5m") == 62_500_000
    both = the(found("claude-opus-5-5", tier="batch", geo="us", speed="fast"))
    assert Fraction(both.numerator, both.denominator) == Fraction(11, 20)
    assert million(both, "output") == 22 * 10**9


@pytest.mark.parametrize("tier", ["standard", "priority", ""])
def test_other_service_tiers_pay_the_list_price(tier: str) -> None:
    assert million(the(found("claude-opus-5-5", tier=tier)), "input") == 4 * 10**9


@pytest.mark.parametrize("unknown", [{"speed": "warp"}, {"tier": "flex"}])
def test_a_speed_or_tier_that_nobody_published_a_price_for_is_unpriced(unknown: dict[str, str]) -> None:
    assert found("claude-opus-5-5", **unknown) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "model", ["claude-opus-9", "<synthetic>", "", "claude", "gpt-6", "claude-2.1", "claude-mythos-preview"]
)
def test_an_unknown_model_has_no_price_rather_than_a_guess_or_zero(model: str) -> None:
    assert found(model) is None
    assert TABLE.segments(model, UP_TO_100K, "standard", "", "standard") == []


def test_every_model_of_the_table_is_found_under_its_own_name() -> None:
    assert [price_key(model) for model in PUBLISHED["models"]] == list(PUBLISHED["models"])


def rows(model: str) -> list[dict[str, Any]]:
    """Every set of five prices of `model`: standard, above a threshold, fast."""
    nested = [[entry, entry.get("above"), entry.get("fast")] for entry in PUBLISHED["models"][model]]
    return [row for entry in nested for row in entry if row]


@pytest.mark.parametrize("model", sorted(set(PUBLISHED["models"]) - {"claude-3-haiku"}))
def test_cache_writes_cost_five_quarters_and_twice_the_input(model: str) -> None:
    for row in rows(model):
        assert Fraction(row["cache_write_5m"]) == Fraction(5, 4) * Fraction(row["input"])
        assert Fraction(row["cache_write_1h"]) == 2 * Fraction(row["input"])


def test_reads_cost_a_tenth_of_the_input_but_for_the_models_with_cheaper_ones() -> None:
    shares = {
        model: {Fraction(row["cache_read"]) / Fraction(row["input"]) for row in rows(model)}
        for model in PUBLISHED["models"]
    }
    tenth, twentieth, fortieth = Fraction(1, 10), Fraction(1, 20), Fraction(1, 40)
    fortieths = {f"claude-{name}-5-{n}": {fortieth} for name in ("fable", "mythos") for n in (1, 2)}
    assert {model: share for model, share in shares.items() if share != {tenth}} == fortieths | {
        "claude-opus-5-5": {twentieth},
        "claude-sonnet-5-5": {tenth, twentieth},
        "claude-3-haiku": {Fraction("0.03") / Fraction("0.25")},
    }


def test_output_costs_five_times_the_input_and_three_quarters_of_that_above_200k() -> None:
    for model in PUBLISHED["models"]:
        for row in rows(model):
            premium = row.get("prompt_tokens") == 200_000
            assert Fraction(row["output"]) == (Fraction("3.75") if premium else 5) * Fraction(row["input"])


def test_every_threshold_of_the_table_is_the_edge_of_a_bucket() -> None:
    above = [
        entry["above"]["prompt_tokens"]
        for model in PUBLISHED["models"].values()
        for entry in model
        if "above" in entry
    ]
    assert above
    assert all(prompt_bucket(tokens_) != prompt_bucket(tokens_ + 1) for tokens_ in above)


def test_dates_ascend_and_the_first_price_has_no_beginning() -> None:
    for model in PUBLISHED["models"].values():
        since = [entry["since"] for entry in model]
        assert since[0] is None
        assert since[1:] == sorted(since[1:])
        assert all(day <= PUBLISHED["as_of"] for day in since[1:])


def test_no_model_without_the_us_premium_is_missing_from_the_table() -> None:
    assert set(PUBLISHED["us_geo"]["not_for"]) <= set(PUBLISHED["models"])


def test_the_listing_names_every_model_with_its_dates_thresholds_and_fast_mode() -> None:
    listed = {entry.id: entry for entry in TABLE.models()}
    assert list(listed) == list(PUBLISHED["models"])
    sonnet, haiku = listed["claude-sonnet-5-5"], listed["claude-haiku-5-5"]
    assert [row.since for row in sonnet.rows] == ["", "2026-10-07"]
    assert [row.standard.cache_read_nusd for row in sonnet.rows] == [200, 100]
    assert haiku.rows[0].above_tokens == 100_000
    assert the(haiku.rows[0].above).input_nusd == 500
    assert haiku.rows[0].fast is None
    assert the(listed["claude-opus-5-5"].rows[0].fast).output_nusd == 40_000
    assert not any(entry.overridden for entry in listed.values())


def test_the_table_says_when_it_was_made_and_from_what() -> None:
    assert TABLE.as_of == "2026-11-22"
    assert "platform.claude.com" in TABLE.source


@pytest.mark.parametrize("damage", [{"models": []}, {"us_geo": {"multiplier": "1.1", "not_for": "none"}}])
def test_a_damaged_table_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^is not "):
        PriceTable({**PUBLISHED, **damage})


def test_the_fingerprint_counts_the_prices_and_the_version_but_not_the_date_of_the_table() -> None:
    assert (
        PriceTable({**PUBLISHED, "as_of": "2027-01-01", "source": "a new look"}).fingerprint
        == TABLE.fingerprint
    )
    assert PriceTable({**PUBLISHED, "version": 2}).fingerprint != TABLE.fingerprint
