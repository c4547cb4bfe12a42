"""`prices`: show the price table, its source, and the models without a price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.reader import CommandReader
from usage_dashboard.cli.terminal import layout, output
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.pricing.client_prices import listed_prices
from usage_dashboard.pricing.cost import KINDS
from usage_dashboard.pricing.lookup import PriceLookup
from usage_dashboard.reports.wording import numbers
from usage_dashboard.store.read import session_detail

if TYPE_CHECKING:
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.pricing.cost import Price
    from usage_dashboard.pricing.price_rows import PricedModel, PriceRow
    from usage_dashboard.pricing.table import PriceTable

    Unpriced = list[tuple[str, int]]

COLUMNS = (
    TableColumn("", left=True),
    TableColumn("\nFrom", 3, style="dim", left=True),
    TableColumn("\nInput"),
    TableColumn("\nOutput"),
    TableColumn("Write\n5 min", 1),
    TableColumn("Write\n1 h", 2),
    TableColumn("Cache\nread", 1),
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def prices(*, as_json: bool) -> None:
    """Show the prices in force, and the models without one.

    \b
    Examples:
      usage-dashboard prices
      usage-dashboard prices --json
    """
    reader = CommandReader()
    reader.sweep_with_progress(quiet=as_json)
    with reader.open_ledger() as db:
        listed = listed_prices(db)
        table = PriceLookup(lambda: reader.settings.prices, listed=lambda: listed).table
        unpriced = session_detail.read_unpriced_models(db) if db is not None else []
    if as_json:
        output.print_json(_to_json(table, unpriced))
    else:
        output.print_page(_format_page(table, unpriced, reader.now_us, output.page_width()))


def _to_json(table: PriceTable, unpriced: Unpriced) -> dict[str, object]:
    numerator, denominator = table.factor
    return {
        "version": 1,
        "as_of": table.as_of,
        "source": table.source,
        "unit": "USD per million tokens, web searches per 1,000",
        "multiplier": numerator / denominator,
        "models": [
            {
                "model": model.id,
                "own": model.overridden,
                "source": _source(model),
                "prices": [_price_fields(row) for row in model.rows],
            }
            for model in table.models()
        ],
        "unpriced_models": [{"model": name, "calls": calls} for name, calls in unpriced],
    }


def _source(model: PricedModel) -> str:
    """Where a model's prices are from, for programs."""
    return "config" if model.overridden else "claude-code" if model.listed else "release"


def _price_fields(row: PriceRow) -> dict[str, object]:
    above = None if row.above is None else {"prompt_tokens": row.above_tokens, **_five_prices(row.above)}
    return {
        "since": row.since or None,
        **_five_prices(row.standard),
        "web_search": row.standard.web_search_nusd / 1e6,
        "above": above,
        "fast": None if row.fast is None else _five_prices(row.fast),
    }


def _five_prices(price: Price) -> dict[str, float]:
    return {kind: nusd / 1000 for kind, nusd in zip(KINDS, price.tokens_nusd, strict=True)}


def _format_page(table: PriceTable, unpriced: Unpriced, now_us: int, width: int) -> list[StyledLine]:
    rows = [row for model in table.models() for row in _model_rows(model, now_us)]
    lines = [
        *layout.wrap_text(f"Prices of {table.as_of}, in US dollars per million tokens", width, "title"),
        *layout.wrap_text(table.source, width, "dim"),
    ]
    numerator, denominator = table.factor
    if numerator != denominator:
        text = f"Every cost is multiplied by {numerator / denominator:g}, your `prices.multiplier`"
        lines += layout.wrap_text(text, width, "warn")
    listed = [model.id for model in table.models() if model.listed and not model.overridden]
    if listed:
        text = f"(client): from Claude Code, which was sent the prices of {', '.join(listed)}"
        lines += layout.wrap_text(text, width, "dim")
    lines += [[], *layout.lay_out_table(COLUMNS, [("Model", rows)], width), []]
    for name, calls in unpriced:
        lines += layout.wrap_text(
            f"No price is known for {name}: {numbers.format_count(calls, 'call')}", width, "warn"
        )
    return lines if unpriced else lines[:-1]


def _model_rows(model: PricedModel, now_us: int) -> list[TableRow]:
    """The current and the coming prices of a model, each with its prices of long prompts and fast mode."""
    past = [row for row in model.rows if row.since_us <= now_us]
    rows = []
    for row in [*past[-1:], *model.rows[len(past) :]]:
        name = model.id + (" (own)" if model.overridden else " (client)" if model.listed else "")
        rows.append(TableRow([name, row.since, *_price_cells(row.standard)]))
        if row.above is not None:
            rows.append(
                TableRow(
                    [f"  prompts above {row.above_tokens // 1000}k", "", *_price_cells(row.above)], "dim"
                )
            )
        if row.fast is not None and row.fast != row.standard:
            rows.append(TableRow(["  fast mode", "", *_price_cells(row.fast)], "dim"))
    return rows


def _price_cells(price: Price) -> list[str]:
    five = dict(zip(KINDS, price.tokens_nusd, strict=True))
    order = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")
    return [numbers.format_price(five[kind]) for kind in order]
