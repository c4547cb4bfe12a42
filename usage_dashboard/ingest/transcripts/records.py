"""The whole records in a line that is not a single one: glued together, spliced, or after a run of NUL bytes.

Processes that die, and several that write at once, leave such lines: a record that was cut and another
right behind it, two without a newline between them, blocks of zeros that a crash left in the file.
"""

from __future__ import annotations

from usage_dashboard.runtime.json_light import scan_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Record = dict[str, object]

FILL = "\0\ufeff \t\r\n"
"""What may lie around a record without anything being lost: zeros, byte order marks, white space."""

OWN_FIELDS = ("uuid", "sessionId", "session_id", "timestamp")
"""Every record has one of these; the objects inside a record, such as its message, have not."""

MOST_KEY = 64
MOST_FAILURES = 64
MOST_WORK = 64 * 1024 * 1024
"""Characters that may be looked at in vain: a line that is no JSON at all must not hold up a hook."""


class LineRecords:
    """The whole records of a damaged `line`, in order; `lost` is whether it holds anything else."""

    def __init__(self, line: str) -> None:
        self.lost = False
        self._line = line
        self._failures = max(MOST_FAILURES, MOST_WORK // (len(line) + 1))

    def __iter__(self) -> Iterator[tuple[Record, str]]:
        """Each record with its own text."""
        line, read_to = self._line, 0
        for begin, end, value in self._objects():
            is_first = not line[read_to:begin].strip(FILL)
            if is_first or (_is_record(value) and not _is_inside(line, end)):
                self.lost = self.lost or not is_first
                read_to = end
                yield value, line[begin:end]
        self.lost = self.lost or bool(line[read_to:].strip(FILL))

    def _objects(self) -> Iterator[tuple[int, int, Record]]:
        """(begin, end, value) of every object that is whole and not inside another whole one."""
        line = self._line
        begin = line.find('{"')
        while begin >= 0 and self._failures:
            end = begin + 1
            if _opens_object(line, begin):
                try:
                    value, end = scan_json(line, begin)
                except ValueError:
                    self._failures -= 1
                else:
                    if isinstance(value, dict):
                        yield begin, end, value
            begin = line.find('{"', end)


def _opens_object(line: str, begin: int) -> bool:
    """Whether a key follows the `{"` at `begin`.

    Inside a string a quotation mark is escaped, so that the one after `{` begins a key or ends a string;
    what follows the end of a string is no name.
    """
    end = line.find('"', begin + 2, begin + 2 + MOST_KEY)
    if end < 0 or not line[begin + 2 : end].isidentifier():
        return False
    return line[end + 1 : end + 9].lstrip().startswith(":")


def _is_record(value: Record) -> bool:
    return isinstance(value.get("type"), str) and any(name in value for name in OWN_FIELDS)


def _is_inside(line: str, end: int) -> bool:
    """Whether the object that ends at `end` is part of one that was cut: then that one goes on."""
    return line[end : end + 9].lstrip()[:1] in (",", "]", "}")
