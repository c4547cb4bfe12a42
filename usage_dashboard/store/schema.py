"""Which format a ledger has, and bringing an older one up to this release's."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

VERSION = 1006
"""The format of this release: 1000 and the number of steps after the first (`store/steps.py`)."""

PART = 0x7FFFFF
"""What the indexes of tool calls have of a response's key: 23 bits, which take 3 bytes of a ledger, not 8.

Few enough rows share them: one in eight million.
"""


def version(db: Connection) -> int:
    """The number of the ledger's format, 0 for an empty file."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def complete(db: Connection) -> None:
    """Apply the steps that the ledger lacks; the caller holds the write lock.

    The number is read again here: between a first look and the lock another process may have done it.
    """
    from usage_dashboard.store.steps import STEPS  # noqa: PLC0415 - a hook finds the ledger complete

    done = version(db)
    missing = STEPS[max(0, done - 999) if done else 0 :]
    if not done:
        from usage_dashboard.store.indexes import SMALL  # noqa: PLC0415 - as above

        missing += SMALL
    for step in missing:
        for statement in statements(step):
            db.execute(statement)
    if done < VERSION:
        db.execute(f"PRAGMA user_version = {VERSION}")


def tied(column: str, response: str) -> str:
    """The condition that the response in `column` of a tool call is `response`, found by its index."""
    return f"{column} & {PART} = {response} & {PART} AND {column} = {response}"


def tied_to_any(column: str, number: int) -> str:
    """As `tied`, to one of `number` responses whose keys are the statement's parameters."""
    marks = [f"?{i}" for i in range(1, number + 1)]
    if number == 1:
        marks *= 2  # of a list of one SQLite makes `=`, puts the key for the column, and finds no index
    parts = ", ".join(f"{mark} & {PART}" for mark in marks)
    return f"{column} & {PART} IN ({parts}) AND {column} IN ({', '.join(marks)})"


def statements(script: str) -> list[str]:
    """The single statements of `script`, which has no semicolon inside one.

    `executescript` would commit the transaction that the step has to be part of.
    """
    return [part.strip() for part in script.split(";") if part.strip()]
