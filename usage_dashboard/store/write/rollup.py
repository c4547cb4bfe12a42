"""The quarter-hour totals: what a change of rows adds to them and takes from them.

Totals move by the difference between a row before and after, in the transaction that writes the row,
so they equal the sum of the rows at every commit, and stay when the rows are dropped by age.
"""

from __future__ import annotations

from usage_dashboard.model.events import BUCKET_US

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from sqlite3 import Connection

    from usage_dashboard.store.write.rows import ResponseRow, ToolRow

KEY = ("bucket", "session", "kind", "agent", "class")
SUMS = (
    "calls", "incomplete", "unpriced", "input", "output", "cache_creation", "cache_1h", "cache_read",
    "thinking", "searches", "cost", "cost_prompt", "cost_read", "savings",
)  # fmt: skip
TOOL_KEY = (*KEY, "tool", "server")
TOOL_SUMS = ("calls", "failed", "output", "input", "cache_creation", "cache_1h", "cost_output", "cost_prompt")


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


class Change:
    """What is to be added to the totals; negative where a row shrank or moved."""

    def __init__(self) -> None:
        self._totals: dict[tuple[int, ...], list[int]] = {}
        self._tools: dict[tuple[int, ...], list[int]] = {}

    def total(self, place: tuple[int, ...], sums: tuple[int, ...], sign: int = 1) -> None:
        """Add the total (`KEY`, `SUMS`) that has no rows, or take it away with `sign` -1."""
        _add(self._totals, place, sums, sign)

    def tool_total(self, place: tuple[int, ...], sums: tuple[int, ...], sign: int = 1) -> None:
        """As `total`, of the shares of a tool (`TOOL_KEY`, `TOOL_SUMS`)."""
        _add(self._tools, place, sums, sign)

    def response(self, row: ResponseRow) -> None:
        """Take account of `row` in the place of what it was before."""
        if row.before is not None:
            _add(self._totals, _place(row.before), _sums(row.before), -1)
        if not row.gone:
            _add(self._totals, _place(row), _sums(row), 1)

    def tool(self, row: ToolRow, responses: Mapping[int, ResponseRow]) -> None:
        """Take account of `row`; `responses` has the rows that it hangs off, before and after."""
        if row.before is not None:
            self._tool_parts(row.before, responses, -1)
        self._tool_parts(row, responses, 1)

    def _tool_parts(self, row: ToolRow, responses: Mapping[int, ResponseRow], sign: int) -> None:
        """A call's output counts where it was written, what its result cost where that was carried."""
        written = _state(responses, row.response, sign)
        if written is not None:
            failed = 1 if row.failed else 0
            place = (*_place(written), row.tool, row.server)
            _add(self._tools, place, (1, failed, row.output, 0, 0, 0, row.cost_output, 0), sign)
        carried = _state(responses, row.carrier, sign)
        if carried is not None:
            place = (*_place(carried), row.tool, row.server)
            sums = (0, 0, 0, row.input, row.cache_creation, row.cache_1h, 0, row.cost_prompt)
            _add(self._tools, place, sums, sign)

    def write(self, db: Connection) -> None:
        """Add everything to the ledger's totals."""
        _write(db, "rollup", (KEY, SUMS), self._totals)
        _write(db, "tool_rollup", (TOOL_KEY, TOOL_SUMS), self._tools)


def _place(row: ResponseRow) -> tuple[int, ...]:
    return (row.at_us // BUCKET_US, row.session, row.kind, row.agent, row.class_id)


def _sums(row: ResponseRow) -> tuple[int, ...]:
    unpriced = row.calls if row.cost is None else 0
    return (
        row.calls, row.incomplete, unpriced, row.input, row.output, row.cache_creation, row.cache_1h,
        row.cache_read, row.thinking or 0, row.searches, row.cost or 0, row.cost_prompt or 0,
        row.cost_read or 0, row.savings or 0,
    )  # fmt: skip


def _state(responses: Mapping[int, ResponseRow], response: int | None, sign: int) -> ResponseRow | None:
    """The response as it was (`sign` -1) or is; None where it is unknown, or was not there before."""
    row = None if response is None else responses.get(response)
    return row.before if row is not None and sign < 0 else row


def _add(
    totals: dict[tuple[int, ...], list[int]], place: tuple[int, ...], sums: tuple[int, ...], sign: int
) -> None:
    held = totals.get(place)
    if held is None:
        held = totals[place] = [0] * len(sums)
    for i, amount in enumerate(sums):
        held[i] += sign * amount


def _write(
    db: Connection,
    table: str,
    columns: tuple[tuple[str, ...], tuple[str, ...]],
    totals: dict[tuple[int, ...], list[int]],
) -> None:
    changed = [(*place, *sums) for place, sums in totals.items() if any(sums)]
    if not changed:
        return
    _add_rows(db, table, columns, changed)
    place, sums = columns
    shrunk = [row[: len(place)] for row in changed if row[len(place)] <= 0 and min(row[len(place) :]) < 0]
    if shrunk:
        key = " AND ".join(f"{name} = ?" for name in place)
        empty = " AND ".join(f"{name} = 0" for name in sums)
        db.executemany(f"DELETE FROM {table} WHERE {key} AND {empty}", shrunk)  # noqa: S608 - our own names


def add(db: Connection, totals: list[tuple[int, ...]], tool_totals: list[tuple[int, ...]]) -> None:
    """Add totals of new rows, each its place followed by its sums."""
    for table, columns, rows in (
        ("rollup", (KEY, SUMS), totals),
        ("tool_rollup", (TOOL_KEY, TOOL_SUMS), tool_totals),
    ):
        size = len(columns[0])
        _add_rows(db, table, columns, sorted(row for row in rows if any(row[size:])))


def _add_rows(
    db: Connection,
    table: str,
    columns: tuple[tuple[str, ...], tuple[str, ...]],
    rows: list[tuple[int, ...]],
) -> None:
    place, sums = columns
    marks = ",".join("?" * (len(place) + len(sums)))
    more = ", ".join(f"{name} = {name} + excluded.{name}" for name in sums)
    statement = (
        f"INSERT INTO {table} ({', '.join(place + sums)}) VALUES ({marks})"  # noqa: S608 - our own names
        f" ON CONFLICT ({', '.join(place)}) DO UPDATE SET {more}"
    )
    db.executemany(statement, rows)
