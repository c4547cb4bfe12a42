"""How much the next call is likely to use, judging by the last ones of its kind."""

from __future__ import annotations

from usage_dashboard.aggregator import sum_buckets
from usage_dashboard.limits import current
from usage_dashboard.model import humanize
from usage_dashboard.model.limit_names import limit_period
from usage_dashboard.store.read.past_runs import read_agent_runs, read_tool_runs
from usage_dashboard.store.read.totals import Span, read_sums

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.hook.event import Event
    from usage_dashboard.model.allowance import Limit
    from usage_dashboard.store.write.labels import Labels

AGENTS = ("Agent", "Task")
USUAL_AGENT = "general-purpose"
LEAST_RUNS = 3
LEAST_POINTS = 5_000
"""Thousandths of a percent that a window must be seen to climb before a share per call can be given."""


def next_call_message(db: Connection, event: Event, labels: Labels, per_nusd: float, window: str) -> str:
    """Return `Agent (Explore) took a median 1.8% of the week …`; empty if too few such calls are known.

    In percent of the limit `window`, of which a nano-USD takes `per_nusd`; in tokens if that is 0.
    """
    tool = labels.bounded("tool", event.tool_name)
    if event.tool_name in AGENTS:
        agent = labels.bounded("agent", event.asked_agent or USUAL_AGENT)
        name, runs = f"{tool} ({agent})", read_agent_runs(db, agent)
    else:
        name, runs = tool, read_tool_runs(db, tool)
    if len(runs) < LEAST_RUNS:
        return ""
    costs = [run.cost for run in runs]
    if per_nusd and None not in costs:
        middle, worst = _middle_and_worst([cost or 0 for cost in costs])
        took, most = (_format_share(nusd * per_nusd) for nusd in (middle, worst))
        took += f" of {limit_period(window)}"
        return f"{name} took a median {took} in your last {len(runs)} runs, {most} at most (estimate)"
    took, most = map(humanize.format_tokens, _middle_and_worst([run.tokens for run in runs]))
    return f"{name} took a median {took} tokens in your last {len(runs)} runs, {most} at most"


def points_per_nusd(db: Connection, folder: int, limit: Limit) -> float:
    """Return the thousandths of a percent that a nano-USD of this machine's usage took; 0 if unknown.

    By estimated cost rather than by tokens: a cache read and an output token of the same model differ
    two hundredfold in price, and the limit follows the price.
    """
    since_us, until_us, points = current.observed_climb(db, folder, limit)
    if points < LEAST_POINTS:
        return 0.0
    spent = sum_buckets(read_sums(db, Span(db, since_us, until_us)))
    return points / spent.cost_nusd if spent.cost_nusd and not spent.unpriced else 0.0


def _middle_and_worst(amounts: list[int]) -> tuple[int, int]:
    ordered = sorted(amounts)
    return ordered[len(ordered) // 2], ordered[-1]


def _format_share(points: float) -> str:
    return f"{points / 1000:.1f}%" if points >= 50 else "less than 0.1%"
