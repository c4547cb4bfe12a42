"""Registering and taking out again without a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.install import plan, recorded, registration, settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.install.machine import Machine


def register(machine: Machine, folder: Path | None = None) -> registration.Registration:
    home = str(machine.ledger)
    done = registration.for_user(home) if folder is None else registration.for_project(home, str(folder))
    machine.ledger.mkdir(exist_ok=True)
    for change in done.changes:
        settings.apply(change)
    registration.note(home, done)
    return done


def unregister(machine: Machine, folder: Path | None = None) -> None:
    for change in registration.removed(
        registration.everywhere(str(machine.ledger), str(folder or machine.home))
    ):
        settings.apply(change)
    recorded.forget(str(machine.ledger))


def ours(path: Path) -> list[plan.Found]:
    """Our hooks in the settings file `path`."""
    return plan.ours(settings.read(str(path)).value)
