"""`setup` and `uninstall`: add hooks and status line to Claude Code's settings, and remove them."""

from __future__ import annotations

import compileall
import difflib
import os
import sys
from typing import TYPE_CHECKING

import click

import usage_dashboard
from usage_dashboard.cli.pages.findings import show_finding
from usage_dashboard.config import paths
from usage_dashboard.ingest.telemetry import health, state_file
from usage_dashboard.install import (
    client_fit,
    clients,
    command_line,
    purge,
    registration,
    settings_file,
    setup_record,
    statusline_entry,
    telemetry_settings,
)
from usage_dashboard.install.doctor import examine
from usage_dashboard.model.errors import LedgerError, UsageDashboardError
from usage_dashboard.runtime.bundle import build

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_dashboard.install.client_events import Vocabulary
    from usage_dashboard.install.clients import Client
    from usage_dashboard.install.registration import Registration
    from usage_dashboard.install.settings_file import FileChange


@click.command()
@click.option(
    "--scope",
    type=click.Choice(["user", "project"]),
    help="Record every project, or only that of the current folder  [default: as before, else user]",
)
@click.option(
    "--statusline/--no-statusline",
    "with_statusline",
    default=True,
    help="Record and show limits in the status line; one of yours is shown too  [default: yes]",
)
@click.option(
    "--telemetry/--no-telemetry",
    "wants_telemetry",
    default=None,
    help="Count what is in no transcript too, by Claude Code's telemetry, kept here  [default: as before]",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Where telemetry is received, on 127.0.0.1")
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing")
@click.option("--yes", is_flag=True, help="Ask nothing")
def setup(
    scope: str | None,
    *,
    with_statusline: bool,
    wants_telemetry: bool | None,
    port: int | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Register hooks and status line in Claude Code's settings, read the history, show this week.

    Nothing but entries of usage-dashboard is changed, and running it again changes nothing.

    \b
    Examples:
      usage-dashboard setup --dry-run
      usage-dashboard setup --yes
      usage-dashboard setup --scope project --yes
      usage-dashboard setup --no-statusline --yes
    """
    home = paths.ledger_home()
    port = _telemetry_port(home, scope, port, wanted=wants_telemetry)
    installed = clients.find_all(home)
    planned = _plan_registration(
        home, client_fit.understood_by(installed), scope, port, status=with_statusline
    )
    _name_replaced(planned)
    if dry_run:
        _show_diffs(planned.changes)
        click.echo("Nothing was written")
        return
    if planned.changes and not yes and sys.stdin.isatty():
        _confirm_changes(planned.changes)
    _make_folder(home)
    for change in planned.changes:
        settings_file.apply_change(change)
    registration.record_registration(home, planned)
    if port is not None:
        # It would listen elsewhere, or go on with an older release; the next hook starts it again.
        health.stop_receiver(home)
    # Else each hook would compile what it imports until one of them may write the result.
    compileall.compile_dir(os.path.dirname(usage_dashboard.__file__), quiet=2)
    build.refresh_bundles()
    _report_registration(home, planned)
    _report_restraint(installed, planned)
    if port is not None:
        _report_telemetry(port)
    _import_and_show(home)
    for finding in examine.examine_registration(home, os.getcwd(), installed):
        if finding.level == "problem":
            show_finding(finding, err=True)


@click.command()
@click.option("--purge", "with_ledger", is_flag=True, help="Remove the ledger and its settings as well")
@click.option("--yes", is_flag=True, help="Ask nothing")
def uninstall(*, with_ledger: bool, yes: bool) -> None:
    """Remove usage-dashboard from Claude Code's settings; the ledger stays unless --purge.

    \b
    Examples:
      usage-dashboard uninstall
      usage-dashboard uninstall --purge --yes
    """
    home = paths.ledger_home()
    if with_ledger and not yes:
        _confirm_purge(home)
    changes = registration.plan_removal(registration.settings_files(home, os.getcwd()))
    for change in changes:
        settings_file.apply_change(change)
        click.echo(f"Hooks and status line are removed from `{change.path}`")
    health.stop_receiver(home)
    state_file.remove_state(home)
    if not changes:
        click.echo("Nothing is registered")
    if with_ledger:
        purge.remove_ledger(home)
        click.echo(f"The ledger in `{home}` is removed")
        return
    setup_record.remove_record(home)
    if os.path.exists(paths.ledger_file(home)):
        click.echo(f"The ledger in `{home}` stays; `usage-dashboard uninstall --purge` removes it")


def _import_and_show(home: str) -> None:
    from usage_dashboard.cli import fast_path  # noqa: PLC0415 - a dry run does without
    from usage_dashboard.cli.reader import CommandReader  # noqa: PLC0415

    fast_path.import_transcripts(home)
    click.echo()
    if os.path.exists(paths.ledger_file(home)):
        reader = CommandReader(home)
        fast_path.show_window(reader, reader.window_named("week"), as_json=False)
    else:
        click.echo(
            "No data recorded this week: Claude Code has left no transcripts yet, its next session is counted"
        )


def _make_folder(home: str) -> None:
    try:
        os.makedirs(home, mode=0o700, exist_ok=True)
    except OSError as error:
        hint = "USAGE_DASHBOARD_HOME=<folder> usage-dashboard setup"
        raise LedgerError(f"The ledger's folder `{home}` cannot be made", hint=hint) from error


def _plan_registration(
    home: str, vocabulary: Vocabulary, scope: str | None, port: int | None, *, status: bool
) -> Registration:
    if scope == "project":
        return registration.plan_for_project(home, vocabulary, os.getcwd(), status=status)
    registered = registration.plan_for_user if scope == "user" else registration.plan_update
    return registered(home, vocabulary, port, status=status)


def _telemetry_port(home: str, scope: str | None, port: int | None, *, wanted: bool | None) -> int | None:
    """The port to send telemetry to; 0 switches it off, None changes nothing."""
    if wanted is None and port is None:
        return None
    if wanted is False:
        if port is not None:
            raise click.UsageError("--port does not go with --no-telemetry")
        return 0
    telemetry_settings.refuse_project(scope, setup_record.recorded_projects(home))
    return telemetry_settings.chosen_port(
        home, port, telemetry_settings.TelemetryFiles.of_this_machine(), os.environ
    )


def _report_telemetry(port: int) -> None:
    if port == 0:
        click.echo("Claude Code's telemetry is switched off again")
        return
    click.echo(f"Claude Code's telemetry is received on 127.0.0.1:{port} from the next session on")
    if os.name == "nt":
        click.echo("Sessions do not start the receiver on Windows", err=True)
        click.echo("hint: usage-dashboard telemetry serve", err=True)


def _show_diffs(changes: Iterable[FileChange]) -> None:
    for change in changes:
        before = (change.before or "").splitlines(keepends=True)
        after = (change.after or "").splitlines(keepends=True)
        old, new = (os.devnull if text is None else change.path for text in (change.before, change.after))
        for text in difflib.unified_diff(before, after, old, new):
            click.echo(text if text.endswith("\n") else f"{text}\n\\ No newline at end of file\n", nl=False)


def _name_replaced(planned: Registration) -> None:
    """Name another installation before its entries are replaced: it need not be an older one of this one."""
    for path, folder in registration.list_replaced(planned.changes):
        click.echo(f"The hooks of another installation, `{folder}`, are replaced in `{path}`", err=True)
        if not os.path.isdir(folder):
            click.echo(
                "It is not on this machine, so it may run in a container that shares the file", err=True
            )


def _confirm_changes(changes: Iterable[FileChange]) -> None:
    for change in changes:
        click.echo(
            f"Hooks and status line of usage-dashboard change in `{change.path}`, nothing else", err=True
        )
    click.confirm("Continue?", default=True, abort=True, err=True)


def _confirm_purge(home: str) -> None:
    if not sys.stdin.isatty():
        hint = "usage-dashboard uninstall --purge --yes"
        raise UsageDashboardError(f"Removing the ledger in `{home}` has to be confirmed", hint=hint)
    click.confirm(f"Remove the ledger in `{home}` with everything recorded?", abort=True, err=True)


def _report_registration(home: str, planned: Registration) -> None:
    changed = [change.path for change in planned.changes]
    for path in planned.paths:
        state = "registered" if path in changed else "already registered"
        if planned.plugin is None:
            click.echo(f"The hooks are {state} in `{path}`")
        else:
            click.echo(f"The plugin `{planned.plugin}` registers the hooks already")
        _report_statusline(path)
    if planned.projects:
        click.echo("No other project is recorded")
        click.echo("That file names this machine's interpreter; Claude Code keeps it out of git")
    for change in planned.changes:
        if change.path not in planned.paths:
            state = "removed from" if change.copy == "dropped" else "up to date in"
            click.echo(f"The hooks are {state} `{change.path}`")
        if change.copy == "made" and change.before is not None:
            click.echo(f"What it held before is kept in `{settings_file.backup_path(change.path)}`")
    _warn_of_trouble(home)


def _report_restraint(installed: list[Client], planned: Registration) -> None:
    """Say what is not registered because of a client, and what is not noticed at once for that."""
    if planned.plugin is not None:
        return
    for sentence in client_fit.describe_restraint(installed):
        click.echo(sentence)
    if any(client.version is None for client in installed) or all(client.seen for client in installed):
        click.echo(f"hint: {client_fit.NAMING_A_CLIENT} && usage-dashboard setup", err=True)


def _report_statusline(path: str) -> None:
    value = settings_file.read_settings(path).value
    registered = statusline_entry.registered_statusline(value)
    if registered is not None:
        yours = "" if registered.hook.chain is None else ", and runs yours too"
        click.echo(f"The status line is registered in `{path}`{yours}")
    elif statusline_entry.NAME in value:
        click.echo(f"The status line in `{path}` is left as it is")


def _warn_of_trouble(home: str) -> None:
    """Warn of what will break these hooks later."""
    if command_line.is_temporary(command_line.script_path("counter.py")):
        click.echo("This installation is a temporary one, and the hooks end with it", err=True)
        click.echo("hint: uv tool install usage-dashboard && usage-dashboard setup", err=True)
    if os.name == "nt" and os.environ.get("USAGE_DASHBOARD_HOME"):
        click.echo("Hooks on Windows find a moved ledger by a variable only", err=True)
        click.echo(f'hint: setx USAGE_DASHBOARD_HOME "{home}"', err=True)
