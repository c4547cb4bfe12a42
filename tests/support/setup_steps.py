"""`setup` and `uninstall` without the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.install import (
    command_line,
    entries,
    registration,
    settings_file,
    setup_record,
    statusline,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine


def register(
    machine: Machine, folder: Path | None = None, *, status: bool = True
) -> registration.Registration:
    home = str(machine.ledger)
    if folder is None:
        done = registration.for_user(home, status=status)
    else:
        done = registration.for_project(home, str(folder), status=status)
    machine.ledger.mkdir(exist_ok=True)
    for change in done.changes:
        settings_file.apply(change)
    registration.note(home, done)
    return done


def unregister(machine: Machine, folder: Path | None = None) -> None:
    for change in registration.removed(
        registration.everywhere(str(machine.ledger), str(folder or machine.home))
    ):
        settings_file.apply(change)
    setup_record.remove_record(str(machine.ledger))


def our_hooks(path: Path) -> list[entries.Found]:
    """Find our hooks in the settings file `path`."""
    return entries.ours(settings_file.read(str(path)).value)


def our_status_line(path: Path) -> command_line.Hook | None:
    """Find our status line in the settings file `path`."""
    found = statusline.found(settings_file.read(str(path)).value)
    return None if found is None else found.hook
