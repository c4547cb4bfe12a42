"""`live`: watch what running sessions use."""

from __future__ import annotations

import json
import math
import sys
import time
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.options import usage_command
from usage_dashboard.cli.pages import live_screen
from usage_dashboard.cli.pages.live_snapshot import LiveMonitor
from usage_dashboard.cli.terminal import output

if TYPE_CHECKING:
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.model.windows import Window

LEAST_SECONDS, MOST_SECONDS = 0.2, 3600


def _check_interval(_context: click.Context, _option: click.Parameter, value: float) -> float:
    """Refuse `nan`, which is within every range."""
    if math.isnan(value):
        raise click.BadParameter("`nan` has to be a number of seconds")
    return value


@click.command()
@click.option(
    "--interval",
    metavar="SECONDS",
    type=click.FloatRange(LEAST_SECONDS, MOST_SECONDS),
    default=2,
    show_default=True,
    callback=_check_interval,
    help="How long to wait between two looks",
)
@click.option("--once", is_flag=True, help="Show it once and end")
@usage_command("day")
def live(reader: CommandReader, window: Window, interval: float, *, once: bool, as_json: bool) -> None:
    """Watch what running sessions use, until `q` or Ctrl+C.

    In a pipe it is a line for each look, and with --json a document on a line of its own.

    \b
    Examples:
      usage-dashboard live
      usage-dashboard live --window 5h --interval 10
      usage-dashboard live | grep --line-buffered EXCEEDED
      usage-dashboard live --once --json
    """
    follows = not click.get_current_context().params["no_sweep"]
    monitor = LiveMonitor(reader, window, follows=follows)
    try:
        if sys.stdout.isatty() and not (once or as_json):
            _run_fullscreen(monitor, interval)
        else:
            _run_in_pipe(monitor, interval, once=once, as_json=as_json)
    except KeyboardInterrupt:
        return  # the way to end it


def _run_fullscreen(monitor: LiveMonitor, interval: float) -> None:
    from usage_dashboard.cli.terminal.fullscreen import FullScreen  # noqa: PLC0415 - a pipe needs no rich

    with FullScreen() as screen:
        while True:
            screen.paint(live_screen.format_screen(monitor.snapshot, output.page_width(), screen.size[1]))
            if screen.wait(interval):
                return
            monitor.refresh()


def _run_in_pipe(monitor: LiveMonitor, interval: float, *, once: bool, as_json: bool) -> None:
    while True:
        snapshot = monitor.snapshot
        if as_json:
            click.echo(json.dumps(snapshot.to_json()))
        elif once:
            output.print_page(live_screen.format_screen(snapshot, output.page_width(), None))
        else:
            output.print_page([live_screen.format_one_line(snapshot)])
        if once:
            return
        time.sleep(interval)
        monitor.refresh()
