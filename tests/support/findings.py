"""What doctor finds on a user's machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.install.doctor import examine as doctor

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine
    from usage_dashboard.install.doctor.finding import Finding


def examine(machine: Machine, folder: Path | None = None, managed: object = None) -> list[Finding]:
    machine.ledger.mkdir(mode=0o700, exist_ok=True)
    path = machine.home / "managed-settings.json"
    if managed is not None:
        machine.write(managed, path)
    return doctor.examine(str(machine.ledger), str(folder or machine.home), managed=str(path))


def wrong(findings: list[Finding]) -> list[Finding]:
    """What is not all right, apart from what every new machine lacks."""
    lacking = ("ledger", "transcripts")
    return [finding for finding in findings if finding.level != "ok" and finding.check not in lacking]


def only(machine: Machine, folder: Path | None = None, managed: object = None) -> Finding:
    """The one thing that is wrong."""
    findings = wrong(examine(machine, folder, managed))
    assert len(findings) == 1, findings
    assert findings[0].hint
    assert not findings[0].message.endswith(".")
    return findings[0]
