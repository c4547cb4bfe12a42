"""Who spent it: sharing a response's tokens among the tool calls it wrote and the results it carried.

Every token goes to exactly one label. A tool call keeps its own share; what is left is the labels in
brackets, which views compute as remainders: `(reply)` of the output, `(prompt)` of fresh input and
cache writes, `(context)` for cache reads. So the labels add up to the response by construction.
"""

from __future__ import annotations

from usage_dashboard.model.events import shares

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    class Spent(Protocol):
        """What a response spent; the fields of `store.rows.ResponseRow`."""

        input: int
        output: int
        cache_creation: int
        cache_1h: int
        thinking: int | None
        text_bytes: int
        thinking_bytes: int
        cost: int | None
        cost_prompt: int | None
        cost_read: int | None

    class Share(Protocol):
        """What a tool call has of it; the fields of `store.rows.ToolRow`."""

        id: int
        input_bytes: int
        result_bytes: int | None
        output: int
        input: int
        cache_creation: int
        cache_1h: int
        cost_output: int
        cost_prompt: int


def share_output(row: Spent, tools: Sequence[Share]) -> None:
    """Give each of `tools`, which `row` asked for, its share of the output and of its cost.

    Thinking belongs to the reply. The rest is shared by the size of the blocks; where the client did
    not say how much was thinking, the thinking's text weighs as a part of the reply.
    """
    if not tools:
        return
    reply_bytes = row.text_bytes + (row.thinking_bytes if row.thinking is None else 0)
    written = row.output - (row.thinking or 0)
    cost = (row.cost or 0) - (row.cost_prompt or 0) - (row.cost_read or 0)
    if len(tools) == 1:  # nearly always, and in a third of the time
        tool = tools[0]
        tool.output = shares(written, (tool.input_bytes, reply_bytes))[0] if reply_bytes else written
        rest = row.output - tool.output
        tool.cost_output = shares(cost, (tool.output, rest))[0] if row.output else 0
        return
    tools = sorted(tools, key=_by_id)
    split = shares(written, [tool.input_bytes for tool in tools] + ([reply_bytes] if reply_bytes else []))
    for tool, tokens in zip(tools, split, strict=False):
        tool.output = tokens
    rest = row.output - sum(tool.output for tool in tools)
    for tool, nusd in zip(tools, shares(cost, [tool.output for tool in tools] + [rest]), strict=False):
        tool.cost_output = nusd if row.output else 0


def share_prompt(row: Spent, tools: Sequence[Share]) -> None:
    """Give each of `tools`, whose results `row`'s request carried first, its share of what was fresh."""
    if len(tools) == 1:
        _give_all(tools[0], row)
    if len(tools) < 2:
        return
    tools = sorted(tools, key=_by_id)
    weights = [tool.result_bytes or 0 for tool in tools]
    cache_5m = shares(row.cache_creation - row.cache_1h, weights)
    cache_1h = shares(row.cache_1h, weights)
    fresh = shares(row.input, weights)
    cost = shares(row.cost_prompt or 0, weights)
    for i, tool in enumerate(tools):
        tool.input = fresh[i]
        tool.cache_creation = cache_5m[i] + cache_1h[i]
        tool.cache_1h = cache_1h[i]
        tool.cost_prompt = cost[i]


def _give_all(tool: Share, row: Spent) -> None:
    """What `share_prompt` gives where there is nothing to share: nearly always."""
    tool.input, tool.cache_creation, tool.cache_1h = row.input, row.cache_creation, row.cache_1h
    tool.cost_prompt = row.cost_prompt or 0


def _by_id(tool: Share) -> int:
    """An order that does not depend on when each line was seen."""
    return tool.id
