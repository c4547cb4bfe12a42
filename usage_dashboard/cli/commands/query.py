"""`query`: run read-only SQL on the documented views."""

from __future__ import annotations

import inspect
import sqlite3
import time
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.options import usage_command
from usage_dashboard.cli.pages import view_columns
from usage_dashboard.cli.terminal import layout, output
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.cli.terminal.pipe import utf8_stdout
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.reports.file_formats import write_csv, write_json
from usage_dashboard.reports.wording import numbers
from usage_dashboard.store.read.sql_guard import VIEWS, restrict_to_views

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection, Cursor

    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.reports.file_formats import Cell

MOST_ROWS = 1000
MOST_SECONDS = 60
STEPS = 100_000
"""How many of SQLite's steps go by before the clock is looked at: some milliseconds."""

BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR)
HINT = "usage-dashboard query --columns"
MOST_DECIMALS = 4
UNBOUND = 10_000
"""A table of one's own making is as wide as it is."""

HELP = """
Ask the ledger with SQL of your own.

It only reads, and only the views below; a query that takes longer than a minute is ended. A table shows
the first 1,000 rows, --csv and --json have all of them.

\b
Examples:
  usage-dashboard query "SELECT model, SUM(output_tokens) FROM calls GROUP BY model"
  usage-dashboard query "SELECT * FROM days WHERE day >= '2026-11-01'"
  usage-dashboard query --csv "SELECT tool_name, SUM(cost_estimate) FROM usage GROUP BY 1"

"""


@click.command(help=inspect.cleandoc(HELP) + "\n\n" + view_columns.columns_help(VIEWS))
@click.argument("sql", metavar="SELECT")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV")
@usage_command()
@view_columns.columns_option(VIEWS)
def query(reader: CommandReader, sql: str, *, as_csv: bool, as_json: bool) -> None:
    """Ask the ledger with SQL of your own."""
    if as_csv and as_json:
        raise click.UsageError("--csv does not go with --json")
    with reader.open_views() as db:
        if db is None:
            raise UsageDashboardError("No data recorded", hint="usage-dashboard setup")
        restrict_to_views(db)
        with _limited_query(db):
            cursor = db.execute(sql)
            names = [str(column[0]) for column in cursor.description or ()]
            if not names:
                raise UsageDashboardError("The query is empty", hint=HINT)
            if as_csv or as_json:
                with utf8_stdout() as file:
                    (write_csv if as_csv else write_json)(file, names, cursor)
            else:
                output.print_page(_format_page(names, cursor))


@contextmanager
def _limited_query(db: Connection) -> Iterator[None]:
    """Stop a query that takes too long, and report the errors of SQLite."""
    until = time.monotonic() + MOST_SECONDS
    db.set_progress_handler(lambda: time.monotonic() > until, STEPS)
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning) as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code in BROKEN:
            raise
        if code == sqlite3.SQLITE_AUTH:
            message = f"A query can only read {', '.join(VIEWS[:-1])} and {VIEWS[-1]}"
        elif code == sqlite3.SQLITE_INTERRUPT:
            message = f"The query was ended after {MOST_SECONDS} seconds"
        else:
            message = f"The query cannot be run: {str(error).rstrip('.')}"
        raise UsageDashboardError(message, hint=HINT) from error


def _format_page(names: list[str], cursor: Cursor) -> list[StyledLine]:
    rows = list(islice(cursor, MOST_ROWS))
    if not rows:
        return [[("No rows", "title")]]
    columns, texts = [], []
    for name, *cells in zip(names, *rows, strict=True):
        columns.append(
            TableColumn(name, left=not all(isinstance(cell, int | float | None) for cell in cells))
        )
        decimals = max((_count_decimals(cell) for cell in cells if isinstance(cell, float)), default=0)
        texts.append([_format_value(cell, decimals) for cell in cells])
    lines = layout.lay_out_table(
        [TableColumn("", left=True), *columns[1:]],
        [(names[0], [TableRow(row) for row in zip(*texts, strict=True)])],
        UNBOUND,
    )
    if next(cursor, None) is not None:
        lines += [
            [],
            *layout.wrap_text(f"The first {MOST_ROWS:,} rows; --csv and --json have all", UNBOUND, "dim"),
        ]
    return lines


def _count_decimals(amount: float) -> int:
    """The number of decimals that an amount needs, at most four."""
    return len(f"{amount:.{MOST_DECIMALS}f}".rstrip("0").partition(".")[2])


def _format_value(cell: Cell, decimals: int) -> str:
    """Format a value on one line, amounts with the decimals of their column."""
    if cell is None:
        return numbers.UNKNOWN
    if isinstance(cell, float):
        tiny = 0 < abs(cell) < 10**-MOST_DECIMALS
        return f"{cell:.1g}" if tiny else f"{cell:.{decimals}f}"
    text = cell.hex() if isinstance(cell, bytes) else str(cell)
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
