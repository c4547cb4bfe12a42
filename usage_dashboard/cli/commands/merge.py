"""`merge`: read the ledger of the user's other machine into this one."""

from __future__ import annotations

import click

from usage_dashboard.config import paths
from usage_dashboard.ingest.merge import merge_ledger
from usage_dashboard.reports.wording import numbers


@click.command()
@click.argument("other", metavar="OTHER.db")
def merge(other: str) -> None:
    """Add the ledger of your other machine to this one.

    OTHER.db is a copy of its ledger, or the folder that has one; it is left as it is. Each call counts once,
    however often you merge. Costs are by this ledger's prices. Limits stay with the machine that read them.

    \b
    Examples:
      usage-dashboard merge laptop.db
      usage-dashboard merge /mnt/laptop/home/me/.claude-usage
    """
    gain = merge_ledger(paths.ledger_home(), other)
    if gain.calls or gain.tokens:
        calls, tokens = numbers.format_count(gain.calls, "call"), numbers.format_tokens(gain.tokens)
        sessions = numbers.format_count(gain.sessions, "session")
        click.echo(f"{calls} ({tokens} tokens) and {sessions} are new in the ledger")
    else:
        click.echo("Nothing is new in the ledger")
