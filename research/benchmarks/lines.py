"""Lines of a transcript as bytes, in the shape that Claude Code writes them.

Two generations of the client: `modern` is 2.1.330 (request lines, block indexes, the final usage on
every line of a message), the other an older one (early lines carry partial output counts, some have
no request id, some no split of cache writes). Everything is drawn from the thread's own random
numbers, so that the same seed gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from thread import CELL, KINDS, BilledUsage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from thread import Thread

TOOLS = (
    b"Bash", b"Bash", b"Bash", b"Read", b"Read", b"Edit", b"Write", b"Grep", b"Glob", b"Agent", b"WebFetch",
    b"mcp__github__get_issue", b"mcp__playwright__click", b"TodoWrite",
)  # fmt: skip


def prompt(thread: Thread) -> bytes:
    """What the user asks."""
    return (
        thread.head()
        + b'"type":"user","message":{"role":"user","content":"%b"},"uuid":"%b","timestamp":"%b",'
        % (thread.text(), thread.uuid(), thread.stamp())
        + thread.tail()
    )


def exchange(thread: Thread, *, last: bool) -> Iterator[bytes]:
    """One API response: its request, a line per block, and its tools' results unless it is the `last`."""
    draw = thread.draw
    usage = _drawn_usage(thread)
    thread.billed.add(thread.model, usage)
    count = 1 if thread.plain else _blocks(draw.random())
    tools = [] if last else [_tool(thread) for _ in range(1 + (count > 3))]
    blocks = [b'{"type":"thinking","thinking":"","signature":"%b"}' % thread.text()] * (count > 1)
    blocks += [b'{"type":"text","text":"%b"}' % thread.text()] * (count > 2 or last)
    blocks += [block for _, _, block in tools]
    reference = thread.uuid()
    if thread.modern:
        yield _request(thread, reference)
    yield from _lines(thread, usage, blocks, reference, asks=bool(tools))
    for tool, name, _ in tools:
        yield _result(thread, tool, name)


def synthetic(thread: Thread) -> bytes:
    """A line that the client made up itself: no model, nothing billed."""
    return (
        thread.head()
        + b'"message":{"id":"%b","type":"message","role":"assistant","model":"<synthetic>","content":'
        b'[{"type":"text","text":"API Error: 529 overloaded"}],"stop_reason":"stop_sequence","usage":'
        b'{"input_tokens":0,"output_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0}},'
        b'"type":"assistant","uuid":"%b","timestamp":"%b",'
        % (thread.uuid(), thread.uuid(), thread.stamp())
        + thread.tail()
    )


def remark(thread: Thread) -> bytes:
    """A line that has nothing to do with usage."""
    return (
        thread.head()
        + b'"attachment":{"type":"note","content":"%b"},"type":"attachment","uuid":"%b","timestamp":"%b",'
        % (thread.text(), thread.uuid(), thread.stamp())
        + thread.tail()
    )


def cost_state(thread: Thread, began_ms: int, hidden: BilledUsage | None) -> bytes:
    """The client's own totals of the session: what `billed` adds up, and a call that no line shows."""
    models = {model: dict(sums) for model, sums in thread.billed.models.items()}
    if hidden is not None:
        for kind in KINDS:
            models[thread.model][kind] += getattr(hidden, kind)
    rows = [_totals(model, sums) for model, sums in models.items()]
    return (
        b'{"type":"cost-state","sessionId":"%b","totalCostUSD":0,"totalDuration":%d,"startTime":%d,'
        b'"modelUsage":{%b},"hasUnknownModelCost":false}\n'
    ) % (thread.session, thread.at_ms - began_ms, began_ms, b",".join(rows))


def hidden_call(draw: Random) -> BilledUsage:
    """A call that only the client's totals know."""
    return BilledUsage(
        draw.randrange(100, 9000), draw.randrange(50, 2000), 0, 0, draw.randrange(20_000), 0, 0
    )


def _totals(model: bytes, sums: dict[str, int]) -> bytes:
    """A model's part of the client's own totals."""
    return (
        b'"%b":{"inputTokens":%d,"outputTokens":%d,"thinkingTokens":%d,"cacheReadInputTokens":%d,'
        b'"cacheCreationInputTokens":%d,"cacheCreationEphemeral5mInputTokens":%d,'
        b'"cacheCreationEphemeral1hInputTokens":%d,"webSearchRequests":%d,"costUSD":0}'
    ) % (
        model, sums["input"], sums["output"], sums["thinking"], sums["cache_read"], sums["cache_creation"],
        sums["cache_creation"] - sums["cache_1h"], sums["cache_1h"], sums["searches"],
    )  # fmt: skip


