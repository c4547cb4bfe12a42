"""A piece of work on the ledger: rows that are read, changed in memory, and settled together."""

from __future__ import annotations

from usage_dashboard.model import attribution, sightings
from usage_dashboard.model.events import MAIN
from usage_dashboard.model.rows import COUNTS, MAIN_AGENT, UNNAMED_AGENT
from usage_dashboard.model.totals import TotalsChange
from usage_dashboard.store.write import rollup, stored_rows
from usage_dashboard.store.write.price_classes import Classes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection
    from typing import Protocol

    from usage_dashboard.model.rows import ResponseRow, ToolRow
    from usage_dashboard.model.token_counts import PriceClass
    from usage_dashboard.store.write.labels import Labels
    from usage_dashboard.store.write.sessions import Sessions

    class Tariff(Protocol):
        """Prices for the store, which may not know where they come from."""

        def canonical(self, model: str) -> str:
            """A model's id without what a provider or a client adds to it."""

        def cost(
            self, key: PriceClass, at_us: int, counts: tuple[int, ...]
        ) -> tuple[int, int, int, int] | None:
            """Nano-USD of a response: all, fresh prompt, cache reads, saved by caching; None if unpriced.

            `counts`: input, output, cache creation, its 1-hour part, cache read, web searches.
            """


class Work:
    """Rows of responses and tool calls by id, as `read` read them or the caller added them."""

    def __init__(self, db: Connection, labels: Labels, sessions: Sessions, tariff: Tariff) -> None:
        self.db = db
        self.labels = labels
        self.sessions = sessions
        self.tariff = tariff
        self.classes = Classes(db, labels)
        self.responses: dict[int, ResponseRow] = {}
        self.tools: dict[int, ToolRow] = {}

    def read(self, responses: Iterable[int], tools: Iterable[int]) -> None:
        """Read what the ledger has of these responses and tool calls."""
        wanted = set(responses) - self.responses.keys()
        self.responses.update(stored_rows.read_responses(self.db, wanted))
        self.hold(stored_rows.read_tools(self.db, "id", set(tools) - self.tools.keys()).values())

    def hold(self, tools: Iterable[ToolRow]) -> list[ToolRow]:
        """`tools` as this work has them; those that it did not have are added."""
        return [self.tools.setdefault(tool.id, tool) for tool in tools]

    def merge_names(self, row: ResponseRow, seen: ResponseRow, seen_class: PriceClass) -> bool:
        """Merge thread, agent and price class of another sighting into `row`.

        Returns whether `row` became the main thread's.
        """
        row.class_id = self.classes.id(sightings.merge_class(self.classes.key(row.class_id), seen_class))
        if sightings.is_main(row, seen):
            self._make_main(row)
            return True
        sightings.merge_agent(row, seen, self.labels.id("agent", UNNAMED_AGENT))
        return False

    def _make_main(self, row: ResponseRow) -> None:
        """Make `row`, of which a subagent's thread had a copy, the main thread's, with its tools.

        Their results were made up there; what a hook reported of one is true.
        """
        self._read_tools_of([row.id])
        row.kind, row.subagent, row.agent = MAIN, 0, self.labels.id("agent", MAIN_AGENT)
        for tool in self.tools.values():
            if tool.response == row.id:
                tool.subagent, tool.result_bytes, tool.carrier, tool.handed = 0, None, None, None
                tool.failed = None if tool.duration_ms is None else tool.failed
                tool.input = tool.cache_creation = tool.cache_1h = tool.cost_prompt = 0

    def settle(self) -> list[ResponseRow]:
        """Attribute and price what changed, write it, and move the totals by the difference.

        Returns the responses that changed, and holds none afterwards.
        """
        self._read_relatives()
        changed = [row for row in self.responses.values() if _differs(row)]
        for row in changed:
            self._price(row)
        touched = {row.id for row in changed}
        for tool in self.tools.values():
            if _differs(tool):
                touched.update(_relatives(tool))
        touched &= self.responses.keys()
        attribution.attribute([self.responses[row_id] for row_id in touched], self.tools.values())
        self._write(changed)
        self.responses, self.tools = {}, {}
        return changed

    def _read_relatives(self) -> None:
        """Read the other rows that a change reaches, so that shares add up."""
        stored = [row.id for row in self.responses.values() if row.before is not None]
        self._read_tools_of(stored)
        named = {relative for tool in self.tools.values() for relative in _relatives(tool)}
        missing = named - self.responses.keys()
        self.responses.update(stored_rows.read_responses(self.db, missing))
        self._read_tools_of(missing)

    def _read_tools_of(self, responses: Iterable[int]) -> None:
        for column in ("response", "carrier"):
            self.hold(stored_rows.read_tools(self.db, column, responses).values())

    def _price(self, row: ResponseRow) -> None:
        counts = tuple(getattr(row, name) for name in COUNTS)
        row.set_cost(self.tariff.cost(self.classes.key(row.class_id), row.at_us, counts))

    def _write(self, changed: list[ResponseRow]) -> None:
        change = TotalsChange()
        for row in changed:
            change.add_response(row)
        moved = {row.id for row in changed}
        tools = [t for t in self.tools.values() if _differs(t) or t.response in moved or t.carrier in moved]
        for tool in tools:
            attribution.stop_waiting(tool)
            change.add_tool(tool, self.responses)
        differing = [tool for tool in tools if _differs(tool)]
        for tool in differing:
            if tool.duration_ms is not None:
                self.sessions.note_lasted(tool.session)
        stored_rows.write_responses(self.db, changed)
        stored_rows.write_tools(self.db, differing)
        rollup.write(self.db, change)
        self.sessions.write()


def _relatives(tool: ToolRow) -> set[int]:
    """The responses that `tool` hangs off, or did."""
    states = [state for state in (tool, tool.before) if state is not None]
    return {r for state in states for r in (state.response, state.carrier) if r is not None}


def _differs(row: ResponseRow | ToolRow) -> bool:
    return row.before is None or getattr(row, "gone", False) or row.values() != row.before.values()
