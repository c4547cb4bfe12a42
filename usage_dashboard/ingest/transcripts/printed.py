"""Records as `claude -p --output-format stream-json` prints them, and as Cowork keeps them in `audit.jsonl`.

They are a transcript's records under other names. Replies are printed while they stream, so the output of
each is a placeholder; the `result` at the end has the totals of the process.
"""

from __future__ import annotations

from usage_dashboard.ingest.transcripts.session_events import MOST_DOLLARS, read_models
from usage_dashboard.model.events import CostState, Response
from usage_dashboard.model.ids import id_hash
from usage_dashboard.model.rows import FINAL
from usage_dashboard.runtime.json_fields import object_field, read_count, read_number, text_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_dashboard.ingest.transcripts.responses import Origin
    from usage_dashboard.model.events import Event

    Record = dict[str, object]
    NotePlace = Callable[[str, str, tuple[str, str]], None]

WITHOUT_REPLY = "<synthetic>"


class PrintedRecords:
    """Reads the printed records of a file from `origin` on, of which `events` has what others report."""

    def __init__(self, origin: Origin, events: list[Event], note_place: NotePlace) -> None:
        self._origin = origin
        self._events = events
        self._note_place = note_place
        self._model = ""

    def rename_fields(self, line: Record) -> None:
        """Give a printed record the fields of a transcript's, and note what only printed ones say."""
        session = line["sessionId"] = text_field(line, "session_id")
        if "timestamp" not in line:
            line["timestamp"] = line.get("_audit_timestamp")
        if line.get("parent_tool_use_id"):
            line["isSidechain"] = True
        named = text_field(line, "model") or text_field(object_field(line, "message"), "model")
        if named and named != WITHOUT_REPLY:
            self._model = named
        if line.get("subtype") == "init":
            self._note_place(session, session, (text_field(line, "cwd"), ""))

    def read_result(self, line: Record, raw: bytes) -> None:
        """Add the totals of a `result` to the events; `raw` are its bytes.

        Raises:
            InvalidField: a count is no count.
        """
        models = read_models(line.get("modelUsage") or {}) or self._read_usage(line)
        if not any(any(counts) for counts in models.values()):
            return
        session = text_field(line, "sessionId")
        totals = CostState(id_hash(raw.decode("utf-8", "replace")), session, self._origin.time_of(line))
        totals.models = models
        for event in self._events:
            # They ended, whatever their last line that was printed says.
            if isinstance(event, Response) and event.session == session:
                event.final |= FINAL
        self._events.append(totals)

    def _read_usage(self, line: Record) -> dict[str, tuple[int, ...]]:
        """The counts of a result by its only model: older clients do not break them down."""
        usage = object_field(line, "usage")
        split = object_field(usage, "cache_creation")
        hour = read_count(split, "ephemeral_1h_input_tokens")
        written = hour + read_count(split, "ephemeral_5m_input_tokens")
        counts = (
            read_count(usage, "input_tokens"),
            read_count(usage, "output_tokens"),
            max(read_count(usage, "cache_creation_input_tokens"), written),
            hour,
            read_count(usage, "cache_read_input_tokens"),
            0,
            read_count(object_field(usage, "server_tool_use"), "web_search_requests"),
            round((read_number(line.get("total_cost_usd"), MOST_DOLLARS) or 0) * 1e9),
        )
        return {self._model: counts} if self._model else {}
