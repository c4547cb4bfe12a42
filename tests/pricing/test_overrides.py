"""The user's own prices: what they change, and what is refused."""

import sys
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from tests.pricing.test_cost import found, million, the, tokens
from usage_dashboard.model.token_counts import OVER_100K, OVER_200K
from usage_dashboard.pricing.table import load_table


def test_a_multiplier_scales_every_cost_searches_included() -> None:
    table = load_table({"multiplier": 0.85})
    price = the(found("claude-opus-5-5", table=table))
    assert million(price, "input") == 3_400_000_000
    assert price.web_search_nusd == 8_500_000
    assert Fraction(*table.factor) == Fraction("0.85")
    both = the(found("claude-opus-5-5", table=table, geo="us"))
    assert Fraction(both.numerator, both.denominator) == Fraction("0.935")


@pytest.mark.parametrize("text", [0.8, "0.8", "0.80", "8e-1", ".8"], ids=repr)
def test_a_multiplier_is_exact_however_it_is_written(text: object) -> None:
    price = the(found("claude-opus-5-5", table=load_table({"multiplier": text})))
    assert Fraction(price.numerator, price.denominator) == Fraction(4, 5)


OWN = {"input": 3.2, "output": 16, "cache_write_5m": "4", "cache_write_1h": "6.4", "cache_read": 0.16}


def test_a_model_with_five_own_prices_is_charged_as_written() -> None:
    table = load_table({"models": {"claude-haiku-5-5": OWN}})
    own = (3200, 16_000, 4000, 6400, 160)
    assert tokens(found("claude-haiku-5-5-20261007", table=table)) == own
    assert tokens(found("claude-haiku-5-5", table=table, bucket=OVER_200K)) == own
    assert tokens(found("claude-haiku-5-5", table=table, speed="fast")) == own
    assert tokens(found("claude-haiku-5-5", table=table, geo="us", tier="batch")) == own
    assert found("claude-opus-5-5", table=table) == found("claude-opus-5-5")


def test_own_prices_are_scaled_by_the_multiplier_too() -> None:
    table = load_table({"multiplier": "0.5", "models": {"claude-opus-5-5": OWN}})
    assert tokens(found("claude-opus-5-5", table=table)) == (1600, 8000, 2000, 3200, 80)


def test_a_partial_override_keeps_the_other_prices_of_the_table_at_each_date() -> None:
    table = load_table({"models": {"us.anthropic.claude-sonnet-5-5": {"output": "9.5"}}})
    before = datetime(2026, 10, 1, tzinfo=UTC)
    assert tokens(found("claude-sonnet-5-5", table=table, at=before)) == (2000, 9500, 2500, 4000, 200)
    assert tokens(found("claude-sonnet-5-5", table=table)) == (2000, 9500, 2500, 4000, 100)
    assert found("claude-sonnet-5-5", table=table, speed="fast") is None


def test_a_partial_override_holds_above_the_threshold_and_in_fast_mode_as_well() -> None:
    models = {"claude-haiku-5-5": {"cache_read": 0}, "claude-opus-5-5": {"cache_read": 0}}
    table = load_table({"models": models})
    assert tokens(found("claude-haiku-5-5", table=table, bucket=OVER_100K)) == (500, 2500, 625, 1000, 0)
    assert tokens(found("claude-opus-5-5", table=table, speed="fast")) == (8000, 40_000, 10_000, 16_000, 0)


def test_a_partial_override_leaves_the_us_premium_and_the_batch_discount_in_force() -> None:
    table = load_table({"models": {"claude-opus-5-5": {"output": 10}}})
    price = the(found("claude-opus-5-5", table=table, geo="us", tier="batch"))
    assert (million(price, "input"), million(price, "output")) == (2_200_000_000, 5_500_000_000)


