"""Who spent it: sharing a response's tokens among the tool calls it wrote and the results it carried.

Every token goes to exactly one label. A tool call keeps its own share; what is left is the labels in
brackets, which views compute as remainders: `(reply)` of the output, `(prompt)` of fresh input and
cache writes, `(context)` for cache reads. So the labels add up to the response by construction.

Output is shared by the sizes of blocks, fresh input and cache writes by the sizes of results. A result is
carried by the first request of its thread after it: that is when its tokens were new.
"""

from __future__ import annotations

from usage_dashboard.model.ids import id_hash
from usage_dashboard.model.rows import grouped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from usage_dashboard.model.rows import ResponseRow, ToolRow

    Block = tuple[object, object, object, str | None, str | None, object]
    """A content block: its type, text, thinking, and a tool call's id, name and input."""

    Weights = tuple[int, int, int, list[tuple[str, str, int]]]
    """(a bit for each block, bytes of text, bytes of thinking, tool calls: their ids, names and sizes)"""

IMAGE_BYTES = 6_000
"""What an image in a tool result weighs: at most about 1,600 tokens, whatever its file size."""

BITS = 62
"""Blocks are distinguished by so many bits: with the sign, SQLite's integers have 64."""


def weigh_blocks(blocks: Iterable[Block | None], index: object, uuid: str) -> Weights:
    """Measure the content blocks of a line, by which its response's output is shared out.

    A block is known by its `index` in the response or, before releases wrote that, by its line's `uuid`,
    so that a line seen twice weighs once. None stands for what is not a block.
    """
    first = index if isinstance(index, int) and index >= 0 else id_hash(uuid)
    bits = text_bytes = thinking_bytes = 0
    tools = []
    for position, block in enumerate(blocks, first):
        if block is None:
            continue
        bits |= 1 << position % BITS
        kind, text, thinking, tool_id, name, given = block
        if kind == "text":
            text_bytes += json_size(text)
        elif kind in ("thinking", "redacted_thinking"):
            thinking_bytes += json_size(thinking)
        elif tool_id and name:
            tools.append((tool_id, name, json_size(given)))
    return bits, text_bytes, thinking_bytes, tools


def weigh_result(content: object) -> int:
    """Measure a tool result: its texts, and a flat weight for each image."""
    if isinstance(content, str):
        return json_size(content)
    if not isinstance(content, list):
        return 0
    size = 0
    for block in content:
        if isinstance(block, dict) and block.get("type") in ("image", "document"):
            size += IMAGE_BYTES
        else:
            size += json_size(block.get("text")) if isinstance(block, dict) else json_size(block)
    return size


def json_size(value: object) -> int:
    """How many bytes `value` takes as compact JSON, near enough to share tokens by.

    Escapes are counted as the characters they stand for: hook and import decode with different
    parsers and have to agree, and a share needs no more.
    """
    if isinstance(value, str):  # nearly always
        return 2 + len(value if value.isascii() else value.encode("utf-8", "surrogatepass"))
    size = 0
    left = [value]
    for part in left:  # it grows on the way: what a tool is given can be nested deeper than calls can be
        if isinstance(part, str):
            size += 2 + len(part if part.isascii() else part.encode("utf-8", "surrogatepass"))
        elif isinstance(part, dict):
            size += 2 + 2 * len(part)
            left += part
            left += part.values()
        elif isinstance(part, list):
            size += 2 + len(part)
            left += part
        else:
            size += 4 if part is None or isinstance(part, bool) else len(repr(part))
    return size


def is_awaited(tool: ToolRow, subagent: int, waiting: Collection[ToolRow]) -> bool:
    """Whether a result in a subagent's thread is that of `tool`, which has none yet.

    A subagent that continues its parent's conversation begins with made-up results of its calls.
    """
    return tool.carrier is None and tool.subagent == subagent and tool not in waiting


def note_result(tool: ToolRow, result_bytes: int, *, failed: bool) -> None:
    """Note the result of `tool`; what is known of it already stays."""
    if tool.result_bytes is None:
        tool.result_bytes = result_bytes
        tool.failed = int(failed) if tool.failed is None else tool.failed


def carry(row: ResponseRow, waiting: list[ToolRow]) -> list[ToolRow]:
    """Let the request of `row` carry the results that wait in its thread; those that still wait."""
    left = []
    for tool in waiting:
        # Not its own: a tool may answer while the reply that asked for it is still being written.
        if tool.subagent == row.subagent and tool.response not in (None, row.id):
            tool.carrier = row.id
        else:
            left.append(tool)
    return left


def stop_waiting(tool: ToolRow) -> None:
    """Forget where a result waited once a request has carried it: a tenth of its row's bytes."""
    if tool.carrier is not None:
        tool.subagent, tool.handed = 0, None


def attribute(responses: Iterable[ResponseRow], tools: Collection[ToolRow]) -> None:
    """Share each of `responses` among those of `tools` that hang off it."""
    written, carried = grouped(tools, "response"), grouped(tools, "carrier")
    for row in responses:
        share_output(row, written.get(row.id, ()))
        share_prompt(row, carried.get(row.id, ()))


def share_output(row: ResponseRow, tools: Sequence[ToolRow]) -> None:
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


def share_prompt(row: ResponseRow, tools: Sequence[ToolRow]) -> None:
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


def _give_all(tool: ToolRow, row: ResponseRow) -> None:
    """What `share_prompt` gives where there is nothing to share: nearly always."""
    tool.input, tool.cache_creation, tool.cache_1h = row.input, row.cache_creation, row.cache_1h
    tool.cost_prompt = row.cost_prompt or 0


def _by_id(tool: ToolRow) -> int:
    """An order that does not depend on when each line was seen."""
    return tool.id


def shares(amount: int, weights: Iterable[int]) -> list[int]:
    """`amount` split in proportion to `weights`, in whole numbers that add up to it exactly.

    Largest remainder; among equal remainders the earlier weight comes first. Weights that are all
    zero share alike.
    """
    parts = list(weights)
    total = sum(parts)
    if total and len(parts) == 2:  # nearly always, and several times as fast
        first, rest = divmod(amount * parts[0], total)
        first += rest * 2 >= total and rest > 0
        return [first, amount - first]
    if total == 0:
        parts = [1] * len(parts)
        total = len(parts)
    if not parts:
        return []
    split = [amount * part // total for part in parts]
    order = sorted(range(len(parts)), key=lambda i: -(amount * parts[i] % total))
    for i in order[: amount - sum(split)]:
        split[i] += 1
    return split
