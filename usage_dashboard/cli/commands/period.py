"""`week`, `day` and `month`: what was used since the period began, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.commands.fast_path import show
from usage_dashboard.cli.commands.options import breaking_down, comparing, shows_usage
from usage_dashboard.cli.reader import CommandReader

if TYPE_CHECKING:
    from usage_dashboard.model.windows import Window


@click.command()
@shows_usage("week", named=False)
@comparing
@breaking_down
def week(reader: CommandReader, window: Window, *, as_json: bool, compare: bool, breakdown: bool) -> None:
    """Show this week: what was used since the allowance began anew.

    \b
    Examples:
      usage-dashboard week --compare
      usage-dashboard week --last 1
      usage-dashboard week --since 2026-11-01 --until 2026-11-15
    """
    show(reader, window, as_json=as_json, compare=compare, breakdown=breakdown)


@click.command()
@shows_usage("day", named=False)
@comparing
@breaking_down
def day(reader: CommandReader, window: Window, *, as_json: bool, compare: bool, breakdown: bool) -> None:
    """Show today.

    \b
    Examples:
      usage-dashboard day --last 1
      usage-dashboard day --tz America/New_York
    """
    show(reader, window, as_json=as_json, compare=compare, breakdown=breakdown)


@click.command()
@shows_usage("month", named=False)
@comparing
@breaking_down
def month(reader: CommandReader, window: Window, *, as_json: bool, compare: bool, breakdown: bool) -> None:
    """Show this calendar month.

    \b
    Examples:
      usage-dashboard month --compare
      usage-dashboard month --last 1 --breakdown
    """
    show(reader, window, as_json=as_json, compare=compare, breakdown=breakdown)


def show_week(home: str) -> None:
    """Print the week's page of the ledger in the folder `home`, as it is."""
    reader = CommandReader(home)
    show(reader, reader.window_named("week"), as_json=False)
