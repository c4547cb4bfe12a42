"""The quarter-hour totals of new rows, added up column by column."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from usage_dashboard.model.events import BUCKET_US

if TYPE_CHECKING:
    from usage_dashboard.store.write.rows import Values

    Totals = list[tuple[int, ...]]
    """Place and sums of each, as `store.rollup` has them."""

    Parts = defaultdict[tuple[int, ...], list[tuple[int, ...]]]


FREE = (0, 0, 0, 0)


def totals(responses: list[Values], tools: list[Values]) -> tuple[Totals, Totals]:
    """What `store.rollup.Change` adds up of rows that are new; `tools` hang off none but `responses`."""
    places: dict[int, tuple[int, ...]] = {}
    spent: Parts = defaultdict(list)
    for (
        id_, _, session, _, kind, agent, class_, at_us, fresh, output, creation, hour, read, thinking,
        searches, calls, incomplete, _, _, _, _, cost, prompt, cached, savings, _, _, _,
    ) in responses:  # fmt: skip
        place = places[id_] = (at_us // BUCKET_US, session, kind, agent, class_)
        unpriced, paid = (calls, FREE) if cost is None else (0, (cost, prompt, cached, savings))
        sums = (
            calls,
            incomplete,
            unpriced,
            fresh,
            output,
            creation,
            hour,
            read,
            thinking or 0,
            searches,
            *paid,
        )
        spent[place].append(sums)
    shared: Parts = defaultdict(list)
    for (
        _, response, carrier, _, _, tool, server, _, _, _, failed, output, fresh, creation, hour, cost_output,
        cost_prompt, _,
    ) in tools:  # fmt: skip
        shared[(*places[response], tool, server)].append((1, failed or 0, output, 0, 0, 0, cost_output, 0))
        if carrier is not None:
            shared[(*places[carrier], tool, server)].append((0, 0, 0, fresh, creation, hour, 0, cost_prompt))
    return _summed(spent), _summed(shared)


def _summed(parts: Parts) -> Totals:
    return [(*place, *map(sum, zip(*sums, strict=True))) for place, sums in parts.items()]
