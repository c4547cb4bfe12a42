"""The price in force for a call: by model, prompt length, speed, geography, service tier and time.

The prices are `prices.json` beside this file, one table with its date, and the user's own from
`config.json`. A model, speed or tier without a known price is unpriced: no price is ever guessed.
"""

from __future__ import annotations

import os.path

from usage_dashboard.model.token_counts import PROMPT_FLOORS
from usage_dashboard.pricing import overrides as own_prices
from usage_dashboard.pricing.cost import Price, divide_half_even
from usage_dashboard.pricing.decimal import parse_fraction
from usage_dashboard.pricing.model_names import price_key
from usage_dashboard.pricing.price_rows import PricedModel, PriceRow, nested_object, read_row
from usage_dashboard.runtime.json_light import parse_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Half of every token price; source: platform.claude.com/docs/en/about-claude/pricing#batch-processing.
_TIERS = {"standard": (1, 1), "priority": (1, 1), "": (1, 1), "batch": (1, 2)}
_SPEEDS = ("standard", "", "fast")


def load_table(
    overrides: object = None,
    names: Mapping[str, str] | None = None,
    listed: Mapping[str, object] | None = None,
) -> PriceTable:
    """Load the table in this package, with the user's `prices` setting applied to it.

    `names` has what stands for a model of the table in this ledger (`own_names`), and `listed` the models
    that only Claude Code knows (`client_prices`).

    Raises:
        ValueError: a price override cannot be used; says its name in `config.json`.
    """
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "prices.json")
    with open(path, encoding="utf-8") as file:
        published = parse_json(file.read())
    if not isinstance(published, dict):
        raise ValueError("the shipped `prices.json` is not an object")  # noqa: TRY004 - as for the user's
    return PriceTable(published, overrides, names, listed)


class PriceTable:
    """Every known price. `as_of` is the day the table was made, `source` what it was made from."""

    def __init__(
        self,
        published: dict[str, object],
        overrides: object = None,
        names: Mapping[str, str] | None = None,
        listed: Mapping[str, object] | None = None,
    ) -> None:
        self.as_of = str(published["as_of"])
        self.source = str(published["source"])
        self._version = published["version"]
        shipped = nested_object(published, "models")
        self._listed = frozenset(listed or ()) - shipped.keys()
        self._models = {**shipped, **{key: (listed or {})[key] for key in sorted(self._listed)}}
        self._own = own_prices.read_overrides(overrides, frozenset(self._models))
        self._names = dict(names or {})
        us_geo = nested_object(published, "us_geo")
        self._us_factor = parse_fraction(us_geo["multiplier"])
        self._not_us = _read_names(us_geo["not_for"])
        self._rows: dict[str, list[PriceRow]] = {}
        self._segments: dict[tuple[object, ...], list[tuple[int, Price]]] = {}

    def segments(
        self, model: str, prompt_bucket: int, speed: str, geo: str, tier: str
    ) -> list[tuple[int, Price]]:
        """Return the prices of one class of calls as (UTC microseconds from which on, price), ascending.

        The first is since 0; the list is empty for what has no known price. `geo` is the response's
        `inference_geo`, `tier` its `service_tier`, empty if it had none. The list is cached: do not
        modify it.
        """
        asked = (model, prompt_bucket, speed, geo, tier)
        cached = self._segments.get(asked)
        if cached is None:
            key = price_key(model)
            key = self._names.get(key, key)
            cached = self._segments[asked] = self._find(key, prompt_bucket, speed, geo, tier)
        return cached

    def price(
        self, model: str, prompt_bucket: int, speed: str, geo: str, tier: str, at_us: int
    ) -> Price | None:
        """Return the price of a call at `at_us` (UTC microseconds); None if it has no known price."""
        price = None
        for since_us, later in self.segments(model, prompt_bucket, speed, geo, tier):
            if since_us > at_us:
                break
            price = later
        return price

    def models(self) -> list[PricedModel]:
        """List every model with its dated rows, without any factor: the table's, then the user's own."""
        keys = [*self._models, *(key for key in self._own.models if key not in self._models)]
        return [
            PricedModel(key, self._read(key), overridden=key in self._own.models, listed=key in self._listed)
            for key in keys
        ]

    @property
    def factor(self) -> tuple[int, int]:
        """The user's factor on every cost, as numerator and denominator."""
        return self._own.factor

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that change exactly when a price may have changed.

        The date and the source of the table do not count, so a new release with the same prices
        re-prices nothing.
        """
        from usage_dashboard.pricing.spellings import SPELLINGS  # noqa: PLC0415 - most lookups do without

        try:
            from _blake2 import blake2b  # noqa: PLC0415 - hashlib costs a hook more than its use
        except ImportError:
            from hashlib import blake2b  # noqa: PLC0415
        own = sorted((key, sorted(prices.items())) for key, prices in self._own.models.items())
        parts = (self._version, self._models, self._us_factor, self._not_us, self._own.factor, own, SPELLINGS)
        # Without names of the user's the text is as it was before there could be any.
        text = repr((*parts, sorted(self._names.items())) if self._names else parts)
        return blake2b(text.encode(), digest_size=8).hexdigest()

    def _read(self, key: str) -> list[PriceRow]:
        if key not in self._rows:
            entries = self._models.get(key, [])
            listed = [read_row(entry) for entry in entries] if isinstance(entries, list) else []
            self._rows[key] = self._own.rows(key, listed)
        return self._rows[key]

    def _find(self, key: str, bucket: int, speed: str, geo: str, tier: str) -> list[tuple[int, Price]]:
        if speed not in _SPEEDS or tier not in _TIERS:
            return []
        segments: list[tuple[int, Price]] = []
        for row in self._read(key):
            listed = _price_column(row, bucket, speed)
            if listed is None:
                return []
            price = self._multiplied(listed, key, geo, tier)
            if not segments or segments[-1][1] != price:
                segments.append((row.since_us, price))
        return segments

    def _multiplied(self, price: Price, key: str, geo: str, tier: str) -> Price:
        own_numerator, own_denominator = factor = self._own.factor
        if not self._own.is_whole(key):
            factor = _multiply(factor, _TIERS[tier])
            # The US premium began with Opus 4.6, and searches do not pay it; its source is
            # platform.claude.com/docs/en/about-claude/pricing#data-residency-pricing
            if geo == "us" and key not in self._not_us:
                factor = _multiply(factor, self._us_factor)
        search_nusd = divide_half_even(price.web_search_nusd * own_numerator, own_denominator)
        return Price(price.tokens_nusd, search_nusd, factor)


def _price_column(row: PriceRow, bucket: int, speed: str) -> Price | None:
    """Return the price in `row` for a prompt of `bucket` at `speed`; fast mode ignores the length."""
    if speed == "fast":
        return row.fast
    return row.above if row.above and PROMPT_FLOORS[bucket] >= row.above_tokens else row.standard


def _multiply(left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    return left[0] * right[0], left[1] * right[1]


def _read_names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("is not a list")  # noqa: TRY004 - as above
    return tuple(str(name) for name in value)
