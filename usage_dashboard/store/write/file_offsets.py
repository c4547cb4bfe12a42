"""How far each transcript was read, without keeping where it is."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection


class Position:
    """How far a file was read: `offset` bytes, and the marks that prove it is still the same file.

    `size` and `changed_ns` tell at a glance that nothing is new; `ended` whether the conversation
    stood at a finished reply; `dated_us` the time of the last line that has one, UTC microseconds.
    """

    __slots__ = ("changed_ns", "dated_us", "ended", "identity", "offset", "size", "tail")

    def __init__(self, offset: int = 0, size: int = -1, changed_ns: int = 0, identity: int = 0) -> None:
        self.offset = offset
        self.size = size
        self.changed_ns = changed_ns
        self.identity = identity
        self.tail = self.dated_us = 0
        self.ended = False

    def values(self) -> tuple[int, ...]:
        """The marks in the order of the table's columns."""
        return (
            self.offset, self.size, self.changed_ns, self.identity, self.tail, int(self.ended), self.dated_us,
        )  # fmt: skip


def read_position(db: Connection, file: int) -> Position:
    """How far a file, by its id, was read; the start where it never was."""
    row = db.execute(f"SELECT {_FIELDS} FROM position WHERE id = ?", (file,)).fetchone()  # noqa: S608 - ours
    return _position(row) if row else Position()


def read_sizes(db: Connection) -> Iterator[tuple[int, int, int]]:
    """(file id, size, time of change) of every file that was read to its end."""
    return db.execute("SELECT id, size, changed_ns FROM position WHERE offset = size")


def write_position(db: Connection, file: int, values: tuple[int, ...]) -> None:
    """Store how far a file, by its id, was read: the `values` of its position."""
    insert = f"INSERT OR REPLACE INTO position (id, {_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
    db.execute(insert, (file, *values))


def _position(row: tuple[int, ...]) -> Position:
    found = Position(*row[:4])
    found.tail, found.ended, found.dated_us = row[4], bool(row[5]), row[6]
    return found


_FIELDS = "offset, size, changed_ns, identity, tail, ended, dated_us"
