"""The table of commands, and a group that loads each one when it is called."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

from usage_dashboard.cli.failures import report_failure
from usage_dashboard.cli.names import DEFAULT_COMMAND

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS = {
    "week": "week:week",
    "day": "day:day",
    "month": "month:month",
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
"""Each command and its place: `module:attribute` below `usage_dashboard.cli.commands`."""

OWN_OPTIONS = ("--help", "-h", "--version")


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that the others cost nothing."""

    def __init__(self, places: Mapping[str, str], **settings: Any) -> None:
        super().__init__(**settings)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """The names of the commands, in the order of the table."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """The command of that name, or None."""
        if cmd_name not in self._places:
            return None
        module, _, attribute = self._places[cmd_name].partition(":")
        command = getattr(importlib.import_module(f"usage_dashboard.cli.commands.{module}"), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is not a command")
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command in front if the arguments name none."""
        named = bool(args) and (not args[0].startswith("-") or args[0] in OWN_OPTIONS)
        if not named and not ctx.resilient_parsing:
            args = [DEFAULT_COMMAND, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; print expected errors. A closed pipe is not an error."""
        try:
            return super().invoke(ctx)
        except BaseException as error:
            code = report_failure(error)
            if code is None:
                raise
            ctx.exit(code)
