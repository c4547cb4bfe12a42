"""Rows of a fork that its parent's transcript has shown already, and whether they tell anything new.

A fork, or a session resumed by an older release, begins with a copy of its parent's lines. Nearly always
they say nothing that the ledger has not; then the rest of the file can be stored as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model.attribution import share_prompt
from usage_dashboard.model.events import MAIN
from usage_dashboard.store.write import rows

if TYPE_CHECKING:
    from usage_dashboard.ingest.bulk.id_map import Names
    from usage_dashboard.ingest.bulk.parsed_file import Sheet
    from usage_dashboard.store.write.rows import ResponseRow, ToolRow, Values
    from usage_dashboard.store.write.unit_of_work import Work

COUNTS = ("input", "output", "cache_creation", "cache_1h", "cache_read", "searches")


class Known:
    """Rows that are there already, by id: in the ledger, or `held` to be stored in it."""

    def __init__(self, work: Work, ids: set[int], held: tuple[list[Values], list[Values]]) -> None:
        self.responses = rows.read_responses(work.db, ids)
        self.tools = rows.read_tools(work.db, "id", ids)
        self.responses |= {v[0]: rows.ResponseRow(v, stored=False) for v in held[0] if v[0] in ids}
        self.tools |= {v[0]: rows.ToolRow(v, stored=False) for v in held[1] if v[0] in ids}
        self.is_all = ids <= self.responses.keys() | self.tools.keys()


def drop_copies(sheet: Sheet, names: Names, work: Work, known: Known) -> bool:
    """Take the rows out of `sheet` that are `known`.

    False, and nothing is taken out, where a copy tells more than the ledger has, or something new hangs
    off a copy: only the hooks' way knows how to bring those together.
    """
    stored, stored_tools = known.responses, known.tools
    if not known.is_all:
        return False  # a request that went out, or a row that was dropped by age
    responses = [rows.ResponseRow(values, stored=False) for values in sheet.responses]
    new = {row.id for row in responses} - stored.keys()
    threads: dict[int | None, int] = {row.id: row.subagent for row in responses}
    tools = [rows.ToolRow(values, stored=False) for values in sheet.tools]
    left = [tool for tool in tools if tool.id not in stored_tools]
    copies = [tool for tool in tools if tool.id in stored_tools]
    if not (
        all(_covers(work, stored[row.id], row, names) for row in responses if row.id in stored)
        and all(_covers_tool(stored_tools[copy.id], copy, threads[copy.response]) for copy in copies)
        and all(tool.response in new and (tool.carrier is None or tool.carrier in new) for tool in left)
    ):
        return False
    carried, given_back = rows.grouped(left, "carrier"), {copy.carrier for copy in copies}
    for row in responses:
        if row.id in given_back:  # in the ledger, another request carried the copy's result
            share_prompt(row, carried.get(row.id, []))
    sheet.keep([row.values() for row in responses if row.id in new], [tool.values() for tool in left])
    return True


def _covers(work: Work, row: ResponseRow, copy: ResponseRow, names: Names) -> bool:
    """Whether `row` stays what it is when `copy` is merged into it (`store.writer`)."""
    _, bucket, *marks = work.classes.key(row.class_id)
    _, copied_bucket, *copied_marks = work.classes.key(names.class_[copy.class_id])
    return (
        all(getattr(copy, name) <= getattr(row, name) for name in COUNTS)
        and (copy.thinking is None or (row.thinking is not None and copy.thinking <= row.thinking))
        and (copy.request is None or row.request is not None)
        and copy.at_us >= row.at_us
        and not copy.final & ~row.final
        and not copy.blocks & ~row.blocks
        and (row.kind == MAIN or (row.kind, row.agent) == (copy.kind, names.label[copy.agent]))
        and copied_bucket <= bucket
        and all(mark or not copied for mark, copied in zip(marks, copied_marks, strict=True))
    )


def _covers_tool(tool: ToolRow, copy: ToolRow, thread: int) -> bool:
    """Whether `tool` stays what it is: its result was carried before, or the copy's is not taken for it.

    `thread` is the key of the subagent whose copy it is: a subagent that continues its parent's
    conversation begins with made-up results of its calls.
    """
    if tool.response != copy.response:
        return False
    return tool.carrier is not None or copy.result_bytes is None or tool.subagent != thread
