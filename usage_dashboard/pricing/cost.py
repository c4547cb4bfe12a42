"""What tokens cost: pure arithmetic on integers, rounded once per figure and half to even."""

from __future__ import annotations

KINDS = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")


class Price:
    """Five prices in nano-USD per token, one in nano-USD per web search, and a factor on the five.

    The factor is `numerator / denominator`: batch, geography and a contract change the sum of a
    call's tokens, and the searches of the call stay as they are.
    """

    __slots__ = (
        "cache_read_nusd",
        "cache_write_1h_nusd",
        "cache_write_5m_nusd",
        "denominator",
        "input_nusd",
        "numerator",
        "output_nusd",
        "web_search_nusd",
    )

    def __init__(
        self,
        tokens_nusd: tuple[int, int, int, int, int],
        web_search_nusd: int,
        factor: tuple[int, int] = (1, 1),
    ) -> None:
        (
            self.input_nusd,
            self.output_nusd,
            self.cache_write_5m_nusd,
            self.cache_write_1h_nusd,
            self.cache_read_nusd,
        ) = tokens_nusd
        self.web_search_nusd = web_search_nusd
        self.numerator, self.denominator = factor

    @property
    def tokens_nusd(self) -> tuple[int, int, int, int, int]:
        """Nano-USD per token in the order of `KINDS`, without the factor."""
        return (
            self.input_nusd,
            self.output_nusd,
            self.cache_write_5m_nusd,
            self.cache_write_1h_nusd,
            self.cache_read_nusd,
        )

    def _state(self) -> tuple[object, ...]:
        return (self.tokens_nusd, self.web_search_nusd, self.numerator, self.denominator)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Price) and self._state() == other._state()

    def __hash__(self) -> int:
        return hash(self._state())

    def __repr__(self) -> str:
        return f"Price({self.tokens_nusd}, {self.web_search_nusd}, ({self.numerator}, {self.denominator}))"


class Cost:
    """The cost of one call in nano-USD: its total, two parts of it, and what caching saved.

    `prompt_nusd` is fresh input and cache writes, `read_nusd` cache reads, `output_nusd` the rest
    (output and web searches); none is negative and they sum to `total_nusd`. `savings_nusd` is what
    the call would have cost more without a cache, and is negative where writes cost more than that.
    """

    __slots__ = ("prompt_nusd", "read_nusd", "savings_nusd", "total_nusd")

    def __init__(self, total_nusd: int, prompt_nusd: int, read_nusd: int, savings_nusd: int) -> None:
        self.total_nusd = total_nusd
        self.prompt_nusd = prompt_nusd
        self.read_nusd = read_nusd
        self.savings_nusd = savings_nusd

    @property
    def output_nusd(self) -> int:
        """Nano-USD of the output and the web searches: what the other two parts leave of the total."""
        return self.total_nusd - self.prompt_nusd - self.read_nusd


def cost_of_call(  # noqa: PLR0913 - the columns of a bill, each by name; one left out would be a wrong total
    price: Price,
    *,
    input_tokens: int,
    output_tokens: int,
    cache_write_5m_tokens: int,
    cache_write_1h_tokens: int,
    cache_read_tokens: int,
    web_searches: int,
) -> Cost:
    """Calculate the cost of one call at `price`, its total rounded once from the exact sum.

    `input_tokens` is uncached input. If both parts round up and would exceed the total, the cache reads
    are one nano-USD less.
    """
    written = cache_write_5m_tokens + cache_write_1h_tokens
    counts = (input_tokens, output_tokens, written, cache_write_1h_tokens, cache_read_tokens, web_searches)
    return Cost(*call_amounts(price, counts))


def call_amounts(price: Price, counts: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return nano-USD of a call: in all, of the prompt, of cache reads, and saved by caching.

    `counts`: input, output, cache creation, its 1-hour part, cache read, web searches.
    """
    fresh, output, creation, hour, cached, searches = counts
    base, denominator = price.input_nusd, price.denominator
    prompt = fresh * base + (creation - hour) * price.cache_write_5m_nusd + hour * price.cache_write_1h_nusd
    read = cached * price.cache_read_nusd
    saved = (fresh + creation + cached) * base - prompt - read
    exact = prompt + read + output * price.output_nusd
    if denominator == price.numerator:  # nearly always: nothing to round
        return exact + searches * price.web_search_nusd, prompt, read, saved
    numerator = price.numerator
    total = divide_half_even(exact * numerator + searches * price.web_search_nusd * denominator, denominator)
    prompt = divide_half_even(prompt * numerator, denominator)
    read = min(divide_half_even(read * numerator, denominator), total - prompt)
    return total, prompt, read, divide_half_even(saved * numerator, denominator)


def cost_of_share(
    price: Price,
    *,
    input_tokens: int = 0,
    output_tokens: int = 0,
    cache_write_5m_tokens: int = 0,
    cache_write_1h_tokens: int = 0,
    cache_read_tokens: int = 0,
) -> int:
    """Return nano-USD of a share of a call's tokens at `price`, rounded by itself.

    Shares may miss the call's cost by half a nano-USD each; for an exact sum, one of them has to be the
    remainder.
    """
    exact = (
        input_tokens * price.input_nusd
        + output_tokens * price.output_nusd
        + cache_write_5m_tokens * price.cache_write_5m_nusd
        + cache_write_1h_tokens * price.cache_write_1h_nusd
        + cache_read_tokens * price.cache_read_nusd
    )
    return divide_half_even(exact * price.numerator, price.denominator)


def divide_half_even(numerator: int, denominator: int) -> int:
    """Return the integer nearest to `numerator / denominator`, the even one of two equally near."""
    whole, rest = divmod(numerator, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and whole % 2):
        return whole + 1
    return whole
