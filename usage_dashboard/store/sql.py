"""Pieces of SQL that several queries share: conditions that use the indexes of ids, and scripts."""

from __future__ import annotations

ID_BITS = 0x7FFFFF
"""The 23 bits of a response's id that the indexes of tool calls have: 3 bytes instead of 8.

Few rows share them: one in eight million.
"""


def matches_response(column: str, response: str) -> str:
    """The condition that `column` of a tool call is the id `response`, written so that its index is used."""
    return f"{column} & {ID_BITS} = {response} & {ID_BITS} AND {column} = {response}"


def matches_any_response(column: str, number: int) -> str:
    """The condition that `column` of a tool call is one of `number` ids, the statement's parameters."""
    marks = [f"?{i}" for i in range(1, number + 1)]
    if number == 1:
        marks *= 2  # SQLite turns a list of one into `=`, substitutes the column, and then uses no index
    parts = ", ".join(f"{mark} & {ID_BITS}" for mark in marks)
    return f"{column} & {ID_BITS} IN ({parts}) AND {column} IN ({', '.join(marks)})"


def split_script(script: str) -> list[str]:
    """Split `script` into single statements; none may have a semicolon inside.

    `executescript` would commit the transaction that the step is part of.
    """
    return [part.strip() for part in script.split(";") if part.strip()]
