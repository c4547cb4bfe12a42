"""Recomputing stored costs for another price table, without reading a transcript again."""

from __future__ import annotations

from usage_dashboard.model import attribution
from usage_dashboard.model.attribution import shares
from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.model.rows import COUNTS
from usage_dashboard.model.totals import TotalsChange
from usage_dashboard.store.meta import read_price_fingerprint, rows_since_us
from usage_dashboard.store.write import rollup, stored_rows
from usage_dashboard.store.write.labels import Labels
from usage_dashboard.store.write.price_cache import change_price_table
from usage_dashboard.store.write.price_classes import Classes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

    from usage_dashboard.model.token_counts import PriceClass

    Cost = Callable[[PriceClass, int, tuple[int, ...]], tuple[int, int, int, int] | None]

AT_ONCE = 2000


def reprice(db: Connection, fingerprint: str, cost: Cost) -> bool:
    """Recompute all costs if they are not of the price table with this `fingerprint`; return whether it did.

    Rows and their totals move together. Totals without rows are priced from their sums, which can differ
    from the sum of rounded rows by a nano-dollar per call.
    """
    if read_price_fingerprint(db) == fingerprint:
        return False
    classes = Classes(db, Labels(db))
    ids = [row[0] for row in db.execute("SELECT id FROM response ORDER BY id")]
    for start in range(0, len(ids), AT_ONCE):
        _reprice_rows(db, ids[start : start + AT_ONCE], classes, cost)
    _reprice_totals(db, rows_since_us(db) // BUCKET_US, classes, cost)
    change_price_table(db, fingerprint)
    return True


def _reprice_rows(db: Connection, ids: list[int], classes: Classes, cost: Cost) -> None:
    """Price the responses `ids` and share their costs among their tool calls."""
    responses = stored_rows.read_responses(db, ids)
    tools = stored_rows.read_tools(db, "response", ids)
    for tool_id, tool in stored_rows.read_tools(db, "carrier", ids).items():
        tools.setdefault(tool_id, tool)
    relatives = {r for tool in tools.values() for r in (tool.response, tool.carrier) if r is not None}
    everything = {**stored_rows.read_responses(db, relatives - responses.keys()), **responses}
    change = TotalsChange()
    for row in responses.values():
        counts = tuple(getattr(row, name) for name in COUNTS)
        priced = cost(classes.key(row.class_id), row.at_us, counts)
        row.set_cost(priced)
    attribution.attribute(responses.values(), tools.values())
    for row in responses.values():
        change.add_response(row)
    for tool in tools.values():
        change.add_tool(tool, everything)
    stored_rows.write_responses(db, list(responses.values()))
    stored_rows.write_tools(db, list(tools.values()))
    rollup.write(db, change)


def _reprice_totals(db: Connection, before_bucket: int, classes: Classes, cost: Cost) -> None:
    """Price the totals before `before_bucket`, which have no rows any more, from their sums."""
    query = (
        f"SELECT bucket, session, kind, agent, class, calls, {', '.join(COUNTS)} FROM rollup WHERE bucket < ?"  # noqa: S608 - ours
    )
    update = (
        "UPDATE rollup SET unpriced = ?, cost = ?, cost_prompt = ?, cost_read = ?, savings = ?"
        " WHERE bucket = ? AND session = ? AND kind = ? AND agent = ? AND class = ?"
    )
    changes = []
    for values in db.execute(query, (before_bucket,)):
        key, calls, counts = values[:5], values[5], values[6:]
        priced = cost(classes.key(key[4]), key[0] * BUCKET_US, counts)
        changes.append((0 if priced else calls, *(priced or (0, 0, 0, 0)), *key))
    db.executemany(update, changes)
    _reprice_tools(db, before_bucket, classes, cost)


def _reprice_tools(db: Connection, before_bucket: int, classes: Classes, cost: Cost) -> None:
    """Price the shares of tools in the totals before `before_bucket` by their own tokens."""
    key = "bucket, session, kind, agent, class, tool, server"
    query = f"SELECT {key}, input, output, cache_creation, cache_1h FROM tool_rollup WHERE bucket < ?"  # noqa: S608 - ours
    update = (
        "UPDATE tool_rollup SET cost_output = ?, cost_prompt = ? WHERE bucket = ? AND session = ?"
        " AND kind = ? AND agent = ? AND class = ? AND tool = ? AND server = ?"
    )
    totals = _read_costs_to_share(db, before_bucket)
    groups: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for values in db.execute(query, (before_bucket,)):
        groups.setdefault(values[:5], []).append(values)
    changes = []
    for key_of_total, tools in groups.items():
        cost_output, left, output = totals.get(key_of_total, (0, 0, 0))
        # As with a response: its searches are charged to what wrote it.
        written = [values[8] for values in tools]
        for values, nusd in zip(tools, shares(cost_output, [*written, output - sum(written)]), strict=False):
            priced = cost(classes.key(values[4]), values[0] * BUCKET_US, (*values[7:], 0, 0))
            # Rounded one by one, shares could add up to more than the whole.
            prompt = min(priced[1] if priced else 0, left)
            left -= prompt
            changes.append((nusd if output else 0, prompt, *values[:7]))
    db.executemany(update, changes)


def _read_costs_to_share(db: Connection, before_bucket: int) -> dict[tuple[int, ...], tuple[int, int, int]]:
    """The cost of output and of fresh prompts, and the output, in each total before `before_bucket`."""
    query = (
        "SELECT bucket, session, kind, agent, class, cost - cost_prompt - cost_read, cost_prompt, output"
        " FROM rollup WHERE bucket < ?"
    )
    return {values[:5]: values[5:] for values in db.execute(query, (before_bucket,))}
