"""Rows of the ledger in memory: one for each billed response, one for each tool call.

The columns of a row, their order and the values of a new one are defined here and nowhere else.
"""

from __future__ import annotations

from usage_dashboard.model.events import MAIN, SUBAGENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Self

    Values = Sequence[Any]
    """The columns of a row in their order: integers, and None for what is not known."""

FINAL, ABORTED = 1, 2
"""Bits of a response's `final`: a line had a stop reason; the client says that the stream was cut off."""

MAIN_AGENT, UNNAMED_AGENT, HIDDEN_AGENT = "main", "subagent", "background"

COUNTS = ("input", "output", "cache_creation", "cache_1h", "cache_read", "searches")
"""What a response is billed for; `cache_1h` is a part of `cache_creation`."""

RESPONSE_FIELDS = (
    "id", "request", "session", "subagent", "kind", "agent", "class_id", "at_us", "input", "output",
    "cache_creation", "cache_1h", "cache_read", "thinking", "searches", "calls", "incomplete", "final",
    "text_bytes", "thinking_bytes", "blocks", "cost", "cost_prompt", "cost_read", "savings", "skill",
    "plugin", "mcp", "asked",
)  # fmt: skip
TOOL_FIELDS = (
    "id", "response", "carrier", "session", "subagent", "tool", "server", "input_bytes", "result_bytes",
    "duration_ms", "failed", "output", "input", "cache_creation", "cache_1h", "cost_output", "cost_prompt",
    "handed",
)  # fmt: skip


class ResponseRow:
    """A row of the table `response`; a new one is a call without counts that no line has finished.

    Most rows leave most values as they are in the class. `before` is what a row held when it was read,
    None if it is new. `gone` marks a row that is to be deleted from the ledger.
    """

    request: int | None = None
    kind = MAIN
    agent = class_id = 0
    input = output = cache_creation = cache_1h = cache_read = searches = 0
    thinking: int | None = None
    calls = incomplete = 1
    final = text_bytes = thinking_bytes = blocks = 0
    cost: int | None = None
    cost_prompt: int | None = None
    cost_read: int | None = None
    savings: int | None = None
    skill: int | None = None
    plugin: int | None = None
    mcp: int | None = None
    asked: int | None = None
    gone = False
    before: Self | None = None

    def __init__(self, row_id: int, session: int, subagent: int, at_us: int) -> None:
        self.id = row_id
        self.session = session
        self.subagent = subagent
        self.at_us = at_us

    @classmethod
    def of(cls, values: Values) -> Self:
        """Make the row that has `values`."""
        row = cls.__new__(cls)
        row.__dict__.update(zip(RESPONSE_FIELDS, values, strict=True))
        return row

    @classmethod
    def stored(cls, values: Values) -> Self:
        """Make the row that the ledger has with `values`."""
        row = cls.of(values)
        row.before = cls.of(values)
        return row

    def values(self) -> Values:
        """The row's values in the order of `RESPONSE_FIELDS`."""
        return tuple(getattr(self, name) for name in RESPONSE_FIELDS)

    def finish(self, bits: int) -> None:
        """Add `bits` to `final`; a call is complete if it is final and was not cut off."""
        self.final |= bits
        self.incomplete = int(self.final != FINAL)

    def set_cost(self, cost: tuple[int, int, int, int] | None) -> None:
        """Set the nano-USD of all, of the fresh prompt, of cache reads, and saved; None if unpriced."""
        self.cost, self.cost_prompt, self.cost_read, self.savings = cost or (None, None, None, None)


class ToolRow:
    """A row of the table `tool_call`; `before` as in `ResponseRow`.

    `response` asked for the call, the request of `carrier` carried its result. While a result waits to be
    carried, `handed` is the session whose transcript has it, and `subagent` the thread that it waits in.
    """

    response: int | None = None
    carrier: int | None = None
    tool = server = input_bytes = 0
    result_bytes: int | None = None
    duration_ms: int | None = None
    failed: int | None = None
    output = input = cache_creation = cache_1h = cost_output = cost_prompt = 0
    handed: int | None = None
    before: Self | None = None

    def __init__(self, row_id: int, session: int, subagent: int) -> None:
        self.id = row_id
        self.session = session
        self.subagent = subagent

    @classmethod
    def of(cls, values: Values) -> Self:
        """Make the row that has `values`."""
        row = cls.__new__(cls)
        row.__dict__.update(zip(TOOL_FIELDS, values, strict=True))
        return row

    @classmethod
    def stored(cls, values: Values) -> Self:
        """Make the row that the ledger has with `values`."""
        row = cls.of(values)
        row.before = cls.of(values)
        return row

    def values(self) -> Values:
        """The row's values in the order of `TOOL_FIELDS`."""
        return tuple(getattr(self, name) for name in TOOL_FIELDS)

    def ask(self, row: ResponseRow, input_bytes: int) -> None:
        """Note that `row` asked for the call, unless it is known which response did."""
        if self.response is None:
            self.response, self.input_bytes = row.id, input_bytes
            self.session, self.subagent = row.session, row.subagent


def final_bits(*, stopped: bool, aborted: bool) -> int:
    """The bits of `final` that a line shows: a stop reason, or that its stream was cut off."""
    return (FINAL if stopped else 0) | (ABORTED if aborted else 0)


def agent_of(subagent: object, name: str) -> tuple[int, str]:
    """Kind and agent of a thread: the main one's where `subagent` is empty, whatever agent a line names."""
    return (SUBAGENT, name or UNNAMED_AGENT) if subagent else (MAIN, MAIN_AGENT)


def grouped(tools: Iterable[ToolRow], column: str) -> dict[int, list[ToolRow]]:
    """`tools` by the response that their `column` (response or carrier) names."""
    groups: dict[int, list[ToolRow]] = {}
    for tool in tools:
        relative = getattr(tool, column)
        if relative is not None:
            groups.setdefault(relative, []).append(tool)
    return groups
