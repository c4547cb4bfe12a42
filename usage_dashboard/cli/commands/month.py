"""`month`: what was used this calendar month, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.fast_path import show_window
from usage_dashboard.cli.options import breakdown_option, compare_option, usage_command

if TYPE_CHECKING:
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.model.windows import Window


@click.command()
@usage_command("month", named=False)
@compare_option
@breakdown_option
def month(reader: CommandReader, window: Window, *, as_json: bool, compare: bool, breakdown: bool) -> None:
    """Show this calendar month.

    \b
    Examples:
      usage-dashboard month --compare
      usage-dashboard month --last 1 --breakdown
    """
    show_window(reader, window, as_json=as_json, compare=compare, breakdown=breakdown)
