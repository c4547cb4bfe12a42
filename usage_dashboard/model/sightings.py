"""Bringing together the sightings of one response: lines of transcripts, copies in forks, two ledgers' rows.

Each sighting may know more than the others: a line may be an early placeholder, and a fork after a
compaction copies lines with their usage zeroed. So the largest of each count is right, the earliest
time, and what only one of them names.
"""

# ruff: noqa: PLR1730 - done for nearly every line of an import, where calls of max() would be a hundredth of it

from __future__ import annotations

from usage_dashboard.model.events import BACKGROUND, MAIN, SUBAGENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from usage_dashboard.model.rows import ResponseRow
    from usage_dashboard.model.token_counts import PriceClass, TokenCounts

    Mark = TypeVar("Mark", str | None, int | None)
    Marks = tuple[Mark, Mark, Mark, Mark]


def merge_line(row: ResponseRow, line: ResponseRow) -> None:
    """Merge the row that one `line` alone would make into `row`, but for its thread and price class."""
    _merge(row, line)
    add_blocks(row, line.blocks, line.text_bytes, line.thinking_bytes)


def merge_row(row: ResponseRow, other: ResponseRow) -> None:
    """Merge the row that another ledger made of any lines into `row`, but for its thread and price class.

    Sizes of blocks are kept as sums: of two rows that share some blocks, the larger sizes are nearer.
    """
    _merge(row, other)
    row.calls = max(row.calls, other.calls)
    if other.blocks & ~row.blocks:
        row.blocks |= other.blocks
        row.text_bytes = max(row.text_bytes, other.text_bytes)
        row.thinking_bytes = max(row.thinking_bytes, other.thinking_bytes)


def _merge(row: ResponseRow, seen: ResponseRow) -> None:
    merge_counts(row, seen)
    merge_facts(row, seen.at_us, seen.request, seen.final)
    known = row.skill, row.plugin, row.mcp, row.asked
    marks = seen.skill, seen.plugin, seen.mcp, seen.asked
    row.skill, row.plugin, row.mcp, row.asked = merge_marks(known, marks)


def merge_counts(row: ResponseRow, seen: TokenCounts | ResponseRow) -> None:
    """Let `row` have the larger of each token count."""
    if seen.input > row.input:
        row.input = seen.input
    if seen.output > row.output:
        row.output = seen.output
    if seen.cache_creation > row.cache_creation:
        row.cache_creation = seen.cache_creation
    if seen.cache_1h > row.cache_1h:
        row.cache_1h = seen.cache_1h
    if seen.cache_read > row.cache_read:
        row.cache_read = seen.cache_read
    if seen.searches > row.searches:
        row.searches = seen.searches
    if seen.thinking is not None:
        row.thinking = max(row.thinking or 0, seen.thinking)


def merge_facts(row: ResponseRow, at_us: int, request: int | None, final: int) -> None:
    """Let `row` have the earlier time, the request that either knows, and the bits of `final` of both."""
    if at_us < row.at_us:
        row.at_us = at_us
    if row.request is None:
        row.request = request
    if final & ~row.final:
        row.finish(final)


def merge_marks(known: Marks[Mark], seen: Marks[Mark]) -> Marks[Mark]:
    """Skill, plugin, MCP server, model asked for, as names or labels: where `known` has none, of `seen`."""
    return known[0] or seen[0], known[1] or seen[1], known[2] or seen[2], known[3] or seen[3]


def add_blocks(row: ResponseRow, blocks: int, text_bytes: int, thinking_bytes: int) -> None:
    """Add the sizes of a line's `blocks` to those of `row`, unless the line was seen before."""
    if blocks & ~row.blocks:
        row.blocks |= blocks
        row.text_bytes += text_bytes
        row.thinking_bytes += thinking_bytes


def merge_class(known: PriceClass, seen: PriceClass) -> PriceClass:
    """The price class of a response of which two sightings show different ones."""
    if known == seen:
        return known
    model, bucket, speed, geo, tier = known
    return model, max(bucket, seen[1]), speed or seen[2], geo or seen[3], tier or seen[4]


def is_main(row: ResponseRow, seen: ResponseRow) -> bool:
    """Whether `seen` shows that a subagent's `row` is the main thread's.

    A subagent that continues its parent's conversation has a copy of the reply that started it.
    """
    return row.kind == SUBAGENT and seen.kind == MAIN


def merge_agent(row: ResponseRow, seen: ResponseRow, unnamed: int) -> None:
    """Let a subagent's `row` whose agent is `unnamed`, by its label, have the agent that `seen` names."""
    if row.kind == SUBAGENT and seen.kind != BACKGROUND and row.agent == unnamed:
        row.agent = seen.agent
