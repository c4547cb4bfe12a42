"""Where failures end: in words and an exit code."""

from __future__ import annotations

import os
import sys

import click

from usage_dashboard.model.errors import UsageDashboardError

INTERRUPTED = 130


def report_failure(error: BaseException) -> int | None:
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
