"""`import`: read all transcripts on disk into the ledger."""

from __future__ import annotations

import os

import click

from usage_dashboard.cli.fast_path import import_transcripts
from usage_dashboard.model.errors import UsageDashboardError


@click.command("import")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
def import_(paths: tuple[str, ...]) -> None:
    """Read existing transcripts into the ledger.

    Those of Claude Code, and the files or folders at PATH. It can be interrupted and run again:
    nothing is counted twice.

    \b
    Examples:
      usage-dashboard import
      usage-dashboard import ~/.claude/projects
    """
    for path in paths:
        if not os.path.exists(path):
            hint = "usage-dashboard import ~/.claude/projects"
            raise UsageDashboardError(f"There is no file or folder `{path}`", hint=hint)
    import_transcripts(paths=paths)
