"""The command `usage-dashboard`."""

from __future__ import annotations

import click

from usage_dashboard import __version__
from usage_dashboard.cli.lazy_group import COMMANDS, LazyGroup
from usage_dashboard.cli.names import PROGRAM


@click.group(cls=LazyGroup, places=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name=PROGRAM)
def cli() -> None:
    """What Claude Code spent, on what, and when the week resets.

    Without a command: this week. Everything stays on this machine, and every dollar is an estimate.
    """
