"""Rows of a fork that its parent's transcript has shown already, and whether they tell anything new.

A fork, or a session resumed by an older release, begins with a copy of its parent's lines. Nearly always
they say nothing that the ledger has not; then the rest of the file can be stored as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model.attribution import is_awaited, share_prompt
from usage_dashboard.model.events import SUBAGENT
from usage_dashboard.model.rows import UNNAMED_AGENT, ResponseRow, ToolRow, grouped
from usage_dashboard.model.sightings import is_main, merge_agent, merge_class, merge_row
from usage_dashboard.store.write import stored_rows

if TYPE_CHECKING:
    from usage_dashboard.ingest.bulk.id_map import IdMap
    from usage_dashboard.ingest.bulk.parsed_file import ParsedFile
    from usage_dashboard.model.rows import ResponseRow, ToolRow, Values
    from usage_dashboard.store.write.unit_of_work import Work


class Known:
    """Rows that are there already, by id: in the ledger, or `held` to be stored in it."""

    def __init__(self, work: Work, ids: set[int], held: tuple[list[Values], list[Values]]) -> None:
        self.responses = stored_rows.read_responses(work.db, ids)
        self.tools = stored_rows.read_tools(work.db, "id", ids)
        self.responses |= {v[0]: ResponseRow.of(v) for v in held[0] if v[0] in ids}
        self.tools |= {v[0]: ToolRow.of(v) for v in held[1] if v[0] in ids}
        self.is_all = ids <= self.responses.keys() | self.tools.keys()


def drop_copies(parsed: ParsedFile, names: IdMap, work: Work, known: Known) -> bool:
    """Remove the rows of `parsed` that are `known`.

    Returns False, and removes nothing, if a copy says more than the ledger has, or something new depends on
    a copy: only the scanner can merge those.
    """
    stored, stored_tools = known.responses, known.tools
    if not known.is_all:
        return False  # a request that went out, or a row that was dropped by age
    responses = [ResponseRow.of(values) for values in parsed.responses]
    new = {row.id for row in responses} - stored.keys()
    threads: dict[int | None, int] = {row.id: row.subagent for row in responses}
    tools = [ToolRow.of(values) for values in parsed.tools]
    left = [tool for tool in tools if tool.id not in stored_tools]
    copies = [tool for tool in tools if tool.id in stored_tools]
    if not (
        all(_covers(work, stored[row.id], row, names) for row in responses if row.id in stored)
        and all(_covers_tool(stored_tools[copy.id], copy, threads[copy.response]) for copy in copies)
        and all(tool.response in new and (tool.carrier is None or tool.carrier in new) for tool in left)
    ):
        return False
    carried, given_back = grouped(left, "carrier"), {copy.carrier for copy in copies}
    for row in responses:
        if row.id in given_back:  # in the ledger, another request carried the copy's result
            share_prompt(row, carried.get(row.id, []))
    parsed.keep([row for row in responses if row.id in new], left)
    return True


def _covers(work: Work, row: ResponseRow, copy: ResponseRow, names: IdMap) -> bool:
    """Whether `row` stays what it is when `copy` is merged into it."""
    known, seen = work.classes.key(row.class_id), work.classes.key(names.class_[copy.class_id])
    if merge_class(known, seen) != known or is_main(row, copy):
        return False
    merged = ResponseRow.of(row.values())
    merge_row(merged, copy)
    if row.kind == SUBAGENT:
        copy.agent = names.label[copy.agent]
        merge_agent(merged, copy, work.labels.id("agent", UNNAMED_AGENT))
    return merged.values() == row.values()


def _covers_tool(tool: ToolRow, copy: ToolRow, subagent: int) -> bool:
    """Whether `tool` stays what it is when a subagent's thread has `copy` of it, perhaps with a result."""
    return tool.response == copy.response and (
        copy.result_bytes is None or not is_awaited(tool, subagent, ())
    )
