"""The quarter-hour totals that rows add up to, and what a change of rows adds to them and takes from them."""

from __future__ import annotations

from usage_dashboard.model.events import BUCKET_US

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from usage_dashboard.model.rows import ResponseRow, ToolRow

    Key = tuple[int, ...]
    Sums = tuple[int, ...]
    Totals = list[tuple[int, ...]]
    """The key and then the sums of each total."""

ROLLUP_KEY = ("bucket", "session", "kind", "agent", "class")
ROLLUP_SUMS = (
    "calls", "incomplete", "unpriced", "input", "output", "cache_creation", "cache_1h", "cache_read",
    "thinking", "searches", "cost", "cost_prompt", "cost_read", "savings",
)  # fmt: skip
TOOL_ROLLUP_KEY = (*ROLLUP_KEY, "tool", "server")
TOOL_ROLLUP_SUMS = (
    "calls", "failed", "output", "input", "cache_creation", "cache_1h", "cost_output", "cost_prompt",
)  # fmt: skip


class TotalsChange:
    """What is to be added to the totals; negative where a row shrank or moved."""

    def __init__(self) -> None:
        self._parts: dict[Key, list[Sums]] = {}
        self._tool_parts: dict[Key, list[Sums]] = {}

    def add_total(self, key: Key, sums: Sums, sign: int = 1) -> None:
        """Add a total (`ROLLUP_KEY`, `ROLLUP_SUMS`) that has no rows, or subtract it with `sign` -1."""
        _add(self._parts, key, sums, sign)

    def add_tool_total(self, key: Key, sums: Sums, sign: int = 1) -> None:
        """Add a tool's share of a total (`TOOL_ROLLUP_KEY`, `TOOL_ROLLUP_SUMS`), or subtract it."""
        _add(self._tool_parts, key, sums, sign)

    def add_response(self, row: ResponseRow) -> None:
        """Add `row`, and subtract what it was before."""
        if row.before is not None:
            _add(self._parts, _key(row.before), _sums(row.before), -1)
        if not row.gone:
            _add(self._parts, _key(row), _sums(row), 1)

    def add_tool(self, row: ToolRow, responses: Mapping[int, ResponseRow]) -> None:
        """Add `row`, and subtract what it was before; `responses` has the rows that it hangs off."""
        if row.before is not None:
            self._add_shares(row.before, responses, -1)
        self._add_shares(row, responses, 1)

    def totals(self) -> Totals:
        """What is to be added to each total that changes."""
        return _added_up(self._parts)

    def tool_totals(self) -> Totals:
        """What is to be added to the shares of tools in each total."""
        return _added_up(self._tool_parts)

    def _add_shares(self, row: ToolRow, responses: Mapping[int, ResponseRow], sign: int) -> None:
        """A call's output counts where it was written, what its result cost where that was carried."""
        written = _state(responses, row.response, sign)
        if written is not None:
            sums = (1, 1 if row.failed else 0, row.output, 0, 0, 0, row.cost_output, 0)
            _add(self._tool_parts, (*_key(written), row.tool, row.server), sums, sign)
        carried = _state(responses, row.carrier, sign)
        if carried is not None:
            sums = (0, 0, 0, row.input, row.cache_creation, row.cache_1h, 0, row.cost_prompt)
            _add(self._tool_parts, (*_key(carried), row.tool, row.server), sums, sign)


def _key(row: ResponseRow) -> Key:
    return row.at_us // BUCKET_US, row.session, row.kind, row.agent, row.class_id


def _sums(row: ResponseRow) -> Sums:
    unpriced = row.calls if row.cost is None else 0
    return (
        row.calls, row.incomplete, unpriced, row.input, row.output, row.cache_creation, row.cache_1h,
        row.cache_read, row.thinking or 0, row.searches, row.cost or 0, row.cost_prompt or 0,
        row.cost_read or 0, row.savings or 0,
    )  # fmt: skip


def _state(responses: Mapping[int, ResponseRow], response: int | None, sign: int) -> ResponseRow | None:
    """The response as it was (`sign` -1) or is; None where it is unknown, or was not there before."""
    row = None if response is None else responses.get(response)
    return row.before if row is not None and sign < 0 else row


def _add(parts: dict[Key, list[Sums]], key: Key, sums: Sums, sign: int) -> None:
    part = sums if sign > 0 else tuple([-amount for amount in sums])
    known = parts.get(key)
    if known is None:
        parts[key] = [part]
    else:
        known.append(part)


def _added_up(parts: dict[Key, list[Sums]]) -> Totals:
    """The sums of each key, added column by column, where they are not all 0."""
    added = [(key, tuple(map(sum, zip(*sums, strict=True)))) for key, sums in parts.items()]
    return [(*key, *sums) for key, sums in added if any(sums)]
