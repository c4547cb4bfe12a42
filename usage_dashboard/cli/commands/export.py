"""`export`: write calls, sessions or days for spreadsheets and programs."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.options import filter_option, usage_command
from usage_dashboard.cli.pages import view_columns
from usage_dashboard.cli.terminal.pipe import utf8_stdout
from usage_dashboard.reports import export_rows
from usage_dashboard.reports.file_formats import WRITERS, replacing_file
from usage_dashboard.reports.filters import Filters
from usage_dashboard.reports.wording import numbers
from usage_dashboard.store.meta import rows_since_us
from usage_dashboard.store.read.views import column_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.model.windows import Window
    from usage_dashboard.reports.export_rows import Record
    from usage_dashboard.reports.filters import Wanted

WHAT = ("calls", "sessions", "days")
PIPE = "-"

HELP = """
Write calls, sessions or days to a file or a pipe.

A call is a billed response; sessions and days have what they used in the window. Times are UTC, days are
those of your time zone, dollars are estimates. What is unknown is empty in CSV and null in JSON.

\b
Examples:
  usage-dashboard export --output calls.csv
  usage-dashboard export --what days --window month
  usage-dashboard export --what sessions --since 2026-11-01 --format json
  usage-dashboard export --format jsonl --filter project=shop

"""


@click.command(help=inspect.cleandoc(HELP) + "\n\n" + view_columns.columns_help(WHAT))
@click.option("--what", metavar="ROWS", type=click.Choice(WHAT), default="calls",
              help="One of calls, sessions, days  [default: calls]")  # fmt: skip
@click.option("--format", "named", metavar="FORMAT", type=click.Choice(tuple(WRITERS)),
              help="One of csv, json, jsonl  [default: by the file's name, else csv]")  # fmt: skip
@click.option("--output", metavar="FILE", default=PIPE, help="Write to this file, which is replaced")
@usage_command("all")
@filter_option
@view_columns.columns_option(WHAT)
def export(  # noqa: PLR0913 - an argument for each option
    reader: CommandReader,
    window: Window,
    wanted: Wanted,
    what: str,
    named: str | None,
    output: str,
    *,
    as_json: bool,
) -> None:
    """Write calls, sessions or days to a file or a pipe."""
    if what == "calls" and "tool" in wanted:
        raise click.UsageError("--filter tool goes with --what sessions and --what days")
    write = WRITERS[_pick_format(named, output, as_json=as_json)]
    with reader.open_views() as db:
        with utf8_stdout() if output == PIPE else replacing_file(output) as file:
            count = write(file, column_names(what), _read_rows(reader, db, window, wanted, what))
        if what == "calls" and db is not None:
            _report_dropped(reader, db, window)
    if output != PIPE:
        click.echo(f"{numbers.format_count(count, what[:-1])} written to `{output}`", err=True)


def _pick_format(named: str | None, output: str, *, as_json: bool) -> str:
    """The requested format, or the one that the file name implies."""
    if as_json:
        if named not in (None, "json"):
            raise click.UsageError(f"--json does not go with --format {named}")
        return "json"
    ending = output.rpartition(".")[2].lower()
    return named or (ending if ending in WRITERS else "csv")


def _read_rows(
    reader: CommandReader, db: Connection | None, window: Window, wanted: Wanted, what: str
) -> Iterator[Record]:
    if db is None:
        return iter(())
    if what == "calls":
        return export_rows.call_rows(db, window, Filters(wanted, reader.zone.day))
    usage = reader.read_usage(window, wanted)
    return export_rows.session_rows(db, usage) if what == "sessions" else export_rows.day_rows(usage)


def _report_dropped(reader: CommandReader, db: Connection, window: Window) -> None:
    """Say since when single calls are kept, if the window begins earlier."""
    since_us = rows_since_us(db)
    if window.since_us < since_us:
        day = numbers.format_date(since_us, reader.zone)
        click.echo(f"Single calls are kept since {day}; those before are in `--what days`", err=True)
