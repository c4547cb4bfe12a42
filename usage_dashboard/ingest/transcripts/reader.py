"""Parsing transcripts piece by piece into events, in the order of the file."""

from __future__ import annotations

from usage_dashboard.ingest.transcripts import session_events
from usage_dashboard.ingest.transcripts.responses import Origin, responses, tool_results
from usage_dashboard.model.ids import bytes_hash
from usage_dashboard.runtime.json_fields import InvalidField, object_field, text_field
from usage_dashboard.runtime.json_light import parse_json
from usage_dashboard.runtime.os_light import calls, is_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from io import FileIO

    from usage_dashboard.ingest.transcripts.printed import PrintedRecords
    from usage_dashboard.model.events import Event

PIECE_BYTES = 8 * 1024 * 1024
"""How much is read at once; a line longer than this is passed over, whatever it holds."""

TAIL_BYTES = 64
"""How many bytes before a position prove that the file is still the one that was read."""

MARKS = (
    b'"tool_result"', b'"api-request"', b'"api_error"', b'"turnCompanion"', b'"compact_boundary"',
    b'"cost-state"', b'"session_id"',
)  # fmt: skip


class TranscriptParser:
    """What a stretch of a transcript says: responses and tool results as events, in file order.

    `session` is the one that the lines are of, empty where none says; `parent` the one that its first
    lines were copied from, if it is a fork. `places` has the folder and the channel of each session
    met. `ended` is whether the conversation is at a finished reply (True), at an open turn
    (False), or was not touched (None). `origin.dated_us` is the time of the last line that has one.
    """

    def __init__(self, origin: Origin, parse: Callable[[str], object] = parse_json) -> None:
        self.origin = origin
        self.events: list[Event] = []
        self.places: dict[str, tuple[str, str]] = {}
        self.session = self.parent = ""
        self.ended: bool | None = None
        self.damaged = 0
        self._parse = parse
        self._printed: PrintedRecords | None = None

    def feed(self, data: bytes) -> None:
        """Parse whole lines. A line that is damaged is counted and costs nothing but itself."""
        lines = data.split(b"\n")
        self.origin.enter(lines)
        for place, line in enumerate(lines):
            self.look(line, place)
        self.origin.place = len(lines)
        self.origin.before()

    def look(self, line: bytes, place: int) -> None:
        """Parse the line at `place`, if it is of any use."""
        self.origin.place = place
        # Nearly all bytes of a transcript are of no use here: look before decoding.
        if (b'"usage"' in line and b'"assistant"' in line) or any(mark in line for mark in MARKS):
            self._take(line)
        elif b'"role":"user"' in line:
            self.ended = False

    def note_place(self, own: str, billed: str, place: tuple[str, str]) -> None:
        """Note where the session of a response's line runs, and that it is a fork if another was billed."""
        if billed != own:
            self.parent = billed
        for session in (billed, own):
            cwd, entrypoint = self.places.get(session, ("", ""))
            self.places[session] = (cwd or place[0], entrypoint or place[1])

    def note_stop(self, reason: object) -> None:
        """Note why a response stopped: any reason but a tool call ends the turn."""
        self.ended = reason is not None and reason != "tool_use"

    def _take(self, raw: bytes) -> None:
        text = raw.decode("utf-8", "replace")
        try:
            line = self._parse(text)
        except ValueError:
            self._take_pieces(text)
            return
        if isinstance(line, dict):
            self._take_record(line, raw)

    def _take_pieces(self, text: str) -> None:
        """Take in the whole records of a line that is not a single one."""
        from usage_dashboard.ingest.transcripts.records import LineRecords  # noqa: PLC0415 - seldom, and a hook counts modules

        records = LineRecords(text)
        for record, own_text in records:
            self._take_record(record, own_text.encode("utf-8", "replace"))
        self.damaged += records.lost

    def _take_record(self, line: dict[str, object], raw: bytes) -> None:
        try:
            self._take_line(line, raw)
        except (ValueError, InvalidField):
            self.damaged += 1

    def _take_line(self, line: dict[str, object], raw: bytes) -> None:
        if "session_id" in line and "sessionId" not in line:
            self._take_printed(line, raw)
        self.session = text_field(line, "sessionId") or self.session
        kind = line.get("type")
        if kind == "assistant":
            self._take_responses(line)
            self._add(session_events.limit_hit(line, self.origin))
        elif kind == "user":
            self.events += tool_results(line, self.origin)
            self.ended = False
        elif kind == "cost-state":
            self.events.append(session_events.cost_state(line, raw, self.origin))
        elif kind == "api-request":
            self._add(session_events.asked(line, self.origin))
        elif kind == "system":
            self._add(session_events.compaction(line, self.origin))
        self._add(session_events.verdict(line, self.origin))

    def _take_printed(self, line: dict[str, object], raw: bytes) -> None:
        if self._printed is None:
            from usage_dashboard.ingest.transcripts.printed import PrintedRecords  # noqa: PLC0415 - never in a transcript

            self._printed = PrintedRecords(self.origin, self.events, self.note_place)
        self._printed.rename_fields(line)
        if line.get("type") == "result":
            self._printed.read_result(line, raw)

    def _add(self, event: Event | None) -> None:
        if event is not None:
            self.events.append(event)

    def _take_responses(self, line: dict[str, object]) -> None:
        own = text_field(line, "sessionId") or self.origin.session
        for seen in responses(line, self.origin):
            self.events.append(seen)
            self.note_place(own, seen.session, (text_field(line, "cwd"), text_field(line, "entrypoint")))
        self.note_stop(object_field(line, "message").get("stop_reason"))


