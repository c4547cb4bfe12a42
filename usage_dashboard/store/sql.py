"""Pieces of SQL that several queries share: the indexes of keys, scripts in single statements."""

from __future__ import annotations

PART = 0x7FFFFF
"""What the indexes of tool calls have of a response's key: 23 bits, which take 3 bytes of a ledger, not 8.

Few enough rows share them: one in eight million.
"""


def matches_response(column: str, response: str) -> str:
    """The condition that the response in `column` of a tool call is `response`, found by its index."""
    return f"{column} & {PART} = {response} & {PART} AND {column} = {response}"


def matches_any_response(column: str, number: int) -> str:
    """As `tied`, to one of `number` responses whose keys are the statement's parameters."""
    marks = [f"?{i}" for i in range(1, number + 1)]
    if number == 1:
        marks *= 2  # of a list of one SQLite makes `=`, puts the key for the column, and finds no index
    parts = ", ".join(f"{mark} & {PART}" for mark in marks)
    return f"{column} & {PART} IN ({parts}) AND {column} IN ({', '.join(marks)})"


def split_script(script: str) -> list[str]:
    """The single statements of `script`, which has no semicolon inside one.

    `executescript` would commit the transaction that the step has to be part of.
    """
    return [part.strip() for part in script.split(";") if part.strip()]
