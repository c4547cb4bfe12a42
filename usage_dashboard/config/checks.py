"""What each kind of setting may hold: a check returns the value to store, or says what is allowed.

A check raises `ValueError` with the words that follow "has to be".
"""

from __future__ import annotations

from usage_dashboard.model.windows import WEEKDAYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PERIODS = ("daily", "weekly", "monthly")
KINDS = ("input", "output", "cache_creation", "cache_read")


def whole_number(low: int, high: int, *, empty: bool = False) -> Callable[[object], object]:
    """Return a check for an integer from `low` to `high`; with `empty`, null means "not set"."""

    def check(value: object) -> object:
        if value is None and empty:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return check


def one_of(*words: str) -> Callable[[object], object]:
    """Return a check for one of `words`."""

    def check(value: object) -> object:
        if value not in words:
            raise ValueError("one of " + ", ".join(words))
        return value

    return check


def text(value: object) -> object:
    """Check for any text."""
    if not isinstance(value, str):
        raise ValueError("a text")  # noqa: TRY004 - one error for every unusable setting
    return value


def texts(value: object) -> object:
    """Check for a list of texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("a list of texts")
    return value


def levels(value: object) -> object:
    """Check for three ascending percentages, the thresholds of yellow, orange and red."""
    wanted = "three ascending percentages such as [50, 80, 95]"
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError(wanted)
    for item in value:
        if isinstance(item, bool) or not isinstance(item, int) or not 0 < item <= 100:
            raise ValueError(wanted)
    if not value[0] < value[1] < value[2]:
        raise ValueError(wanted)
    return value


def aliases(value: object) -> object:
    """An object of names: each the user's, with the known model behind it."""
    wanted = 'an object of names such as {"my-gateway-sonnet": "claude-sonnet-4-6"}'
    if not isinstance(value, dict):
        raise ValueError(wanted)  # noqa: TRY004 - as above
    for name, known in value.items():
        if not name or not isinstance(known, str) or not known:
            raise ValueError(wanted)
    return value


def weekly_reset(value: object) -> object:
    """Check for null, or the weekday, hour, minute and zone at which the week resets."""
    wanted = 'null or {"weekday": "tuesday", "hour": 9, "minute": 46, "zone": "Europe/Berlin"}'
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) - {"weekday", "hour", "minute", "zone"}:
        raise ValueError(wanted)
    hour, minute, zone = value.get("hour", 0), value.get("minute", 0), value.get("zone", "UTC")
    if value.get("weekday") not in WEEKDAYS or not isinstance(zone, str):
        raise ValueError(wanted)
    whole_number(0, 23)(hour)
    whole_number(0, 59)(minute)
    return {"weekday": value["weekday"], "hour": hour, "minute": minute, "zone": zone}


def budgets(value: object) -> object:
    """Check for a list of budgets, each as `usage-dashboard budget set` writes it."""
    if not isinstance(value, list):
        raise ValueError("a list of budgets")  # noqa: TRY004 - as above
    return [_budget(item) for item in value]


def _budget(item: object) -> dict[str, object]:
    wanted = 'budgets such as {"period": "weekly", "tokens": 40000000} or {"period": "daily", "usd": "20"}'
    if not isinstance(item, dict) or item.get("period") not in PERIODS:
        raise ValueError(wanted)
    tokens, usd = item.get("tokens"), item.get("usd")
    if (tokens is None) == (usd is None):
        raise ValueError(wanted)
    if tokens is not None:
        whole_number(1, 10**15)(tokens)
    else:
        nano_usd(usd)
    _check_narrowing(item)
    return dict(item)


def _check_narrowing(item: dict[str, object]) -> None:
    """Check the fields that narrow a budget."""
    for name in ("project", "model"):
        if item.get(name) is not None:
            text(item[name])
    kinds = item.get("kinds")
    known = (*KINDS, *(kind + "_tokens" for kind in KINDS))
    if kinds is not None and not (isinstance(kinds, list) and all(kind in known for kind in kinds)):
        raise ValueError('budgets whose "kinds" are among ' + ", ".join(KINDS))
    if kinds and item.get("tokens") is None:
        raise ValueError('budgets in tokens where they name "kinds"')
    if item.get("warn_percent") is not None:
        whole_number(1, 100)(item["warn_percent"])


def nano_usd(value: object) -> int:
    """Return the integer nano-USD of a decimal amount of US dollars such as `"12.50"`, above zero.

    Raises:
        ValueError: not a positive decimal number with at most nine places.
    """
    digits = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if isinstance(value, float):
        digits = f"{value:.9f}".rstrip("0").rstrip(".")
    whole, _, places = digits.partition(".")
    if not (whole + places).isdigit() or not (whole + places).isascii() or len(places) > 9 or len(whole) > 9:
        raise ValueError('an amount of US dollars such as "12.50"')
    amount = int(whole or "0") * 10**9 + int(places.ljust(9, "0"))
    if amount == 0:
        raise ValueError("an amount above zero")
    return amount


def prices(value: object) -> object:
    """Check for null or an object; the price table checks its content, since it knows the models."""
    if value is not None and not isinstance(value, dict):
        raise ValueError('an object such as {"multiplier": 0.8, "models": {…}}')
    return value
