"""`month`: what was used this calendar month, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.fast_path import show_window
from usage_dashboard.cli.options import breaking_down, comparing, shows_usage

if TYPE_CHECKING:
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.model.windows import Window


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
    show_window(reader, window, as_json=as_json, compare=compare, breakdown=breakdown)
