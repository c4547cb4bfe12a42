"""`week`: what was used since the weekly allowance last reset, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.fast_path import show_window
from usage_dashboard.cli.options import breakdown_option, compare_option, usage_command

if TYPE_CHECKING:
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.model.windows import Window


@click.command()
@usage_command("week", named=False)
@compare_option
@breakdown_option
def week(reader: CommandReader, window: Window, *, as_json: bool, compare: bool, breakdown: bool) -> None:
    """Show this week: what was used since the allowance last reset.

    \b
    Examples:
      usage-dashboard week --compare
      usage-dashboard week --last 1
      usage-dashboard week --since 2026-11-01 --until 2026-11-15
    """
    show_window(reader, window, as_json=as_json, compare=compare, breakdown=breakdown)
