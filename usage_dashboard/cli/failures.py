"""Report expected failures: a message and an exit code."""

from __future__ import annotations

import os
import sys

import click

from usage_dashboard.model.errors import UsageDashboardError

INTERRUPTED = 130


def report_failure(error: BaseException) -> int | None:
    """Print an expected failure and return its exit code; return None for a bug.

    A failure is printed as two lines on standard error. A closed pipe is not a failure.
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
