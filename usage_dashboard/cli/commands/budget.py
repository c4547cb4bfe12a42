"""`budget`: cap the tokens or the estimated cost of a period."""

from __future__ import annotations

import os
import sys
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli import completions
from usage_dashboard.cli.options import usage_command
from usage_dashboard.cli.pages import budget_lines, budget_state
from usage_dashboard.cli.reader import CommandReader
from usage_dashboard.cli.terminal import layout, output
from usage_dashboard.config import checks, edit, paths
from usage_dashboard.limits.budget import (
    STATUSES,
    WARN_PERCENT,
    Budget,
    configured_budgets,
    describe_unusable,
    unusable_variables,
)
from usage_dashboard.model import humanize
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.reports.envelope import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.limits.budget import BudgetState

    BudgetCommand = Callable[..., None]

EXIT_CODES = {"OK": 0, "WARNING": 10, "EXCEEDED": 11}
SET_HINT = "usage-dashboard budget set weekly --tokens 400M"
SCALES = {letter.lower(): scale for scale, letter in humanize.SCALES}
MOST_TOKENS = 10**15


def _parse_tokens(_context: click.Context, _option: click.Parameter, text: str | None) -> int | None:
    """Parse a number of tokens: `400M`, `12.5k` or `40000000`."""
    if text is None:
        return None
    scale = SCALES.get(text[-1:].lower(), 1)
    try:
        count = Decimal((text[:-1] if scale > 1 else text).replace(",", "")) * scale
        if 1 <= count <= MOST_TOKENS and count == int(
            count
        ):  # in this order: `int` of 1e999999 takes seconds
            return int(count)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise click.BadParameter(f"`{text}` has to be a whole number of tokens such as 400000000 or 400M")


