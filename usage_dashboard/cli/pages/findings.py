"""A finding of `doctor` as it is printed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from usage_dashboard.install.doctor.finding import Finding

COLORS = {"ok": "green", "warning": "yellow", "problem": "red"}


def show_finding(finding: Finding, *, err: bool = False) -> None:
    """Print the level of `finding` as a colored word, its message, and its hint below."""
    colored = not os.environ.get("NO_COLOR")
    mark = click.style(f"{finding.level:<7}", fg=COLORS[finding.level] if colored else None)
    click.echo(f"{mark}  {finding.message}", err=err)
    if finding.hint:
        click.echo(f"{'':<7}  hint: {finding.hint}", err=err)
