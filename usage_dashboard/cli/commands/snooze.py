"""`snooze`: keep warnings quiet for a while."""

from __future__ import annotations

import time
from contextlib import closing

import click

from usage_dashboard.config import paths
from usage_dashboard.model import humanize
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.store.connection import COMMAND_WAIT_SECONDS, open_writer, transaction
from usage_dashboard.store.ledger_errors import unwritable_ledger, writing_ledger
from usage_dashboard.store.meta import snooze_until

UNITS = {"m": 60, "h": 3600, "d": 86_400}
MOST_SECONDS = 31 * 86_400


@click.command()
@click.argument("how_long", metavar="30m|2h|1d|off")
def snooze(how_long: str) -> None:
    """Keep warnings inside sessions quiet for a while; `off` ends that.

    \b
    Examples:
      usage-dashboard snooze 30m
      usage-dashboard snooze off
    """
    seconds = 0 if how_long == "off" else _parse_duration(how_long)
    until_us = time.time_ns() // 1000 + seconds * SECOND_US if seconds else 0
    home = paths.ledger_home()
    try:
        with writing_ledger(home), closing(open_writer(home, COMMAND_WAIT_SECONDS)) as db, transaction(db):
            snooze_until(db, until_us)
    except OSError as error:
        raise unwritable_ledger(home) from error
    click.echo(
        f"Warnings wait until {humanize.format_moment(until_us)}" if seconds else "Warnings are shown again"
    )


def _parse_duration(text: str) -> int:
    number, scale = text[:-1], UNITS.get(text[-1:], 0)
    seconds = int(number) * scale if number.isascii() and number.isdecimal() and len(number) < 9 else 0
    if not 0 < seconds <= MOST_SECONDS:
        raise click.BadParameter(f"`{text}` has to be a time such as 30m, 2h or 1d, at most 31d, or off")
    return seconds
