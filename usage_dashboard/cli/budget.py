"""`budget`: caps on a period's tokens or estimated dollars."""

from __future__ import annotations

import time

import click

from usage_dashboard import paths, usage, windows, words
from usage_dashboard.budget import Budget, budgets
from usage_dashboard.config import checks, settings
from usage_dashboard.errors import UsageDashboardError
from usage_dashboard.install import recorded
from usage_dashboard.windows import Zone

WINDOW_OF = {"daily": "day", "weekly": "week", "monthly": "month"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def budget() -> None:
    """Caps on a day's, week's or month's tokens or estimated dollars.

    \b
    Examples:
      usage-dashboard budget set weekly --tokens 400M
      usage-dashboard budget set daily --usd 20
      usage-dashboard budget list
    """


@budget.command("set")
@click.argument("period", type=click.Choice(checks.PERIODS))
@click.option("--tokens", metavar="N", help="Cap in tokens of every kind, such as 400000000 or 400M.")
@click.option("--usd", metavar="N", help="Cap in estimated US dollars, such as 20 or 12.50.")
def set_(period: str, tokens: str | None, usd: str | None) -> None:
    """Set the cap of a period; a cap that it has already is replaced."""
    if (tokens is None) == (usd is None):
        raise click.UsageError("give one of --tokens and --usd")
    entry: dict[str, object] = {"period": period}
    try:
        entry |= {"tokens": _count(tokens)} if tokens is not None else {"usd": usd}
        cap = Budget(entry)
    except ValueError as error:
        raise click.UsageError(f"a cap is {error}") from error
    home = paths.ledger_home()
    recorded.put(paths.config_file(home), "budgets", [*_others(home, period), entry])
    click.echo(f"{period.capitalize()} cap set to {_amount(cap, cap.limit)}; {_last(cap, home)}")


@budget.command("list")
def list_() -> None:
    """Show each cap with what is used of it."""
    home = paths.ledger_home()
    caps = budgets(settings.read(paths.config_file(home)))
    if not caps:
        click.echo("No budget is set")
        click.echo("hint: usage-dashboard budget set weekly --tokens 400M")
    for cap in caps:
        used = _used(cap, home, time.time_ns() // 1000)
        share = words.percent(used * 100 / cap.limit)
        figures = f"{_amount(cap, used)} of {_amount(cap, cap.limit)}"
        click.echo(f"{cap.period:8} {figures} used ({share}, estimate)")


@budget.command()
@click.argument("period", type=click.Choice(checks.PERIODS))
def remove(period: str) -> None:
    """Remove the cap of a period."""
    home = paths.ledger_home()
    left = _others(home, period)
    if len(left) == len(budgets(settings.read(paths.config_file(home)))):
        raise UsageDashboardError(f"No {period} budget is set", hint="usage-dashboard budget list")
    recorded.put(paths.config_file(home), "budgets", left)
    click.echo(f"{period.capitalize()} cap removed")


def _others(home: str, period: str) -> list[object]:
    entries = settings.read(paths.config_file(home))["budgets"]
    return [entry for entry in entries if entry["period"] != period] if isinstance(entries, list) else []


def _count(text: str) -> int:
    """The number that `400M`, `12.5k` or `40000000` says."""
    scale = {"k": 10**3, "M": 10**6, "m": 10**6, "B": 10**9, "b": 10**9}.get(text[-1:], 1)
    digits = text[:-1] if scale > 1 else text
    count = checks.nano_usd(digits.replace(",", "").replace("_", "")) * scale
    if count % 10**9:
        raise ValueError("a whole number of tokens such as 400000000 or 400M")
    return count // 10**9


def _amount(cap: Budget, amount: int) -> str:
    return words.dollars(amount) if cap.in_dollars else f"{words.tokens(amount)} tokens"


def _last(cap: Budget, home: str) -> str:
    """The figure of the last full period, so that nobody sets a cap that is gone in minutes."""
    now_us = time.time_ns() // 1000
    current = _window(cap, home, now_us)
    used = _used(cap, home, current.since_us - 1)
    if not used:
        return "nothing is recorded of the one before this"
    return f"the one before this came to {_amount(cap, used)} (estimate, this machine)"


def _window(cap: Budget, home: str, now_us: int) -> windows.Window:
    config = settings.read(paths.config_file(home))
    zone = Zone(str(config["timezone"]))
    return windows.resolve(WINDOW_OF[cap.period], now_us, zone, config["weekly_reset"])


def _used(cap: Budget, home: str, now_us: int) -> int:
    found = usage.read(home, _window(cap, home, now_us), Zone(), cap.counts)
    return cap.used(found.report.totals)
