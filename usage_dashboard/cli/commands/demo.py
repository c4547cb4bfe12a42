"""`demo`: show the same screens with generated usage, for users without a history."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from usage_dashboard.cli.lazy_group import COMMANDS, LazyGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

SCREENS = (
    "week", "day", "month", "report", "sessions", "session", "live", "limits", "budget", "audit", "export",
    "query", "prices", "ui",
)  # fmt: skip
"""The commands that show a ledger. Those that set something up stay with the user's own."""

ENDINGS = ("SIGTERM", "SIGHUP")


class DemoGroup(LazyGroup):
    """Commands that read generated usage instead of the user's own."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command on a temporary ledger, unless it only shows help."""
        if any(name in ctx.args for name in ctx.help_option_names):
            return super().invoke(ctx)
        from usage_dashboard.cli.demo.world import demo_home  # noqa: PLC0415 - help and completion do without

        click.echo("Made-up usage in a temporary folder: nothing of yours is read or changed", err=True)
        with _exit_on_signals(), demo_home(time.time_ns() // 1000):
            return super().invoke(ctx)


@click.group(
    cls=DemoGroup,
    places={name: COMMANDS[name] for name in SCREENS if name in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"]},
)
def demo() -> None:
    """Show any screen with five weeks of made-up usage.

    It lies in a temporary folder that is gone afterwards: nothing of yours is read or changed. Without a
    command: the week.

    \b
    Examples:
      usage-dashboard demo
      usage-dashboard demo sessions
      usage-dashboard demo report --window 7D --by tool
    """


@contextmanager
def _exit_on_signals() -> Iterator[None]:
    """Turn signals that end the process into an exit, so that the temporary folder is removed."""
    numbers = [getattr(signal, name) for name in ENDINGS if hasattr(signal, name)]
    before = {number: signal.signal(number, _exit_process) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit_process(number: int, _frame: object) -> None:
    sys.exit(128 + number)
