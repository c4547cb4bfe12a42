"""What one transcript comes to, in a form that another process can be handed."""

from __future__ import annotations

from marshal import dumps, loads
from operator import attrgetter
from typing import TYPE_CHECKING

from usage_dashboard.model.events import Compaction, CostState, LimitHit
from usage_dashboard.model.rows import RESPONSE_FIELDS, TOOL_FIELDS
from usage_dashboard.model.totals import TotalsChange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.ingest.bulk.thread import Seldom
    from usage_dashboard.model.rows import ResponseRow, ToolRow, Values
    from usage_dashboard.model.token_counts import PriceClass
    from usage_dashboard.model.totals import Totals

    Packed = tuple[str, dict[str, object]]

_response_values = attrgetter(*RESPONSE_FIELDS)
_tool_values = attrgetter(*TOOL_FIELDS)

KINDS = {kind.__name__: kind for kind in (Compaction, CostState, LimitHit)}
_VERSION = 2
"""Of the format: later ones look for repeated objects, which takes twice as long."""


class ParsedFile:
    """Rows of one transcript; names are local numbers that the importer replaces.

    `position` is how far the file was read. `usual` is False if only the scanner can read it: then there is
    nothing else. `sessions` has (name, first seen, last seen) from 1 on, `own` the number of
    the file's own, `subagent` the key of its thread's and `starter` who started that. `labels` and `classes`
    are those that earlier files of the parser did not have. `open` are requests without an answer, `lost`
    those that get none any more, `answered` the ids of the others, and `asking` the numbers of the sessions
    that sent any; `seldom` are events (`packed`).
    """

    FIELDS = (
        "answered", "asking", "classes", "damaged", "labels", "lost", "open", "own", "parent", "places",
        "position", "responses", "seldom", "sessions", "starter", "subagent", "tool_totals", "tools",
        "totals", "usual",
    )  # fmt: skip
    __slots__ = FIELDS

    def __init__(self, position: tuple[int, ...]) -> None:
        self.position = position
        self.usual = False
        self.damaged = self.own = self.subagent = 0
        self.parent = ""
        self.places: dict[str, tuple[str, str]] = {}
        self.labels: list[tuple[str, str]] = []
        self.classes: list[PriceClass] = []
        self.sessions: list[tuple[str, int, int]] = []
        self.responses: list[Values] = []
        self.tools: list[Values] = []
        self.totals: Totals = []
        self.tool_totals: Totals = []
        self.open: list[tuple[int, ...]] = []
        self.lost: list[tuple[int, ...]] = []
        self.answered: list[int] = []
        self.asking: list[int] = []
        self.seldom: list[Packed] = []
        self.starter: tuple[int | None, int | None] | None = None

    def ids(self) -> set[int]:
        """The ids of all its rows, and of the requests without an answer."""
        return {values[0] for rows in (self.responses, self.tools, self.open, self.lost) for values in rows}

    def threads(self) -> set[tuple[str, int]]:
        """(session, subagent's key) of the transcript's thread, if any line names it."""
        return {(name, self.subagent) for name, _, _ in self.sessions[max(0, self.own - 1) : self.own]}

    def set_rows(self, responses: Sequence[ResponseRow], tools: Sequence[ToolRow]) -> None:
        """Set its rows, and what they add up to."""
        change, by_id = TotalsChange(), {row.id: row for row in responses}
        for row in responses:
            change.add_response(row)
        for tool in tools:
            change.add_tool(tool, by_id)
        self.responses = [_response_values(row) for row in responses]
        self.tools = [_tool_values(tool) for tool in tools]
        self.totals, self.tool_totals = change.totals(), change.tool_totals()

    def keep(self, responses: list[ResponseRow], tools: list[ToolRow]) -> None:
        """Keep only these of its rows."""
        self.set_rows(responses, tools)
        times: dict[int, list[int]] = {}
        for row in responses:
            times.setdefault(row.session, []).append(row.at_us)
        spans = [times.get(number, [0]) for number in range(1, len(self.sessions) + 1)]
        self.sessions = [
            (name, min(seen), max(seen)) for (name, _, _), seen in zip(self.sessions, spans, strict=True)
        ]

    def packed(self) -> bytes:
        """The parsed file as bytes, for another process of the same interpreter."""
        return dumps(tuple(getattr(self, name) for name in self.FIELDS), _VERSION)

    @staticmethod
    def unpacked(data: bytes) -> ParsedFile:
        """The parsed file that was `packed`."""
        found = ParsedFile.__new__(ParsedFile)
        for name, value in zip(ParsedFile.FIELDS, loads(data), strict=True):  # noqa: S302 - from our own fork
            setattr(found, name, value)
        return found


def packed(event: Seldom) -> Packed:
    """An event as its fields by name, which `unpacked` makes it of again."""
    return type(event).__name__, {name: getattr(event, name) for name in type(event).__slots__}


def unpacked(event: Packed) -> Seldom:
    """The event that was `packed`."""
    name, fields = event
    found: Seldom = object.__new__(KINDS[name])  # type: ignore[assignment]
    for field, value in fields.items():
        setattr(found, field, value)
    return found
