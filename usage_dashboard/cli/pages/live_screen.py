"""Format a snapshot of `live` as a screen that fits the terminal, or as one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli.pages import blocks, budget_lines, calls
from usage_dashboard.cli.pages.limits import format_limits
from usage_dashboard.cli.pages.live_snapshot import BURN_MINUTES, CALLS_MOST
from usage_dashboard.cli.pages.remarks import format_remarks
from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.model import humanize
from usage_dashboard.model.limit_names import limit_title
from usage_dashboard.reports.wording import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.cli.pages.live_snapshot import LiveSnapshot
    from usage_dashboard.cli.terminal.layout import StyledLine, TableCell
    from usage_dashboard.limits.budget import BudgetState

KEYS = "q quits"
LAGS = "The ledger cannot be written just now; `usage-dashboard doctor` tells why"
MODELS_MOST, MODELS_LEAST = 4, 2
CALLS_LEAST = 3

BUDGETS = (
    TableColumn("", left=True),
    TableColumn("", 2, style="bar", bars=True),
    TableColumn("Used", 1, style="figure"),
    TableColumn("Of limit", 3),
    TableColumn("Status", left=True),
)


class ScreenPart:
    """A part of the screen, and the ways to show it, the largest first, each with a rank.

    If the screen is too low, the way with the highest rank is dropped first; a part keeps its last one.
    """

    __slots__ = ("ways",)

    def __init__(self, *ways: tuple[int, list[StyledLine]]) -> None:
        self.ways = list(ways)


def format_screen(snapshot: LiveSnapshot, width: int, height: int | None) -> list[StyledLine]:
    """The screen in exactly `height` lines, or all parts if that is None."""
    foot = (
        layout.spread_line((KEYS, "dim"), (_clock_time(snapshot), "dim"), width) if height is not None else []
    )
    lines = _fit_parts(_screen_parts(snapshot, width), None if height is None else height - len(foot) - 1)
    if height is None:
        return lines
    lines = lines[: height - len(foot)]
    return [*lines, *([] for _ in range(height - len(foot) - len(lines))), *foot]


def format_one_line(snapshot: LiveSnapshot) -> StyledLine:
    """The snapshot in one line, for a pipe."""
    totals, window = snapshot.usage.report.totals, snapshot.usage.window
    period = numbers.describe_period(window, snapshot.reader.zone)
    facts = [_clock_time(snapshot)]
    if totals.calls:
        spent = numbers.format_cost(totals)
        facts += [f"{numbers.format_tokens(totals.total_tokens)} tokens {period}", f"{spent} est."]
        facts += [*_count_parts(snapshot), *_rate_parts(snapshot)]
    else:
        facts.append(f"No data recorded {period}")
    limits = snapshot.reader.limits_overview.limits
    facts += [f"{limit_title(limit.window)} {humanize.format_limit_percent(limit.used)}" for limit in limits]
    for state in snapshot.states:
        what = ", ".join(budget_lines.budget_parts(state.budget))
        facts.append(f"{what} {state.status} {humanize.format_percent(state.percent)}")
    return [(" · ".join(facts), "")]


def _screen_parts(snapshot: LiveSnapshot, width: int) -> list[ScreenPart]:
    """The parts of the screen from top to bottom."""
    reader, usage = snapshot.reader, snapshot.usage
    limits = format_limits(reader, width)
    bars = [line for line in limits if line[0][0] != layout.GAP]  # what is set in is about the one above
    caps = _budget_table(snapshot.states, snapshot, width)
    lags = layout.wrap_text(LAGS, width, "warn") if snapshot.lags else []
    lags += layout.wrap_text(reader.zone_problem, width, "warn") if reader.zone_problem else []
    if not usage.report.totals.calls:
        nothing = blocks.format_empty(reader, usage.window, width)
        return [
            ScreenPart((0, nothing)),
            ScreenPart((1, limits), (0, bars)),
            ScreenPart((0, caps)),
            ScreenPart((0, lags)),
        ]
    totals = usage.report.totals
    head = [
        *blocks.format_headline(totals, numbers.describe_period(usage.window, reader.zone), width),
        *layout.join_parts([*_count_parts(snapshot), *_rate_parts(snapshot)], width, "dim"),
    ]
    return [
        ScreenPart((0, head)),
        ScreenPart((1, blocks.format_kinds(totals, width)), (0, [])),
        ScreenPart((6, limits), (0, bars)),
        ScreenPart((0, caps)),
        ScreenPart(
            (5, _model_table(snapshot, MODELS_MOST, width)),
            (3, _model_table(snapshot, MODELS_LEAST, width)),
            (0, []),
        ),
        ScreenPart(
            (4, _call_table(snapshot, CALLS_MOST, width)),
            (2, _call_table(snapshot, CALLS_LEAST, width)),
            (0, []),
        ),
        ScreenPart((7, format_remarks(usage, width)[1:]), (0, [])),
        ScreenPart((0, lags)),
    ]


def _fit_parts(parts: list[ScreenPart], room: int | None) -> list[StyledLine]:
    """Join the parts with empty lines, after shrinking them until they fit into `room` lines."""
    while True:
        shown = [part.ways[0][1] for part in parts]
        lines = [line for some in shown if some for line in ([], *some)][1:]
        smaller = [part for part in parts if len(part.ways) > 1]
        if room is None or len(lines) <= room or not smaller:
            return lines
        max(smaller, key=lambda part: part.ways[0][0]).ways.pop(0)


def _count_parts(snapshot: LiveSnapshot) -> list[str]:
    """The duration and the number of tasks and calls."""
    totals, seconds = snapshot.usage.report.totals, snapshot.seconds
    duration = [] if seconds is None else [numbers.format_duration(seconds)]
    return [*duration, numbers.format_count(totals.tasks, "task"), numbers.format_count(totals.calls, "call")]


def _rate_parts(snapshot: LiveSnapshot) -> list[str]:
    """Tokens a minute and dollars an hour, or for how long nothing was used."""
    burn = snapshot.burn
    if not burn.totals.calls:
        return [f"idle for {BURN_MINUTES}m"]
    more = ">" if burn.nusd_per_hour is not None and burn.totals.unpriced else ""
    return [
        f"{numbers.format_tokens(burn.tokens_per_minute)} tokens/min",
        f"{more}{numbers.format_dollars(burn.nusd_per_hour)}/h",
    ]


def _budget_table(states: Sequence[BudgetState], snapshot: LiveSnapshot, width: int) -> list[StyledLine]:
    if not states:
        return []
    rows = []
    for state in states:
        cells: list[TableCell] = [
            ", ".join(budget_lines.budget_parts(state.budget)),
            state.percent / 100,
            humanize.format_percent(state.percent),
            budget_lines.format_used(state),
            state.status,
        ]
        rows.append(TableRow(cells, budget_lines.level_style(state, snapshot.reader)))
    return layout.lay_out_table(BUDGETS, [("Budget", rows)], width)


def _model_table(snapshot: LiveSnapshot, most: int, width: int) -> list[StyledLine]:
    return blocks.format_overview([("By model", blocks.top_models(snapshot.usage.report, most))], width)


def _call_table(snapshot: LiveSnapshot, most: int, width: int) -> list[StyledLine]:
    last_calls, day_us = snapshot.calls[:most], snapshot.now_us
    if not last_calls:
        return []
    return calls.format_calls("Latest", last_calls, snapshot.reader, width, day_us=day_us, projects=True)


def _clock_time(snapshot: LiveSnapshot) -> str:
    return numbers.format_clock(snapshot.now_us, snapshot.reader.zone)
