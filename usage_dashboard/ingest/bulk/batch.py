"""The rows of many parsed files under the ledger's own numbers, stored in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.ingest.bulk.fork_copies import Known, drop_copies
from usage_dashboard.ingest.bulk.id_map import LedgerIds
from usage_dashboard.ingest.bulk.parsed_file import unpacked
from usage_dashboard.model.events import Compaction, CostState, LimitHit, Starter
from usage_dashboard.model.requests import EARLY, OpenRequest
from usage_dashboard.model.rows import RESPONSE_FIELDS, TOOL_FIELDS
from usage_dashboard.store.write import background, bulk_insert, limit_hits, rollup, subagents
from usage_dashboard.store.write.pending_requests import lose, write_open
from usage_dashboard.store.write.sessions import late_rows, late_sessions

if TYPE_CHECKING:
    from usage_dashboard.ingest.bulk.id_map import IdMap
    from usage_dashboard.ingest.bulk.parsed_file import ParsedFile
    from usage_dashboard.model.rows import Values
    from usage_dashboard.model.totals import Totals
    from usage_dashboard.store.write.unit_of_work import Work

SESSION, AGENT, CLASS, *MARKS = (
    RESPONSE_FIELDS.index(name)
    for name in ("session", "agent", "class_id", "skill", "plugin", "mcp", "asked")
)
TOOL_SESSION, TOOL, SERVER, HANDED = (
    TOOL_FIELDS.index(name) for name in ("session", "tool", "server", "handed")
)


class Batch:
    """What one transaction of `work` stores when it ends.

    All rows at once, in the order of their ids: so every page of the ledger is written once, and filled.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._indexes = bulk_insert.drop_indexes(work.db)
        self._responses: list[Values] = []
        self._tools: list[Values] = []
        self._totals: Totals = []
        self._tool_totals: Totals = []
        self._open: dict[int, tuple[int, int, int, int, int]] = {}
        self._lost: dict[int, tuple[int, int, int, int, int]] = {}
        self._first: dict[int, int] = {}
        self._seldom: list[CostState | LimitHit | Compaction] = []

    def add(self, parsed: ParsedFile, names: IdMap, known: set[int]) -> bool:
        """Add the rows of `parsed`, which shares the ids `known` with rows before it.

        Returns False, and adds nothing, if only the scanner can merge them.
        """
        work = self._work
        if known:
            there = Known(work, known, (self._responses, self._tools))
            if not drop_copies(parsed, names, work, there):
                return False
        session = LedgerIds(lambda number: work.sessions.id(parsed.sessions[number - 1][0]))
        own = parsed.sessions[parsed.own - 1][0] if parsed.own else ""
        if parsed.parent:
            work.sessions.note_parent(own, parsed.parent)
        for number in parsed.asking:
            session[number]
        self._add_rows(parsed, names, session)
        self._seldom += [unpacked(event) for event in parsed.seldom]
        if parsed.starter is not None and (owner := work.sessions.find(own)):
            subagents.note_starter(work.db, owner, parsed.subagent, Starter(*parsed.starter))
        return True

    def may_be_answered(self, requests: set[int]) -> bool:
        """Whether `requests` of other files are such that an answer only takes them away.

        An answer also settles earlier requests of the same thread.
        """
        open_ = [row for row in self._open.values() if row[3] != EARLY]
        threads = [row[1:3] for row in open_]
        alone = {row[0] for row in open_ if threads.count(row[1:3]) == 1}
        return requests <= alone | self._lost.keys()

    def finish(self) -> None:
        """Store everything that was added."""
        work = self._work
        bulk_insert.insert(work.db, self._responses, self._tools)
        bulk_insert.make_indexes(work.db, self._indexes)
        rollup.add(work.db, self._totals, self._tool_totals)
        write_open(work.db, list(self._open.values()))
        late = late_sessions(work.db, self._first)
        for request in self._lost.values():
            lose(work, OpenRequest(*request))
        late |= late_rows(work.db, work.settle())
        work.sessions.write()
        for event in self._seldom:
            if isinstance(event, LimitHit):
                limit_hits.note_hit(work.db, work.sessions.id(event.session), event.at_us, event.window)
            elif isinstance(event, Compaction):
                subagents.note_compaction(work.db, work.sessions.id(event.session), event)
        background.settle(work, [event for event in self._seldom if isinstance(event, CostState)], late)

    def _add_rows(self, parsed: ParsedFile, names: IdMap, session: LedgerIds) -> None:
        """Add the rows and totals of `parsed` under the ledger's numbers."""
        for number, (_, first_us, last_us) in enumerate(parsed.sessions, start=1):
            if last_us:
                self._work.sessions.touch(session[number], first_us)
                self._work.sessions.touch(session[number], last_us)
                self._first[session[number]] = min(self._first.get(session[number], first_us), first_us)
        self._add_responses(parsed, names, session)
        self._add_tools(parsed, names, session)
        label, class_ = names.label, names.class_
        self._totals += [
            (a, session[b], c, label[d], class_[e], *sums) for a, b, c, d, e, *sums in parsed.totals
        ]
        self._tool_totals += [
            (a, session[b], c, label[d], class_[e], label[f], label[g], *sums)
            for a, b, c, d, e, f, g, *sums in parsed.tool_totals
        ]
        for answered in parsed.answered:
            self._lost.pop(answered, None)
            if answered in self._open and self._open[answered][3] != EARLY:
                del self._open[answered]
        self._open |= {a: (a, session[b], c, class_[d], at_us) for a, b, c, d, at_us in parsed.open}
        self._lost |= {a: (a, session[b], c, class_[d], at_us) for a, b, c, d, at_us in parsed.lost}

    def _add_responses(self, parsed: ParsedFile, names: IdMap, session: LedgerIds) -> None:
        label, class_ = names.label, names.class_
        for values in parsed.responses:
            row = list(values)
            row[SESSION], row[AGENT], row[CLASS] = (
                session[row[SESSION]],
                label[row[AGENT]],
                class_[row[CLASS]],
            )
            for mark in MARKS:
                if row[mark] is not None:
                    row[mark] = label[row[mark]]
            self._responses.append(row)

    def _add_tools(self, parsed: ParsedFile, names: IdMap, session: LedgerIds) -> None:
        label = names.label
        for values in parsed.tools:
            row = list(values)
            row[TOOL_SESSION] = session[row[TOOL_SESSION]]
            row[TOOL], row[SERVER] = label[row[TOOL]], label[row[SERVER]]
            row[HANDED] = session[row[HANDED]] if row[HANDED] else None
            self._tools.append(row)
