"""A snapshot of `live` as a screen of lines that fits, and as one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli.pages import blocks, budget_lines, calls
from usage_dashboard.cli.pages.limits import allowances
from usage_dashboard.cli.pages.live_snapshot import BURN_MINUTES, CALLS_MOST
from usage_dashboard.cli.pages.remarks import remarks
from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import Column, Row
from usage_dashboard.model import humanize
from usage_dashboard.reports.wording import numbers
from usage_dashboard.reports.wording.limits import limit_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.cli.pages.live_snapshot import Snapshot
    from usage_dashboard.cli.terminal.layout import Cell, Line
    from usage_dashboard.limits.budget import State

KEYS = "q quits"
LAGS = "The ledger cannot be written just now; `usage-dashboard doctor` tells why"
MODELS_MOST, MODELS_LEAST = 4, 2
CALLS_LEAST = 3

BUDGETS = (
    Column("", left=True),
    Column("", 2, style="bar", bars=True),
    Column("Used", 1, style="figure"),
    Column("Of limit", 3),
    Column("Status", left=True),
)


class Part:
    """A part of the screen: the `ways` to show it, the roomiest first, each with its rank.

    Where the screen is too low, the way with the highest rank gives way first; the last one of a part stays.
    """

    __slots__ = ("ways",)

    def __init__(self, *ways: tuple[int, list[Line]]) -> None:
        self.ways = list(ways)


def frame(snapshot: Snapshot, width: int, height: int | None) -> list[Line]:
    """The screen in at most `height` lines, or all there is to show."""
    foot = layout.spread((KEYS, "dim"), (_clock(snapshot), "dim"), width) if height is not None else []
    lines = _fitting(_parts(snapshot, width), None if height is None else height - len(foot) - 1)
    if height is None:
        return lines
    lines = lines[: height - len(foot)]
    return [*lines, *([] for _ in range(height - len(foot) - len(lines))), *foot]


def line(snapshot: Snapshot) -> Line:
    """All that matters in one line, for a pipe."""
    totals, window = snapshot.usage.report.totals, snapshot.usage.window
    period = numbers.describe_period(window, snapshot.reader.zone)
    facts = [_clock(snapshot)]
    if totals.calls:
        spent = numbers.format_cost(totals)
        facts += [f"{numbers.format_tokens(totals.total_tokens)} tokens {period}", f"{spent} est."]
        facts += [*_counts(snapshot), *_burn(snapshot)]
    else:
        facts.append(f"No data recorded {period}")
    limits = snapshot.reader.standing.limits
    facts += [f"{limit_name(limit.window)} {humanize.limit_percent(limit.used)}" for limit in limits]
    for state in snapshot.states:
        what = ", ".join(budget_lines.names(state.budget))
        facts.append(f"{what} {state.status} {humanize.percent(state.percent)}")
    return [(" · ".join(facts), "")]


def _parts(snapshot: Snapshot, width: int) -> list[Part]:
    """The parts from top to bottom."""
    reader, usage = snapshot.reader, snapshot.usage
    limits = allowances(reader, width)
    bars = [line for line in limits if line[0][0] != layout.GAP]  # what is set in is about the one above
    caps = _budgets(snapshot.states, snapshot, width)
    lags = layout.wrapped(LAGS, width, "warn") if snapshot.lags else []
    if not usage.report.totals.calls:
        nothing = blocks.nothing(reader, usage.window, width)
        return [Part((0, nothing)), Part((1, limits), (0, bars)), Part((0, caps)), Part((0, lags))]
    totals = usage.report.totals
    head = [
        *blocks.headline(totals, numbers.describe_period(usage.window, reader.zone), width),
        *layout.flowing([*_counts(snapshot), *_burn(snapshot)], width, "dim"),
    ]
    return [
        Part((0, head)),
        Part((1, blocks.kinds(totals, width)), (0, [])),
        Part((6, limits), (0, bars)),
        Part((0, caps)),
        Part(
            (5, _models(snapshot, MODELS_MOST, width)), (3, _models(snapshot, MODELS_LEAST, width)), (0, [])
        ),
        Part((4, _calls(snapshot, CALLS_MOST, width)), (2, _calls(snapshot, CALLS_LEAST, width)), (0, [])),
        Part((7, remarks(usage, width)[1:]), (0, [])),
        Part((0, lags)),
    ]


def _fitting(parts: list[Part], room: int | None) -> list[Line]:
    """The parts with an empty line between them, less roomy until all fits into `room` lines."""
    while True:
        shown = [part.ways[0][1] for part in parts]
        lines = [line for some in shown if some for line in ([], *some)][1:]
        smaller = [part for part in parts if len(part.ways) > 1]
        if room is None or len(lines) <= room or not smaller:
            return lines
        max(smaller, key=lambda part: part.ways[0][0]).ways.pop(0)


def _counts(snapshot: Snapshot) -> list[str]:
    """How long, how many."""
    totals, seconds = snapshot.usage.report.totals, snapshot.seconds
    found = [] if seconds is None else [numbers.format_duration(seconds)]
    return [*found, numbers.format_count(totals.tasks, "task"), numbers.format_count(totals.calls, "call")]


def _burn(snapshot: Snapshot) -> list[str]:
    """How fast it goes."""
    burn = snapshot.burn
    if not burn.totals.calls:
        return [f"idle for {BURN_MINUTES}m"]
    more = ">" if burn.nusd_per_hour is not None and burn.totals.unpriced else ""
    return [
        f"{numbers.format_tokens(burn.tokens_per_minute)} tokens/min",
        f"{more}{numbers.format_dollars(burn.nusd_per_hour)}/h",
    ]


def _budgets(states: Sequence[State], snapshot: Snapshot, width: int) -> list[Line]:
    if not states:
        return []
    rows = []
    for state in states:
        cells: list[Cell] = [
            ", ".join(budget_lines.names(state.budget)),
            state.percent / 100,
            humanize.percent(state.percent),
            budget_lines.used(state),
            state.status,
        ]
        rows.append(Row(cells, budget_lines.style(state, snapshot.reader)))
    return layout.table(BUDGETS, [("Budget", rows)], width)


def _models(snapshot: Snapshot, most: int, width: int) -> list[Line]:
    return blocks.overview([("By model", blocks.models(snapshot.usage.report, most))], width)


def _calls(snapshot: Snapshot, most: int, width: int) -> list[Line]:
    found, day_us = snapshot.calls[:most], snapshot.now_us
    if not found:
        return []
    return calls.table("Latest", found, snapshot.reader, width, day_us=day_us, projects=True)


def _clock(snapshot: Snapshot) -> str:
    return f"{snapshot.reader.zone.wall(snapshot.now_us):%H:%M:%S}"