def _parse_dollars(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    if text is not None:
        try:
            checks.nano_usd(text)
        except ValueError as error:
            raise click.BadParameter(f"`{text}` has to be {error}") from error
    return text


def _parse_kinds(_context: click.Context, _option: click.Parameter, text: str | None) -> list[str] | None:
    if text is None:
        return None
    kinds = [kind.strip() for kind in text.split(",")]
    if not set(kinds) <= set(checks.KINDS):
        raise click.BadParameter(f"`{text}` has to be a list of {', '.join(checks.KINDS)}")
    return kinds


def _scope_options(command: BudgetCommand) -> BudgetCommand:
    """Add the options that name a budget: its period, project and model."""
    project = click.option(
        "--project",
        metavar="P",
        shell_complete=completions.complete_projects,
        help="Only what is used in this project",
    )
    model = click.option(
        "--model",
        metavar="M",
        shell_complete=completions.complete_models,
        help="Only this model, or a family like opus",
    )
    period = click.argument("period", type=click.Choice(checks.PERIODS))
    return period(project(model(command)))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def budget() -> None:
    """Caps on a day's, week's or month's tokens or estimated dollars.

    The environment's DAILY_BUDGET_USD and MONTHLY_BUDGET_USD cap all usage of a day or month; while one
    is set, it stands in for a budget in dollars that was set for the same.

    \b
    Examples:
      usage-dashboard budget set weekly --tokens 400M
      usage-dashboard budget set daily --usd 20 --project shop
      usage-dashboard budget set monthly --tokens 5M --model opus --kinds output
      usage-dashboard budget list
    """


@budget.command("set")
@_scope_options
@click.option(
    "--tokens", metavar="N", callback=_parse_tokens, help="Cap in tokens, such as 400000000 or 400M"
)
@click.option(
    "--usd", metavar="N", callback=_parse_dollars, help="Cap in estimated US dollars, such as 12.50"
)
@click.option(
    "--kinds",
    metavar="LIST",
    callback=_parse_kinds,
    help=f"Tokens to count, some of {','.join(checks.KINDS)}  [default: all]",
)
@click.option(
    "--warn",
    "warn_percent",
    metavar="PERCENT",
    type=click.IntRange(1, 100),
    help=f"Warn from this share of the cap on  [default: {WARN_PERCENT}]",
)
def set_(**options: object) -> None:
    """Set the cap of a period, for all usage or for a project or a model.

    It replaces the cap that the same period, project and model have already.

    \b
    Examples:
      usage-dashboard budget set weekly --tokens 400M
      usage-dashboard budget set monthly --usd 250 --warn 70
      usage-dashboard budget set daily --tokens 2M --model opus --kinds output
    """
    entry = {name: value for name, value in options.items() if value}
    if ("tokens" in entry) == ("usd" in entry):
        raise click.UsageError("give one of --tokens and --usd")
    if "kinds" in entry and "usd" in entry:
        raise click.UsageError("--kinds goes with --tokens, since a cost is of every kind")
    reader, cap = CommandReader(), Budget(entry)
    kept = [each for each in _configured_budgets(reader) if Budget(each).scope != cap.scope]
    lines = _format_set(reader, cap, output.page_width())
    edit.set_value(paths.config_file(reader.home), "budgets", [*kept, entry])
    output.print_page(lines)


@budget.command("list")
@usage_command()
def list_(reader: CommandReader, *, as_json: bool) -> None:
    """Show what is used of each budget, what is left, and when it resets.

    \b
    Examples:
      usage-dashboard budget list
      usage-dashboard budget list --json
    """
    states, approximate = _current_states(reader)
    if as_json:
        output.print_json(
            {"version": VERSION, "budgets": budget_state.budgets_to_json(states, reader.now_us)}
        )
        return
    width = output.page_width()
    blocks = [budget_lines.format_budget(state, reader, width) for state in states]
    remarks = budget_lines.format_remarks(states, reader, width, approximate=approximate)
    output.print_page([*_join_blocks(blocks), *remarks] if states else _format_none(width))


@budget.command()
@usage_command()
def check(reader: CommandReader, *, as_json: bool) -> None:
    """Tell whether every budget is kept, for scripts.

    Exits 0 if all are OK, 10 if one is at its WARNING, and 11 if one is EXCEEDED.

    \b
    Examples:
      usage-dashboard budget check
      usage-dashboard budget check --json
    """
    states, approximate = _current_states(reader)
    worst = max((STATUSES.index(state.status) for state in states), default=0)
    if as_json:
        documents = budget_state.budgets_to_json(states, reader.now_us)
        output.print_json({"version": VERSION, "status": STATUSES[worst], "budgets": documents})
    else:
        width = output.page_width()
        lines = [line for state in states for line in budget_lines.format_verdict(state, reader, width)]
        remarks = budget_lines.format_remarks(states, reader, width, approximate=approximate)
        output.print_page([*lines, *remarks] if states else _format_none(width))
    sys.exit(EXIT_CODES[STATUSES[worst]])


@budget.command()
@click.option("--last", default=8, show_default=True, type=click.IntRange(1, 366), help="How many periods")
@usage_command()
def history(reader: CommandReader, last: int, *, as_json: bool) -> None:
    """Show past periods against the limits that hold now.

    \b
    Examples:
      usage-dashboard budget history
      usage-dashboard budget history --last 4
    """
    caps = budget_state.budgets_in_force(reader)
    past = {
        period: budget_state.read_past_periods(reader, period, last)
        for period in {cap.period for cap in caps}
    }
    if as_json:
        documents = [budget_state.history_to_json(cap, past[cap.period]) for cap in caps]
        output.print_json({"version": VERSION, "budgets": documents})
        return
    width = output.page_width()
    tables = [budget_lines.format_history(cap, past[cap.period], reader, width) for cap in caps]
    states = [spent.state(cap) for cap in caps for spent in past[cap.period]]
    approximate = any(spent.approximate for some in past.values() for spent in some)
    remarks = budget_lines.format_remarks(states, reader, width, approximate=approximate)
    output.print_page([*_join_blocks(tables), *remarks] if caps else _format_none(width))


@budget.command()
@_scope_options
def remove(period: str, project: str | None, model: str | None) -> None:
    """Remove the cap of a period, or that of a project or a model in it.

    \b
    Examples:
      usage-dashboard budget remove weekly
      usage-dashboard budget remove monthly --project shop
    """
    reader, scope = CommandReader(), (period, project or "", model or "")
    entries = _configured_budgets(reader)
    kept = [entry for entry in entries if Budget(entry).scope != scope]
    if len(kept) < len(entries):
        edit.set_value(paths.config_file(reader.home), "budgets", kept)
        click.echo("The budget is removed")
        return
    variable = _variable_of(reader, scope)
    if variable:
        raise UsageDashboardError(f"This budget is set by `{variable}`", hint=f"unset {variable}")
    raise UsageDashboardError("There is no such budget", hint="usage-dashboard budget list")


def _configured_budgets(reader: CommandReader) -> list[dict[str, object]]:
    """The budgets in the settings, as plain values."""
    return reader.settings.budgets


def _variable_of(reader: CommandReader, scope: tuple[str, str, str]) -> str:
    """The environment variable that sets a budget of this scope, or an empty string."""
    variables = (
        cap.variable for cap in configured_budgets(reader.settings, os.environ) if cap.scope == scope
    )
    return next(filter(None, variables), "")


def _current_states(reader: CommandReader) -> tuple[list[BudgetState], bool]:
    """The current state of each budget, and whether the edge of a period is approximate."""
    caps = budget_state.budgets_in_force(reader)
    spent = budget_state.read_current_periods(reader, caps)
    return [spent[cap.period].state(cap) for cap in caps], any(each.approximate for each in spent.values())


def _format_set(reader: CommandReader, cap: Budget, width: int) -> list[StyledLine]:
    """The new cap beside the usage of the last period, which shows a cap that is too low."""
    window = budget_state.current_window(reader, cap.period)
    spent = [
        budget_state.PeriodUsage(reader, each)
        for each in (budget_state.previous_window(reader, window), window)
    ]
    last, now = (each.state(cap) for each in spent)
    lines = budget_lines.format_comparison(last, now, width)
    variable = _variable_of(reader, cap.scope) if cap.in_dollars else ""
    if variable:
        text = f"Warning: `{variable}` stands in for it as long as it is set"
        lines += layout.wrap_text(text, width, "warn")
    for wrong in unusable_variables(os.environ):
        lines += layout.wrap_text(f"Warning: {describe_unusable(wrong)}", width, "warn")
    approximate = any(each.approximate for each in spent)
    return lines + budget_lines.format_remarks([last, now], reader, width, approximate=approximate)


def _join_blocks(blocks: list[list[StyledLine]]) -> list[StyledLine]:
    """Join blocks with an empty line between them."""
    return [line for block in blocks for line in ([], *block)][1:]


def _format_none(width: int) -> list[StyledLine]:
    return [*layout.wrap_text("No budget is set", width), *layout.wrap_text(f"hint: {SET_HINT}", width)]
