"""The prices of one model as the table lists them: dated rows with a long-prompt and a fast column."""

from __future__ import annotations

from usage_dashboard.pricing.cost import KINDS, Price
from usage_dashboard.pricing.decimal import nusd_per_search, nusd_per_token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DAY_US = 86_400_000_000


class PriceRow:
    """The prices of a model from one day on.

    `since` is the day as text, empty for the first row, and `since_us` its midnight in UTC
    microseconds. `above` holds for prompts of more than `above_tokens` tokens (every token of the
    request) and is None where the length does not matter; `fast` is None where fast mode has no price.
    """

    __slots__ = ("above", "above_tokens", "fast", "since", "since_us", "standard")

    def __init__(
        self,
        since: str,
        standard: Price,
        *,
        above: Price | None = None,
        above_tokens: int = 0,
        fast: Price | None,
    ) -> None:
        self.since = since
        self.since_us = midnight_us(since) if since else 0
        self.standard = standard
        self.above = above
        self.above_tokens = above_tokens
        self.fast = fast

    def with_prices(self, change: Callable[[Price], Price]) -> PriceRow:
        """Return the same row with `change` applied to each of its prices."""
        return PriceRow(
            self.since,
            change(self.standard),
            above=None if self.above is None else change(self.above),
            above_tokens=self.above_tokens,
            fast=None if self.fast is None else change(self.fast),
        )


class PricedModel:
    """A model of the table: its id, its rows by date, and whether the user changed its prices.

    One that is `listed` is not in the release: Claude Code was sent its prices.
    """

    __slots__ = ("id", "listed", "overridden", "rows")

    def __init__(
        self, model_id: str, rows: list[PriceRow], *, overridden: bool, listed: bool = False
    ) -> None:
        self.id = model_id
        self.rows = rows
        self.overridden = overridden
        self.listed = listed


def read_row(entry: Mapping[str, object]) -> PriceRow:
    """Read one entry of `prices.json`.

    Raises:
        ValueError, KeyError: the entry is not as the table's format says.
    """
    search_nusd = nusd_per_search(entry["web_search"])
    above, fast = nested_object(entry, "above"), nested_object(entry, "fast")
    since, threshold = entry["since"], above.get("prompt_tokens", 0)
    return PriceRow(
        since if isinstance(since, str) else "",
        _read_price(entry, search_nusd),
        above=_read_price(above, search_nusd) if above else None,
        above_tokens=threshold if isinstance(threshold, int) else 0,
        fast=_read_price(fast, search_nusd) if fast else None,
    )


def replace_prices(price: Price, own_nusd: Mapping[str, int]) -> Price:
    """Return `price` with the kinds in `own_nusd` replaced (nano-USD per token or search)."""
    five = [own_nusd.get(kind, listed) for kind, listed in zip(KINDS, price.tokens_nusd, strict=True)]
    return Price(
        (five[0], five[1], five[2], five[3], five[4]), own_nusd.get("web_search", price.web_search_nusd)
    )


def midnight_us(day: str) -> int:
    """Return UTC microseconds since 1970 at the start of `day`, written `2026-11-22`.

    Worked out here because `datetime` costs a hook more than it does. Years that start in March
    make the leap day the last one (H. Hinnant, chrono-compatible low-level date algorithms).
    """
    year, month, date = (int(part) for part in day.split("-"))
    if month < 3:
        year, month = year - 1, month + 12
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + date
    return (days - 719_469) * _DAY_US


def nested_object(value: Mapping[str, object], name: str) -> dict[str, object]:
    """Return the object at `name` inside `value`; empty if there is none.

    Raises:
        ValueError: it is not an object.
    """
    inner = value.get(name, {})
    if not isinstance(inner, dict):
        raise ValueError("is not an object")  # noqa: TRY004 - one error for prices that cannot be used
    return inner


def _read_price(entry: Mapping[str, object], search_nusd: int) -> Price:
    five = [nusd_per_token(entry[kind]) for kind in KINDS]
    return Price((five[0], five[1], five[2], five[3], five[4]), search_nusd)
