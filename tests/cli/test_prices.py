"""`prices`: what is in force, and what it does not know."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.support.command import AskJson, Page
from tests.support.transcripts import response, write
from usage_dashboard.pricing.cost import KINDS
from usage_dashboard.pricing.table import load_table

TABLE = load_table()


def test_the_table_says_when_and_where_it_is_from(page: Page) -> None:
    shown = page("prices")
    assert shown.startswith(f"Prices of {TABLE.as_of}, in US dollars per million tokens\n")
    assert TABLE.source in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80


def test_every_model_is_listed_with_its_prices(page: Page, document: AskJson) -> None:
    shown = page("prices").splitlines()
    models = document("prices")["models"]
    assert [model["model"] for model in models] == [model.id for model in TABLE.models()]
    assert all(any(line.startswith(model["model"]) for line in shown) for model in models)
    (heads,) = (line for line in shown if line.startswith("Model "))
    assert heads.split() == ["Model", "From", "Input", "Output", "5", "min", "1", "h", "read"]


def test_a_price_in_dollars(page: Page, document: AskJson) -> None:
    opus = next(m for m in document("prices")["models"] if m["model"] == "claude-opus-5-5")["prices"][0]
    assert [opus[kind] for kind in KINDS] == [4, 20, 5, 8, 0.2]
    assert [opus["fast"][kind] for kind in KINDS] == [8, 40, 10, 16, 0.4]
    (line,) = (line for line in page("prices").splitlines() if line.startswith("claude-opus-5-5 "))
    assert line.split() == ["claude-opus-5-5", "$4.00", "$20.00", "$5.00", "$8.00", "$0.20"]


def test_own_prices_and_the_multiplier_are_marked(
    page: Page, document: AskJson, configure: Callable[..., None]
) -> None:
    configure(prices={"multiplier": 0.8, "models": {"claude-opus-5-5": {"input": 3}}})
    shown = page("prices")
    assert "Every cost is multiplied by 0.8, your `prices.multiplier`" in shown
    assert "claude-opus-5-5 (own)  " in shown
    found = document("prices")
    assert found["multiplier"] == 0.8
    assert [m["model"] for m in found["models"] if m["own"]] == ["claude-opus-5-5"]


def test_models_without_a_price_that_the_ledger_met(page: Page, document: AskJson, project: Path) -> None:
    write(project, [*response("m1", model="claude-zero-9"), *response("m2", model="claude-zero-9")])
    page("import")
    assert page("prices").endswith("No price is known for claude-zero-9: 2 calls\n")
    assert document("prices")["unpriced_models"] == [{"model": "claude-zero-9", "calls": 2}]
