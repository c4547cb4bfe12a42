"""Prices for the writer: the price table behind the two questions that storing a response asks."""

from __future__ import annotations

from usage_dashboard.errors import SettingsError
from usage_dashboard.pricing.cost import cost
from usage_dashboard.pricing.names import canonical
from usage_dashboard.pricing.table import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.pricing.table import PriceTable

    ClassKey = tuple[str, int, str, str, str]


class Tariff:
    """The price table in force, read when the first price is asked for.

    `overrides` is the setting `prices`.
    """

    def __init__(self, overrides: object = None) -> None:
        self._overrides = overrides
        self._table: PriceTable | None = None

    @property
    def table(self) -> PriceTable:
        """The table with the user's own prices laid over it.

        Raises:
            SettingsError: a price of the user's is none.
        """
        if self._table is None:
            try:
                self._table = load(self._overrides)
            except ValueError as error:
                hint = "usage-dashboard config get prices"
                raise SettingsError(f"The setting {error}", hint=hint) from error
        return self._table

    def canonical(self, model: str) -> str:
        """A model's id without what a provider or a client adds to it."""
        return canonical(model)

    def cost(self, key: ClassKey, at_us: int, counts: tuple[int, ...]) -> tuple[int, int, int, int] | None:
        """Nano-USD of a response: all, fresh prompt, cache reads, saved by caching; None if unpriced.

        `counts`: input, output, cache creation, its 1-hour part, cache read, web searches.
        """
        price = self.table.price(*key, at_us)
        if price is None:
            return None
        fresh, output, creation, creation_1h, read, searches = counts
        found = cost(
            price,
            input_tokens=fresh,
            output_tokens=output,
            cache_write_5m_tokens=creation - creation_1h,
            cache_write_1h_tokens=creation_1h,
            cache_read_tokens=read,
            web_searches=searches,
        )
        return found.total_nusd, found.prompt_nusd, found.read_nusd, found.savings_nusd
