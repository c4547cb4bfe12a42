"""The user's own prices: the setting `prices` in `config.json`, checked.

`{"multiplier": 0.8, "models": {"claude-opus-5-5": {"input": 3.2, "output": 16, …}}}`. All five prices of
a model are charged as written, at any date, prompt length, speed, geography and tier; the multiplier
scales every cost, overridden or not. So does Claude Code's managed setting `modelPricing`
(code.claude.com/docs/en/settings-reference#modelpricing). Fewer than five are corrections to the
table, which otherwise applies with its dates, thresholds, fast mode and multipliers.
"""

from __future__ import annotations

from usage_dashboard.pricing import decimal
from usage_dashboard.pricing.cost import KINDS, Price
from usage_dashboard.pricing.model_names import price_key
from usage_dashboard.pricing.price_rows import PriceRow, replace_prices

# 10 USD per 1,000 whatever the model (platform.claude.com/docs/en/about-claude/pricing).
USUAL_SEARCH_NUSD = 10_000_000
_NOTHING = Price((0, 0, 0, 0, 0), USUAL_SEARCH_NUSD)


class Overrides:
    """A factor on every cost, and own prices by table id and kind in nano-USD per token or search."""

    __slots__ = ("factor", "models")

    def __init__(self, factor: tuple[int, int], models: dict[str, dict[str, int]]) -> None:
        self.factor = factor
        self.models = models

    def rows(self, key: str, listed: list[PriceRow]) -> list[PriceRow]:
        """Return the rows of the model `key`: the table's, `listed`, with the user's prices in them."""
        own_nusd = self.models.get(key)
        if own_nusd is None:
            return listed
        if self.is_whole(key):
            price = replace_prices(listed[-1].standard if listed else _NOTHING, own_nusd)
            return [PriceRow("", price, fast=price)]
        return [row.with_prices(lambda price: replace_prices(price, own_nusd)) for row in listed]

    def is_whole(self, key: str) -> bool:
        """Whether the user gave all five prices of the model `key`, which then apply as written."""
        own_nusd = self.models.get(key, {})
        return all(kind in own_nusd for kind in KINDS)


def read_overrides(prices: object, known: frozenset[str]) -> Overrides:
    """Read the overrides in `prices`; None or an empty object changes nothing.

    `known` are the ids of the table: any other model needs all five prices.

    Raises:
        ValueError: an unknown key, or a price that is not a number, negative, too high or too fine.
    """
    fields = _check_object({} if prices is None else prices, "prices", ("multiplier", "models"))
    factor = _read_factor(fields.get("multiplier", 1))
    models: dict[str, dict[str, int]] = {}
    for model, own in _check_object(fields.get("models", {}), "prices.models").items():
        name = f"prices.models.{model}"
        key = price_key(model)
        if key in models:
            raise ValueError(f"`{name}` names a model a second time")
        models[key] = _own_prices(own, name, new=key not in known)
    return Overrides(factor, models)


def _own_prices(own: object, name: str, *, new: bool) -> dict[str, int]:
    prices = _check_object(own, name, (*KINDS, "web_search"))
    if not prices:
        raise ValueError(f"`{name}` names no price")
    missing = [kind for kind in KINDS if kind not in prices]
    if new and missing:
        raise ValueError(f"`{name}` is a new model and lacks `{missing[0]}`")
    return {kind: _nano_usd(f"{name}.{kind}", kind, value) for kind, value in prices.items()}


def _nano_usd(name: str, kind: str, value: object) -> int:
    try:
        return decimal.nusd_per_search(value) if kind == "web_search" else decimal.nusd_per_token(value)
    except ValueError as error:
        raise ValueError(f"`{name}` {error}") from error


def _read_factor(value: object) -> tuple[int, int]:
    try:
        return decimal.parse_multiplier(value)
    except ValueError as error:
        raise ValueError(f"`prices.multiplier` {error}") from error


def _check_object(value: object, name: str, keys: tuple[str, ...] = ()) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"`{name}` is not an object")  # noqa: TRY004 - one error for unusable prices
    for key in value:
        if keys and key not in keys:
            raise ValueError(f"`{name}` has the unknown key `{key}`; it may have {', '.join(keys)}")
    return value