class FileChunk:
    """What one look at a file gave: whole lines, and where and how to go on from there."""

    __slots__ = ("again", "changed_ns", "data", "identity", "position", "size", "tail")

    def __init__(self, status: os.stat_result) -> None:
        self.data = self.again = b""
        self.position = self.tail = 0
        self.size = status.st_size
        self.changed_ns = status.st_mtime_ns
        self.identity = status.st_ino & 0x7FFFFFFFFFFFFFFF


def read_new(path: str, position: int, tail: int, identity: int, closed_ns: int = 0) -> FileChunk:
    """The whole lines of the file `path` after `position`, at most `PIECE_BYTES` of them.

    `tail` is a hash of the last bytes before `position` and `identity` is the file's, as the last
    reading gave them: where either differs, or the file shrank, it was rewritten, and reading starts
    over (what is read twice changes nothing). A last line without a newline waits for the next time,
    unless the file was not changed since `closed_ns`: then it is read as it is and, should it go on after
    all, once more from its beginning; `again` has what of it was read before.

    Raises:
        OSError: the file is gone or cannot be read, or it is no file: a device may have no end.
    """
    if not is_file(path):
        raise FileNotFoundError(path)
    with open(path, "rb", buffering=0) as file:
        found = FileChunk(calls.fstat(file.fileno()))
        if position:
            is_same = identity == found.identity and tail == _tail(file, position)
            position = _begin(file, found, position) if is_same else 0
        # No more than there is: room for a whole piece would be cleared by the system for each file.
        data = _piece(file, position, min(PIECE_BYTES, max(1, found.size - position)))
        end = data.rfind(b"\n") + 1
        if found.changed_ns < closed_ns and position + len(data) == found.size:
            end = len(data)
        if end == 0 and len(data) == PIECE_BYTES:
            position = _after_long_line(file, position)
        found.data = data[:end]
        found.position = position + end
        found.tail = _tail(file, found.position)
        return found


def _begin(file: FileIO, found: FileChunk, position: int) -> int:
    """Where to go on from `position`: where its line begins, if that has grown since it was read."""
    if position < found.size and _piece(file, position - 1, 1) != b"\n":
        begin = _line_start(file, position)
        found.again = _piece(file, begin, position - begin)
        return begin
    return position


def _line_start(file: FileIO, position: int) -> int:
    """Where the line that `position` lies in begins."""
    end = position
    while end:
        begin = max(0, end - TAIL_BYTES * 1024)
        newline = _piece(file, begin, end - begin).rfind(b"\n")
        if newline >= 0:
            return begin + newline + 1
        end = begin
    return 0


def _tail(file: FileIO, position: int) -> int:
    """A number for the bytes before `position`; another one where the file ends before it."""
    start = max(0, position - TAIL_BYTES)
    found = _piece(file, start, position - start)
    return bytes_hash(found) if len(found) == position - start else -1


def _piece(file: FileIO, start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length) or b""


def _after_long_line(file: FileIO, position: int) -> int:
    """The position after a line that is longer than a piece, or `position` while it has no end."""
    ahead = position
    while data := _piece(file, ahead, PIECE_BYTES):
        end = data.find(b"\n")
        if end >= 0:
            return ahead + end + 1
        ahead += len(data)
    return position
