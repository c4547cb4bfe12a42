"""`setup` and `uninstall` without the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.install import (
    command_line,
    hook_entries,
    registration,
    settings_file,
    setup_record,
    statusline_entry,
)
from usage_dashboard.install.client_events import EVERYTHING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine


def register(
    machine: Machine, folder: Path | None = None, *, status: bool = True
) -> registration.Registration:
    home = str(machine.ledger)
    if folder is None:
        done = registration.plan_for_user(home, EVERYTHING, status=status)
    else:
        done = registration.plan_for_project(home, EVERYTHING, str(folder), status=status)
    machine.ledger.mkdir(exist_ok=True)
    for change in done.changes:
        settings_file.apply_change(change)
    registration.record_registration(home, done)
    return done


def unregister(machine: Machine, folder: Path | None = None) -> None:
    for change in registration.plan_removal(
        registration.settings_files(str(machine.ledger), str(folder or machine.home))
    ):
        settings_file.apply_change(change)
    setup_record.remove_record(str(machine.ledger))


def our_hooks(path: Path) -> list[hook_entries.RegisteredHook]:
    """Find our hooks in the settings file `path`."""
    return hook_entries.registered_hooks(settings_file.read_settings(str(path)).value)


def our_status_line(path: Path) -> command_line.HookCommand | None:
    """Find our status line in the settings file `path`."""
    found = statusline_entry.registered_statusline(settings_file.read_settings(str(path)).value)
    return None if found is None else found.hook
