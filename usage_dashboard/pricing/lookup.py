"""Price lookup for the writer: a model's plain name, and the cost of a response."""

from __future__ import annotations

from usage_dashboard.model.errors import SettingsError
from usage_dashboard.pricing.cost import Price, call_amounts
from usage_dashboard.pricing.model_names import canonical_model
from usage_dashboard.store.meta import write_price_fingerprint
from usage_dashboard.store.write.price_cache import keep, read_kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from sqlite3 import Connection

    from usage_dashboard.model.token_counts import PriceClass
    from usage_dashboard.pricing.table import PriceTable


UNUSABLE = "unusable"
"""Stands for the fingerprint of a table while the user's own prices cannot be used."""


class PriceLookup:
    """The price table in force, read when the first price is asked for.

    `overrides` returns the setting `prices`. With the ledger `db`, the prices of a class of calls are cached
    there until the table changes: a hook, which meets the same few classes in a new process every time,
    saves reading the table, its checks and the settings (1.4 of 15 ms).

    `names` returns what stands for a model in the ledger (`own_names`), `listed` the models that only Claude
    Code knows (`client_prices`). A `lenient` one has no prices where the user's cannot be used.
    """

    def __init__(
        self,
        overrides: Callable[[], object] = lambda: None,
        db: Connection | None = None,
        names: Callable[[], Mapping[str, str]] = dict,
        listed: Callable[[], Mapping[str, object]] = dict,
        *,
        lenient: bool = False,
    ) -> None:
        self._overrides = overrides
        self._db = db
        self._names = names
        self._listed = listed
        self._lenient = lenient
        self._unusable = False
        self._table: PriceTable | None = None
        self._segments: dict[PriceClass, list[tuple[int, Price]]] = {}

    @property
    def table(self) -> PriceTable:
        """The table with the user's own prices laid over it.

        Raises:
            SettingsError: a price override cannot be used.
        """
        if self._table is None:
            from usage_dashboard.pricing.table import load_table  # noqa: PLC0415 - see above

            try:
                self._table = load_table(self._overrides(), self._names(), self._listed())
            except ValueError as error:
                hint = "usage-dashboard config get prices"
                raise SettingsError(f"The setting {error}", hint=hint) from error
        return self._table

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the table; `UNUSABLE` where a lenient one has none.

        Raises:
            SettingsError: a price override cannot be used.
        """
        return UNUSABLE if self._is_unusable() else self.table.fingerprint

    def note_unusable(self) -> None:
        """Note in the ledger if there are no prices: costs are then computed once there are.

        Raises:
            SettingsError: a price override cannot be used.
        """
        if self._db is not None and self._is_unusable():
            write_price_fingerprint(self._db, UNUSABLE)

    def _is_unusable(self) -> bool:
        if self._lenient and not self._unusable:
            try:
                _ = self.table
            except SettingsError:
                self._unusable = True
        return self._unusable

    def canonical(self, model: str) -> str:
        """Return a model's id without what a provider or a client adds to it."""
        return canonical_model(model)

    def cost(self, key: PriceClass, at_us: int, counts: tuple[int, ...]) -> tuple[int, int, int, int] | None:
        """Return nano-USD of a response: all, fresh prompt, cache reads, saved by caching; None if unpriced.

        `counts`: input, output, cache creation, its 1-hour part, cache read, web searches.
        """
        price = None
        for since_us, later in self._of_class(key):
            if since_us > at_us:
                break
            price = later
        return None if price is None else call_amounts(price, counts)

    def _of_class(self, key: PriceClass) -> list[tuple[int, Price]]:
        """Return the prices of one class of calls, as (UTC microseconds from which on, price)."""
        known = self._segments.get(key)
        if known is None:
            kept = None if self._db is None else read_kept(self._db, key)
            if kept is None and self._is_unusable():
                self.note_unusable()
                return []
            known = self.table.segments(*key) if kept is None else [_decode_price(values) for values in kept]
            if kept is None and self._db is not None:
                keep(self._db, key, [_encode_price(since_us, price) for since_us, price in known])
            self._segments[key] = known
        return known


def _decode_price(values: tuple[int, ...]) -> tuple[int, Price]:
    since_us, fresh, output, write_5m, write_1h, read, search, numerator, denominator = values
    return since_us, Price((fresh, output, write_5m, write_1h, read), search, (numerator, denominator))


def _encode_price(since_us: int, price: Price) -> tuple[int, ...]:
    return (since_us, *price.tokens_nusd, price.web_search_nusd, price.numerator, price.denominator)
