"""`snooze`: no warnings for a while."""

from __future__ import annotations

import time

import click

from usage_dashboard.config import paths
from usage_dashboard.model import humanize
from usage_dashboard.model.errors import LedgerError
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.store.connection import COMMAND_WAIT_SECONDS, DatabaseError, open_writer, transaction
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
    seconds = 0 if how_long == "off" else _seconds(how_long)
    until_us = time.time_ns() // 1000 + seconds * SECOND_US if seconds else 0
    home = paths.ledger_home()
    try:
        db = open_writer(home, COMMAND_WAIT_SECONDS)
        with transaction(db):
            snooze_until(db, until_us)
    except (DatabaseError, OSError) as error:
        hint = "usage-dashboard doctor"
        raise LedgerError(f"The ledger in `{home}` cannot be written", hint=hint) from error
    db.close()
    click.echo(f"Warnings wait until {humanize.moment(until_us)}" if seconds else "Warnings are shown again")


def _seconds(text: str) -> int:
    number, scale = text[:-1], UNITS.get(text[-1:], 0)
    seconds = int(number) * scale if number.isascii() and number.isdecimal() and len(number) < 9 else 0
    if not 0 < seconds <= MOST_SECONDS:
        raise click.BadParameter(f"`{text}` has to be a time such as 30m, 2h or 1d, at most 31d, or off")
    return seconds
