"""The quarter-hour totals in the ledger.

They move by the difference between a row before and after, in the transaction that writes the row,
so they equal the sum of the rows at every commit, and stay when the rows are dropped by age.
"""

from __future__ import annotations

from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.model.totals import ROLLUP_KEY, ROLLUP_SUMS, TOOL_ROLLUP_KEY, TOOL_ROLLUP_SUMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.model.totals import Totals, TotalsChange

    Columns = tuple[tuple[str, ...], tuple[str, ...]]
    """Those of a total's key, and those of its sums."""

TABLES = {"rollup": (ROLLUP_KEY, ROLLUP_SUMS), "tool_rollup": (TOOL_ROLLUP_KEY, TOOL_ROLLUP_SUMS)}


def in_quarter(row: str, total: str) -> str:
    """The condition that a response came in a total's quarter of an hour, by their names in the query."""
    # `+` takes the column's type off, with which SQLite would not look into the index on the quotient.
    return f"{row}.at_us / {BUCKET_US} = +{total}.bucket"


def of_total(row: str, total: str) -> str:
    """The condition that a response is one of those in a total, by their names in the query."""
    return (
        f"{row}.session = {total}.session AND {in_quarter(row, total)}"
        f" AND {row}.kind = {total}.kind AND {row}.agent = {total}.agent AND {row}.class = {total}.class"
    )


def write(db: Connection, change: TotalsChange) -> None:
    """Add `change` to the ledger's totals."""
    for (table, columns), changed in zip(
        TABLES.items(), (change.totals(), change.tool_totals()), strict=True
    ):
        if changed:
            _add(db, table, columns, changed)
            _delete_empty(db, table, columns, changed)


def add(db: Connection, totals: Totals, tool_totals: Totals) -> None:
    """Add totals of new rows."""
    for (table, columns), added in zip(TABLES.items(), (totals, tool_totals), strict=True):
        _add(db, table, columns, sorted(added))


def _add(db: Connection, table: str, columns: Columns, totals: Totals) -> None:
    key, sums = columns
    marks = ",".join("?" * (len(key) + len(sums)))
    more = ", ".join(f"{name} = {name} + excluded.{name}" for name in sums)
    statement = (
        f"INSERT INTO {table} ({', '.join(key + sums)}) VALUES ({marks})"  # noqa: S608 - our own names
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {more}"
    )
    db.executemany(statement, totals)


def _delete_empty(db: Connection, table: str, columns: Columns, changed: Totals) -> None:
    """Delete the totals that shrank to nothing."""
    key, sums = columns
    size = len(key)
    shrunk = [total[:size] for total in changed if total[size] <= 0 and min(total[size:]) < 0]
    if shrunk:
        named = " AND ".join(f"{name} = ?" for name in key)
        empty = " AND ".join(f"{name} = 0" for name in sums)
        db.executemany(f"DELETE FROM {table} WHERE {named} AND {empty}", shrunk)  # noqa: S608 - our own names
