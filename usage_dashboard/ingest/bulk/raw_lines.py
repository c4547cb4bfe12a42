"""The lines of a piece as bytes, for the few that are looked at: splitting all of them would copy all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload


class RawLines(Sequence[bytes]):
    """The `count` lines of `data` that are not blank, found from the end on."""

    def __init__(self, data: bytes, count: int) -> None:
        self._count = count
        self._data = data
        self._end = len(data)
        self._found: list[bytes] = []

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, i: int) -> bytes: ...
    @overload
    def __getitem__(self, i: slice) -> list[bytes]: ...
    def __getitem__(self, i: int | slice) -> bytes | list[bytes]:
        """The line `i`, which costs as much as there are lines after it."""
        if isinstance(i, slice):
            return [self[at] for at in range(*i.indices(self._count))]
        from_end = self._count - 1 - i
        while len(self._found) <= from_end:
            begin = self._data.rfind(b"\n", 0, self._end) + 1
            line = self._data[begin : self._end]
            self._end = begin - 1
            if line.strip():
                self._found.append(line)
        return self._found[from_end]
