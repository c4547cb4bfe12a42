"""The client's limits, where a percentage or a reset is known from, and what each is called on a screen.

One table for the status line, for the sentences of an alert and for every page: light enough for a hook.
A week of one model's own has the model in its name: `seven_day_opus`.
"""

FIVE_HOUR, WEEKLY, SPEND_LIMIT = "five_hour", "seven_day", "spend_limit"
"""The client's names of its limits, which the ledger and JSON keep."""

LIMITS = (FIVE_HOUR, WEEKLY, SPEND_LIMIT)

SHORT_NAMES = {FIVE_HOUR: "5h", WEEKLY: "week", SPEND_LIMIT: "spend"}
_TITLES = {FIVE_HOUR: "5 hours", WEEKLY: "Week", SPEND_LIMIT: "Spend limit"}
_PHRASES = {
    FIVE_HOUR: "the 5-hour allowance",
    WEEKLY: "this week's allowance",
    SPEND_LIMIT: "the spend limit",
}

SOURCE_LABELS = {
    "statusline": "from the status line",
    "usage-command": "from `/usage`",
    "cached": "as Claude Code kept it",
    "estimate": "estimate against your own cap, this machine only",
}
"""Where a percentage is from, beside it on a page."""

SOURCE_PHRASES = {
    "statusline": "the status line",
    "usage-command": "`/usage`",
    "cached": "what Claude Code had kept",
}
"""Where an official percentage is from, in a sentence."""

RESET_LABELS = {
    "observed": "as Claude Code reported",
    "configured": "configured",
    "default": "assumed Monday 00:00 UTC",
}
"""Where a reset is known from, beside it on a page."""

RESET_PHRASES = {"configured": "as configured", "default": "assumed: Monday 00:00 UTC"}
"""The same in a sentence; an observed reset needs no word."""


def model_of_week(window: str) -> str:
    """Return the model that the weekly limit `window` is of; empty for all other limits."""
    return window.removeprefix(f"{WEEKLY}_") if window.startswith(f"{WEEKLY}_") else ""


def limit_title(window: str) -> str:
    """Return the name of a limit as it begins a line: `Week`, `5 hours`, `Week, opus`."""
    model = model_of_week(window)
    return f"Week, {model}" if model else _TITLES.get(window, window)


def limit_phrase(window: str) -> str:
    """Return the name of a limit as in "82% of this week's allowance"."""
    model = model_of_week(window)
    return f"this week's {model} allowance" if model else _PHRASES.get(window, window)


def limit_period(window: str) -> str:
    """Return what a call takes a share of, as in "1.8% of the week"."""
    return _PHRASES[window] if window in (FIVE_HOUR, SPEND_LIMIT) else "the week"