def _lines(
    thread: Thread, usage: BilledUsage, blocks: list[bytes], reference: bytes, *, asks: bool
) -> Iterator[bytes]:
    draw = thread.draw
    message = b"msg_01%024x" % draw.getrandbits(92)
    named = thread.modern or draw.random() > 0.03
    request = b'"requestId":"req_011%022x",' % draw.getrandbits(86) if named else b""
    end = b'"tool_use"' if asks else b'"end_turn"'
    for index, block in enumerate(blocks):
        finished = thread.modern or index == len(blocks) - 1
        partial = not finished and draw.random() < 0.7
        shown = min(usage.output, 1 + int(draw.random() * 8)) if partial else usage.output
        more = b'"apiBlockIndex":%d,"requestRef":"%b",' % (index, reference) if thread.modern else b""
        more += b'"attributionAgent":"general-purpose",' if thread.agent and thread.modern else b""
        yield (
            thread.head()
            + b'"message":{"id":"%b","type":"message","role":"assistant","model":"%b","content":[%b],'
            b'"stop_reason":%b,"stop_sequence":null,"usage":%b},%b%b"type":"assistant","uuid":"%b",'
            b'"timestamp":"%b",'
            % (
                message, thread.model, block, end if finished else b"null", usage.object(thread, shown), more,
                request, thread.uuid(), thread.stamp(),
            )
            + thread.tail()
        )  # fmt: skip


def _request(thread: Thread, reference: bytes) -> bytes:
    agent = b'"agentId":"%b",' % thread.agent if thread.agent else b""
    digest = b"%064x" % thread.draw.getrandbits(256)
    return (
        b'{"type":"api-request","sessionId":"%b",%b"id":"%b","timestamp":"%b","version":"2.1.330",'
        b'"querySource":"repl_main_thread","shapeHash":"%b","params":{"model":"%b","betas":'
        b'["claude-code-20250219","interleaved-thinking-2025-05-14"],"max_tokens":128000,"thinking":'
        b'{"type":"adaptive"}},"keep":2,"tail":["%b"],"requestDigest":"%b"}\n'
    ) % (thread.session, agent, reference, thread.stamp(), digest, thread.model, digest, digest)


def _tool(thread: Thread) -> tuple[bytes, bytes, bytes]:
    """A tool call: its id, its name, and its block."""
    thread.billed.tool_calls += 1
    name = TOOLS[int(thread.draw.random() * len(TOOLS))]
    tool = b"toolu_01%022x" % thread.draw.getrandbits(86)
    block = b'{"type":"tool_use","id":"%b","name":"%b","input":{"command":"%b"}}'
    return tool, name, block % (tool, name, thread.text())


def _result(thread: Thread, tool: bytes, name: bytes) -> bytes:
    draw = thread.draw
    failed = draw.random() < 0.05
    thread.billed.failed += failed
    words = thread.text()
    if failed:
        more = b'"Error: Exit code 1"'
    elif name == b"Agent":  # with a usage of its own, which the subagent's file has too
        more = (
            b'{"status":"completed","agentId":"a%016x","totalTokens":123456,"totalDurationMs":90000,'
            b'"usage":{"input_tokens":7,"cache_creation_input_tokens":4000,"cache_read_input_tokens":90000,'
            b'"output_tokens":777,"service_tier":"standard"}}' % draw.getrandbits(64)
        )
    else:
        more = b'{"stdout":"%b","stderr":"","interrupted":false}' % words[: CELL * 40]
    return (
        thread.head()
        + b'"type":"user","message":{"role":"user","content":[{"tool_use_id":"%b","type":"tool_result",'
        b'"content":"%b","is_error":%b}]},"uuid":"%b","timestamp":"%b","toolUseResult":%b,'
        % (tool, words, b"true" if failed else b"false", thread.uuid(), thread.stamp(), more)
        + thread.tail()
    )


def _drawn_usage(thread: Thread) -> BilledUsage:
    draw = thread.draw
    output = 9 + int(draw.expovariate(1 / 420))
    written = int(draw.expovariate(1 / 2500))
    hour = int(written * draw.random()) if thread.split else 0
    thinking = int(output * draw.random()) if thread.modern else 0
    searches = int(draw.random() < 0.01) if thread.modern else 0
    return BilledUsage(
        1 + draw.randrange(30), output, written, hour, draw.randrange(8000, 180_000), thinking, searches
    )


def _blocks(chance: float) -> int:
    """How many content blocks a response has: 1 to 4, 2.4 on average."""
    return 1 + (chance > 0.2) + (chance > 0.57) + (chance > 0.84)
