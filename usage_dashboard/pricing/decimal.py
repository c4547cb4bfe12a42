"""Exact integers from decimal text: `6.25` USD per million tokens is 6250 nano-USD per token."""

from math import gcd

_MOST_DIGITS = 30
_MOST_USD = 10_000


def parse_fraction(value: object) -> tuple[int, int]:
    """Return the decimal number `value` as exact numerator and denominator.

    A JSON number with a fraction arrives as a float; its shortest text is what the file says.

    Raises:
        ValueError: `value` is not a decimal number as text or number.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("is not a number")  # noqa: TRY004 - one error for every unusable price
    mantissa, power, exponent = str(value).lower().partition("e")
    whole, _, places = mantissa.removeprefix("-").partition(".")
    size = exponent[1:] if exponent[:1] in ("+", "-") else exponent
    if not _is_digits(whole + places, _MOST_DIGITS) or (power and not _is_digits(size, 2)):
        raise ValueError("is not a number")
    shift = (int(size or "0") if exponent[:1] != "-" else -int(size)) - len(places)
    numerator = int(whole + places) * 10 ** max(shift, 0)
    return -numerator if mantissa.startswith("-") else numerator, 10 ** max(-shift, 0)


def nusd_per_token(value: object) -> int:
    """Convert a price in USD per million tokens to nano-USD per token.

    Raises:
        ValueError: not a number, negative, above 10,000, or finer than 0.001.
    """
    return _scaled_integer(value, _MOST_USD, 1000, "0.001 USD per million tokens")


def nusd_per_search(value: object) -> int:
    """Convert a price in USD per 1,000 web searches to nano-USD per search.

    Raises:
        ValueError: not a number, negative, above 10,000, or finer than 0.000001.
    """
    return _scaled_integer(value, _MOST_USD, 1_000_000, "0.000001 USD per 1,000 searches")


def parse_multiplier(value: object) -> tuple[int, int]:
    """Return a factor on prices in lowest terms (numerator, denominator), above 0 and at most 10.

    The bounds are those of Claude Code's own setting `modelPricing.multiplier`.

    Raises:
        ValueError: not a number, out of bounds, or finer than 0.000001.
    """
    millionths = _scaled_integer(value, 10, 1_000_000, "0.000001")
    if not millionths:
        raise ValueError("is not above 0")
    common = gcd(millionths, 1_000_000)
    return millionths // common, 1_000_000 // common


def _scaled_integer(value: object, most: int, unit: int, finest: str) -> int:
    numerator, denominator = parse_fraction(value)
    if numerator < 0:
        raise ValueError("is negative")
    if numerator > most * denominator:
        raise ValueError(f"is above {most}")
    amount, rest = divmod(numerator * unit, denominator)
    if rest:
        raise ValueError(f"is finer than {finest}")
    return amount


def _is_digits(text: str, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= most
