"""What a call costs, to the nano-USD; and what knowing its price costs a hook."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

import usage_dashboard
from usage_dashboard.model.token_counts import UP_TO_100K
from usage_dashboard.pricing.cost import KINDS, Price, cost_of_call, cost_of_share
from usage_dashboard.pricing.table import PriceTable, load_table

TABLE = load_table()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def us(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000


def found(
    model: str,
    *,
    bucket: int = UP_TO_100K,
    speed: str = "standard",
    geo: str = "",
    tier: str = "standard",
    at: datetime = NOW,
    table: PriceTable = TABLE,
) -> Price | None:
    return table.price(model, bucket, speed, geo, tier, us(at))


def the(price: Price | None) -> Price:
    assert price is not None
    return price


def tokens(price: Price | None) -> tuple[int, ...]:
    price = the(price)
    kinds = tuple(getattr(price, f"{kind}_nusd") for kind in KINDS)
    return tuple(value * price.numerator // price.denominator for value in kinds)


def million(price: Price, kind: str) -> int:
    """Nano-USD of one million tokens of `kind`."""
    return cost_of_share(price, **{f"{kind}_tokens": 1_000_000})


def named(counts: tuple[int, ...]) -> dict[str, int]:
    return {f"{kind}_tokens": count for kind, count in zip(KINDS, counts, strict=True)}


def test_the_call_that_claude_code_priced_at_18_thousandths_of_a_dollar_costs_exactly_that() -> None:
    spent = cost_of_call(the(found("claude-opus-5-5")), **named((10, 123, 500, 1500, 5000)), web_searches=0)
    assert spent.total_nusd == 18_000_000
    assert spent.prompt_nusd == 10 * 4000 + 500 * 5000 + 1500 * 8000
    assert spent.read_nusd == 5000 * 200
    assert spent.output_nusd == 123 * 20_000


def test_a_web_search_costs_a_cent_whatever_discounts_the_tokens_have() -> None:
    spent = cost_of_call(
        the(found("claude-opus-5-5", tier="batch", geo="us")), **named((0, 0, 0, 0, 0)), web_searches=3
    )
    assert spent.total_nusd == 30_000_000
    assert spent.output_nusd == 30_000_000


def test_savings_are_what_reads_saved_less_what_writes_cost_on_top_of_input() -> None:
    spent = cost_of_call(the(found("claude-opus-5-5")), **named((7, 9, 500, 1500, 5000)), web_searches=0)
    assert spent.savings_nusd == 5000 * (4000 - 200) - 500 * (5000 - 4000) - 1500 * (8000 - 4000)


def test_writing_a_cache_that_nobody_read_is_a_negative_saving() -> None:
    price = the(found("claude-opus-5-5", tier="batch"))
    spent = cost_of_call(price, **named((0, 0, 3, 0, 0)), web_searches=0)
    assert spent.savings_nusd == -1500


def test_a_tie_goes_to_the_even_nano_usd() -> None:
    halves = Price((1, 1, 1, 1, 1), 0, (1, 2))
    assert [cost_of_share(halves, output_tokens=count) for count in range(6)] == [0, 0, 1, 2, 2, 2]


def test_the_sum_is_rounded_once_and_not_kind_by_kind() -> None:
    halves = Price((1, 1, 1, 1, 1), 0, (1, 2))
    spent = cost_of_call(halves, **named((1, 1, 0, 0, 0)), web_searches=1)
    assert spent.total_nusd == 1


def test_an_odd_search_price_does_not_shift_the_tie() -> None:
    spent = cost_of_call(Price((1, 1, 1, 1, 1), 1, (1, 2)), **named((1, 0, 0, 0, 0)), web_searches=1)
    assert spent.total_nusd == 2


COUNTS = st.integers(0, 10**9)
RATES = st.integers(0, 10**6)
PRICES = st.builds(
    Price,
    st.tuples(RATES, RATES, RATES, RATES, RATES),
    st.integers(0, 10**8),
    st.tuples(st.integers(1, 1000), st.integers(1, 1000)),
)
FIVE_COUNTS = st.tuples(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)


@given(PRICES, FIVE_COUNTS, st.integers(0, 1000))
def test_every_figure_is_the_exact_fraction_rounded_half_to_even(
    price: Price, counts: tuple[int, ...], searches: int
) -> None:
    spent = cost_of_call(price, **named(counts), web_searches=searches)
    multiplier = Fraction(price.numerator, price.denominator)
    rates = [getattr(price, f"{kind}_nusd") for kind in KINDS]
    exact = [count * rate * multiplier for count, rate in zip(counts, rates, strict=True)]
    extra = [count * (rate - rates[0]) for count, rate in zip(counts, rates, strict=True)]
    assert spent.total_nusd == round(sum(exact) + searches * price.web_search_nusd)
    assert spent.prompt_nusd == round(exact[0] + exact[2] + exact[3])
    assert spent.savings_nusd == round(-multiplier * (extra[2] + extra[3] + extra[4]))
    assert abs(spent.read_nusd - exact[4]) <= 1


@given(PRICES, FIVE_COUNTS, st.integers(0, 1000))
def test_the_parts_of_a_cost_are_never_negative_and_sum_to_the_total(
    price: Price, counts: tuple[int, ...], searches: int
) -> None:
    spent = cost_of_call(price, **named(counts), web_searches=searches)
    parts = (spent.prompt_nusd, spent.read_nusd, spent.output_nusd)
    assert sum(parts) == spent.total_nusd
    assert min(parts) >= 0


def test_two_parts_that_both_round_up_do_not_leave_a_negative_output() -> None:
    spent = cost_of_call(Price((3, 0, 0, 0, 3), 0, (1, 2)), **named((1, 0, 0, 0, 1)), web_searches=0)
    assert (spent.total_nusd, spent.prompt_nusd, spent.read_nusd, spent.output_nusd) == (3, 2, 1, 0)


@given(PRICES, st.lists(FIVE_COUNTS, min_size=1, max_size=8))
def test_shares_of_a_call_differ_from_its_cost_by_at_most_half_a_nano_usd_each(
    price: Price, shares: list[tuple[int, ...]]
) -> None:
    whole = tuple(sum(kind) for kind in zip(*shares, strict=True))
    spent = cost_of_call(price, **named(whole), web_searches=0)
    assert abs(sum(cost_of_share(price, **named(share)) for share in shares) - spent.total_nusd) <= (
        0 if price.denominator == 1 else Fraction(len(shares) + 1, 2)
    )


TOO_DEAR = {
    "argparse",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
}
TOO_DEAR |= {"functools", "hashlib", "json", "logging", "pathlib", "re", "sqlite3", "typing", "urllib"}


def test_loading_prices_loads_no_module_that_a_hook_cannot_afford() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); before = set(sys.modules)\n"
        "from usage_dashboard.pricing import cost, model_names as names, table\n"
        "prices = table.load_table({'multiplier': 0.5})\n"
        "assert prices.price('claude-opus-5-5', 0, '', '', '', 0); prices.fingerprint\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    root = os.path.dirname(os.path.dirname(usage_dashboard.__file__))
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, root], capture_output=True, text=True, check=True
    )
    assert "usage_dashboard.pricing.table" in ran.stdout
    assert not set(ran.stdout.split()) & TOO_DEAR
