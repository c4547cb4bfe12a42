"""`day`: what was used today, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.fast_path import show_window
from usage_dashboard.cli.options import breakdown_option, compare_option, usage_command

if TYPE_CHECKING:
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.model.windows import Window


@click.command()
@usage_command("day", named=False)
@compare_option
@breakdown_option
def day(reader: CommandReader, window: Window, *, as_json: bool, compare: bool, breakdown: bool) -> None:
    """Show today.

    \b
    Examples:
      usage-dashboard day --last 1
      usage-dashboard day --tz America/New_York
    """
    show_window(reader, window, as_json=as_json, compare=compare, breakdown=breakdown)
