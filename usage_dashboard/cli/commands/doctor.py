"""`doctor`: report what is broken and how to fix it."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.pages.findings import show_finding
from usage_dashboard.config import paths
from usage_dashboard.install.doctor import examine

if TYPE_CHECKING:
    from usage_dashboard.install.doctor.finding import Finding


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON")
def doctor(*, as_json: bool) -> None:
    """Look for everything that keeps usage from being recorded; exit 1 if something does.

    \b
    Examples:
      usage-dashboard doctor
      usage-dashboard doctor --json
    """
    findings = examine.examine_all(paths.ledger_home(), os.getcwd())
    if as_json:
        click.echo(
            json.dumps({"version": 1, "findings": [asdict(finding) for finding in findings]}, indent=2)
        )
    else:
        for finding in findings:
            show_finding(finding)
        click.echo(_format_summary(findings))
    sys.exit(1 if any(finding.level == "problem" for finding in findings) else 0)


def _format_summary(findings: list[Finding]) -> str:
    counts = []
    for level in ("problem", "warning"):
        count = sum(finding.level == level for finding in findings)
        if count:
            counts.append(f"{count} {level}" + ("" if count == 1 else "s"))
    return ", ".join(counts) or "Everything works"