def test_a_new_model_is_priced_by_its_own_five_prices() -> None:
    table = load_table({"models": {"gateway/some-model": OWN | {"web_search": "5"}}})
    price = the(found("gateway/some-model", table=table))
    assert tokens(price) == (3200, 16_000, 4000, 6400, 160)
    assert price.web_search_nusd == 5_000_000
    assert [entry.id for entry in table.models() if entry.overridden] == ["gateway/some-model"]


def test_a_new_model_pays_the_usual_price_of_a_search() -> None:
    assert the(found("m", table=load_table({"models": {"m": OWN}}))).web_search_nusd == 10_000_000


@pytest.mark.parametrize(
    ("overrides", "complaint"),
    [
        ([], "`prices` is not an object"),
        ({"multiplyer": 1}, "`prices` has the unknown key `multiplyer`"),
        ({"multiplier": 0}, "`prices.multiplier` is not above 0"),
        ({"multiplier": -0.5}, "`prices.multiplier` is negative"),
        ({"multiplier": "10.1"}, "`prices.multiplier` is above 10"),
        ({"multiplier": "1e-30"}, "`prices.multiplier` is finer than 0.000001"),
        ({"multiplier": True}, "`prices.multiplier` is not a number"),
        ({"multiplier": None}, "`prices.multiplier` is not a number"),
        ({"multiplier": "4/5"}, "`prices.multiplier` is not a number"),
        ({"multiplier": "1e999999999"}, "`prices.multiplier` is not a number"),
        ({"multiplier": "9" * 99}, "`prices.multiplier` is not a number"),
        ({"multiplier": float("inf")}, "`prices.multiplier` is not a number"),
        ({"multiplier": "٣"}, "`prices.multiplier` is not a number"),
        ({"multiplier": ""}, "`prices.multiplier` is not a number"),
        ({"multiplier": "1e"}, "`prices.multiplier` is not a number"),
        ({"models": []}, "`prices.models` is not an object"),
        ({"models": {"m": 3}}, "`prices.models.m` is not an object"),
        ({"models": {"m": {**OWN, "inptu": 1}}}, "`prices.models.m` has the unknown key `inptu`"),
        (
            {"models": {"m": {"input": 1, "output": 2}}},
            "`prices.models.m` is a new model and lacks `cache_write_5m`",
        ),
        ({"models": {"m": {}}}, "`prices.models.m` names no price"),
        ({"models": {"m": {**OWN, "input": -1}}}, "`prices.models.m.input` is negative"),
        ({"models": {"m": {**OWN, "input": "dear"}}}, "`prices.models.m.input` is not a number"),
        ({"models": {"m": {**OWN, "input": 0.0001}}}, "`prices.models.m.input` is finer than 0.001"),
        ({"models": {"m": {**OWN, "input": 10_001}}}, "`prices.models.m.input` is above 10000"),
        (
            {"models": {"claude-opus-5": {"input": 1}, "claude-opus-5[1m]": {"input": 1}}},
            "`prices.models.claude-opus-5\\[1m\\]` names a model a second time",
        ),
    ],
)
def test_prices_that_cannot_be_used_are_refused_by_name(overrides: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}"):
        load_table(overrides)


def test_the_fingerprint_stays_while_the_prices_stay() -> None:
    assert load_table().fingerprint == load_table({}).fingerprint == load_table({"multiplier": 1}).fingerprint
    written = [load_table({"multiplier": text, "models": {}}).fingerprint for text in (0.5, "0.50")]
    assert written[0] == written[1]
    assert len(written[0]) == 16


@pytest.mark.parametrize(
    "overrides",
    [{"multiplier": "0.5"}, {"models": {"claude-opus-5-5": {"input": 3}}}, {"models": {"m": OWN}}],
)
def test_the_fingerprint_changes_with_the_prices(overrides: dict[str, object]) -> None:
    assert load_table(overrides).fingerprint != load_table().fingerprint


def test_the_fingerprint_is_the_same_where_an_interpreter_has_only_hashlib(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = load_table().fingerprint
    monkeypatch.setitem(sys.modules, "_blake2", None)
    assert load_table().fingerprint == quick
