"""What `doctor` finds on a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.install.doctor.examine import examine_all

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine
    from usage_dashboard.install.doctor.finding import Finding


def examine_machine(machine: Machine, folder: Path | None = None, managed: object = None) -> list[Finding]:
    machine.ledger.mkdir(mode=0o700, exist_ok=True)
    path = machine.home / "managed-settings.json"
    if managed is not None:
        machine.write(managed, path)
    return examine_all(str(machine.ledger), str(folder or machine.home), managed=str(path))


def problems(findings: list[Finding]) -> list[Finding]:
    """Findings that are not OK, without those that every new machine has."""
    lacking = ("ledger", "transcripts")
    return [finding for finding in findings if finding.level != "ok" and finding.check not in lacking]


def only_problem(machine: Machine, folder: Path | None = None, managed: object = None) -> Finding:
    """Return the only problem that doctor finds, which must have a hint."""
    findings = problems(examine_machine(machine, folder, managed))
    assert len(findings) == 1, findings
    assert findings[0].hint
    assert not findings[0].message.endswith(".")
    return findings[0]
