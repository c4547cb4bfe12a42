"""`forget`: remove a project, a session, a period or names from the ledger for good."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli import completions
from usage_dashboard.cli.reader import CommandReader
from usage_dashboard.ingest.forget import count_names, forget_names, forget_usage
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.reports.session_usage import find_session
from usage_dashboard.reports.window_query import parse_day
from usage_dashboard.reports.wording import numbers
from usage_dashboard.store.upkeep.forget import ForgetScope, Loss, measure_loss

if TYPE_CHECKING:
    from usage_dashboard.model.windows import Zone


@click.command()
@click.option(
    "--project",
    metavar="NAME",
    help="What was used in this project",
    shell_complete=completions.complete_projects,
)
@click.option("--session", "session_id", metavar="ID", help="What this session used, or the `last` one",
              shell_complete=completions.complete_sessions)  # fmt: skip
@click.option("--before", metavar="DATE", help="What was used before this day")
@click.option("--labels", is_flag=True, help="Names, as `privacy.labels` says by now; no call is removed")
@click.option("--yes", is_flag=True, help="Do not ask")
def forget(
    project: str | None, session_id: str | None, before: str | None, *, labels: bool, yes: bool
) -> None:
    """Remove a project, a session, a time, or names from the ledger for good.

    Several options mean what matches all of them. Calls, totals, names and ids go, and no later sweep or
    import brings them back; what a session uses from now on is recorded again. Limits and when they were
    reached stay. Claude Code's own transcripts are not touched.

    --labels hashes or drops the names of projects, models, agents, tools and the like that were recorded
    before `privacy.labels` was set; every total stays as it is.

    \b
    Examples:
      usage-dashboard forget --project shop
      usage-dashboard forget --session 0020248b
      usage-dashboard forget --before 2026-06-01
      usage-dashboard forget --project shop --before 2026-06-01 --yes
      usage-dashboard forget --labels
    """
    if labels:
        if project or session_id or before:
            raise click.UsageError("--labels does not go with --project, --session and --before")
        _forget_labels(CommandReader(), yes=yes)
        return
    if not (project or session_id or before):
        raise click.UsageError("--project, --session or --before has to say what is to be forgotten")
    reader = CommandReader()
    before_us = _parse_before(before, reader.zone) if before else None
    reader.sweep_with_progress()
    with reader.open_ledger() as db:
        if db is None:
            raise UsageDashboardError("No data recorded", hint="usage-dashboard setup")
        session = find_session(db, session_id).name if session_id else ""
        scope = ForgetScope(project or "", session, before_us)
        loss = measure_loss(db, scope)
    meant = _describe_scope(scope, reader.zone)
    if not loss.sessions:
        hint = "usage-dashboard report --window all --by project"
        raise UsageDashboardError(f"Nothing is recorded {meant}", hint=hint)
    if not yes:
        named = {"--project": project, "--session": session_id, "--before": before}
        _confirm_loss(
            meant, loss, [word for option, value in named.items() if value for word in (option, value)]
        )
    click.echo(f"Forgotten: {_format_loss(forget_usage(reader.home, scope))} {meant}")


def _forget_labels(reader: CommandReader, *, yes: bool) -> None:
    """Hash or drop the recorded names, and print how many there were."""
    privacy = reader.settings.privacy_labels
    if privacy == "keep":
        hint = "usage-dashboard config set privacy.labels hash"
        raise UsageDashboardError("`privacy.labels` is `keep`, so names stay as they are", hint=hint)
    reader.sweep_with_progress()
    count = count_names(reader.home, privacy)
    done = "hashed" if privacy == "hash" else "dropped"
    if not count:
        click.echo(f"No name is recorded that is not {done}")
        return
    names = numbers.format_count(count, "name")
    if not yes:
        if not sys.stdin.isatty():
            hint = "usage-dashboard forget --labels --yes"
            raise UsageDashboardError(f"Forgetting {names} has to be confirmed", hint=hint)
        click.confirm(f"Have {names} {done} for good?", abort=True, err=True)
    changed = forget_names(reader.home, privacy)
    click.echo(f"{done.capitalize()}: {numbers.format_count(changed, 'name')}")


def _parse_before(day: str, zone: Zone) -> int:
    """The start of a day by the clocks of `zone`, in UTC microseconds."""
    try:
        return parse_day(day, zone)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--before") from error


def _confirm_loss(meant: str, loss: Loss, words: list[str]) -> None:
    if not sys.stdin.isatty():
        hint = shlex.join(["usage-dashboard", "forget", *words, "--yes"])
        raise UsageDashboardError(f"Forgetting {_format_loss(loss)} {meant} has to be confirmed", hint=hint)
    click.confirm(f"Forget {_format_loss(loss)} {meant} for good?", abort=True, err=True)


def _format_loss(loss: Loss) -> str:
    calls, sessions = numbers.format_count(loss.calls, "call"), numbers.format_count(loss.sessions, "session")
    return f"{calls} ({numbers.format_tokens(loss.tokens)} tokens) in {sessions}"


def _describe_scope(scope: ForgetScope, zone: Zone) -> str:
    """The scope as the end of a sentence: `of project `shop` before 2026-06-01`."""
    parts = [
        f"of project `{scope.project}`" if scope.project else "",
        f"of session `{scope.session}`" if scope.session else "",
        f"before {zone.day(scope.before_us)}" if scope.before_us is not None else "",
    ]
    return " ".join(part for part in parts if part)
