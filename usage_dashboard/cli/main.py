"""The command `usage-dashboard`: its commands, each loaded when it is called, and where failures end."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from usage_dashboard import __version__
from usage_dashboard.cli.start import PROGRAM, USUAL
from usage_dashboard.errors import UsageDashboardError

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS = {
    "week": "period:week",
    "day": "period:day",
    "month": "period:month",
    "report": "report:report",
    "sessions": "sessions:sessions",
    "session": "session:session",
    "live": "live:live",
    "ui": "ui:ui",
    "limits": "limits:limits",
    "budget": "budget:budget",
    "snooze": "snooze:snooze",
    "audit": "audit:audit",
    "prices": "prices:prices",
    "export": "export:export",
    "query": "query:query",
    "import": "import_:import_",
    "merge": "merge:merge",
    "forget": "forget:forget",
    "setup": "setup:setup",
    "uninstall": "setup:uninstall",
    "doctor": "doctor:doctor",
    "config": "config:config",
    "telemetry": "telemetry:telemetry",
    "demo": "demo:demo",
    "completion": "completion:completion",
}
"""Each command, and where it is: `module:attribute` below `usage_dashboard.cli`."""

OWN_OPTIONS = ("--help", "-h", "--version")
INTERRUPTED = 130


def end_of(error: BaseException) -> int | None:
    """The exit code after `error`, which is told in words where it needs any; None for what is a bug.

    An expected failure is two lines on standard error; a reader that left is no failure.
    """
    if isinstance(error, UsageDashboardError):
        click.echo(f"Error: {error}", err=True)
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
        return 1
    if isinstance(error, BrokenPipeError):
        # What is still buffered would fail once more when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if isinstance(error, KeyboardInterrupt):
        click.echo(err=True)  # the shell's prompt begins a line of its own
        return INTERRUPTED
    return None


class LazyGroup(click.Group):
    """Commands by name, imported when they are called: the screens of the others cost nothing."""

    def __init__(self, places: Mapping[str, str], **settings: Any) -> None:
        super().__init__(**settings)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """The names, in the order of the table."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """The command of that name, None if there is none."""
        if cmd_name not in self._places:
            return None
        module, _, attribute = self._places[cmd_name].partition(":")
        found = getattr(importlib.import_module(f"usage_dashboard.cli.{module}"), attribute)
        if not isinstance(found, click.Command):
            raise TypeError(f"{module}:{attribute} is no command")
        return found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments, with the usual command in front where they name none."""
        named = bool(args) and (not args[0].startswith("-") or args[0] in OWN_OPTIONS)
        if not named and not ctx.resilient_parsing:
            args = [USUAL, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an expected failure ends in words, and a reader that left is none."""
        try:
            return super().invoke(ctx)
        except BaseException as error:
            code = end_of(error)
            if code is None:
                raise
            ctx.exit(code)


@click.group(cls=LazyGroup, places=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name=PROGRAM)
def cli() -> None:
    """What Claude Code spent, on what, and when the week starts anew.

    Without a command: this week. Everything stays on this machine, and every dollar is an estimate.
    """
