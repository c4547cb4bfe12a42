"""Format budgets as lines of a page: what is used of each, and its past periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli.pages import blocks
from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.config.checks import KINDS
from usage_dashboard.model import humanize
from usage_dashboard.model.allowance import LEVEL_NAMES
from usage_dashboard.model.limit_names import RESET_LABELS
from usage_dashboard.reports.wording import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.cli.pages.budget_state import PeriodUsage
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine, TableCell
    from usage_dashboard.limits.budget import Budget, BudgetState

BAR_ROOM = 56
"""Columns of a wide line beside its bar."""

HISTORY = (
    TableColumn("", left=True),
    TableColumn("", 2, style="bar", bars=True),
    TableColumn("Used", 1, style="figure"),
    TableColumn("Of limit"),
    TableColumn("Status", left=True),
)

_LAST = {"daily": "yesterday", "weekly": "last week", "monthly": "last month"}
_NOW = {"daily": "today", "weekly": "this week", "monthly": "this month"}


def budget_parts(budget: Budget) -> list[str]:
    """Name a budget by its period and by what narrows it."""
    source = f" ({budget.variable})" if budget.variable else ""
    parts = [f"{budget.period.capitalize()} budget{source}"]
    if budget.project:
        parts.append(f"project {budget.project}")
    if budget.model:
        parts.append(f"model {budget.model}")
    if budget.kinds != KINDS:
        parts.append(" + ".join(kind.replace("_", " ") for kind in budget.kinds) + " tokens")
    return parts


def format_amount(budget: Budget, count: int) -> str:
    """An amount in the budget's unit: `$12.50`, `4.2M tokens`."""
    return numbers.format_dollars(count) if budget.in_dollars else f"{numbers.format_tokens(count)} tokens"


def format_used(state: BudgetState) -> str:
    """What is used of the limit: `4.2M of 40.0M tokens`, `>$3.20 of $20.00` if costs are unknown."""
    return f"{_format_usage(state)} of {format_amount(state.budget, state.budget.limit)}"


def format_remaining(state: BudgetState) -> str:
    """What is left of the limit, or the usage over it."""
    return f"{format_amount(state.budget, abs(state.remaining))} {'over' if state.remaining < 0 else 'left'}"


def level_style(state: BudgetState, reader: CommandReader) -> str:
    """The style for the level of a budget."""
    return LEVEL_NAMES[state.level(reader.settings.alerts_levels)]


def format_budget(state: BudgetState, reader: CommandReader, width: int) -> list[StyledLine]:
    """The block of one budget."""
    color = level_style(state, reader)
    *head, last = layout.join_parts(budget_parts(state.budget), width, "title")
    status = (f"{state.status} {humanize.format_percent(state.percent)}", color)
    size = max(layout.BAR_LEAST, min(layout.BAR_MOST, width - BAR_ROOM))
    bar = (layout.pad_text(humanize.draw_bar(state.percent / 100, size), size, left=True), color)
    figures = f"{format_used(state)}, {format_remaining(state)}"
    fits = size + len(layout.GAP) + layout.display_width(figures) <= width
    return [
        *head,
        *layout.spread_line(last[0], status, width),
        *([[bar, (layout.GAP, ""), (figures, "")]] if fits else [[bar], *layout.wrap_text(figures, width)]),
        *layout.join_parts(_outlook_parts(state, reader), width, "dim"),
    ]


def format_comparison(last: BudgetState, now: BudgetState, width: int) -> list[StyledLine]:
    """A new budget beside the usage of the last period, with warnings if it is too low."""
    budget = last.budget
    period = _LAST[budget.period]
    what = [*budget_parts(budget), format_amount(budget, budget.limit), f"warns at {budget.warn_percent}%"]
    before = f"Nothing that it counts is recorded of {period}"
    if last.used or last.unpriced:
        before = f"{period.capitalize()}: {format_used(last)} ({humanize.format_percent(last.percent)})"
    lines = [*layout.join_parts(what, width, "title"), *layout.wrap_text(before, width)]
    if last.status == "EXCEEDED":
        lines += layout.wrap_text(f"Warning: {period} would have exceeded it", width, "warn")
    if now.status == "EXCEEDED":
        so_far = f"{format_used(now)} are used {_NOW[budget.period]}"
        lines += layout.wrap_text(f"Warning: it is exceeded already: {so_far}", width, "warn")
    return lines


def format_verdict(state: BudgetState, reader: CommandReader, width: int) -> list[StyledLine]:
    """One sentence on a budget, beginning with its status."""
    what = ", ".join(budget_parts(state.budget))
    share = humanize.format_percent(state.percent)
    resets = numbers.format_moment(state.window.until_us or reader.now_us, reader.zone)
    text = (
        f"{state.status}: {what}: {format_used(state)} ({share}), {format_remaining(state)}; resets {resets}"
    )
    return layout.wrap_text(text, width, level_style(state, reader))


def format_history(
    budget: Budget, periods: Sequence[PeriodUsage], reader: CommandReader, width: int
) -> list[StyledLine]:
    """A table of past periods against the budget's current limit."""
    head = layout.join_parts([*budget_parts(budget), format_amount(budget, budget.limit)], width, "title")
    if not periods:
        return [*head, *layout.wrap_text("No earlier period is recorded", width, "dim")]
    rows = [_history_row(spent.state(budget), reader) for spent in periods]
    return [*head, *layout.lay_out_table(HISTORY, [("From", rows)], width)]


def format_remarks(
    states: Sequence[BudgetState], reader: CommandReader, width: int, *, approximate: bool
) -> list[StyledLine]:
    """The source of the figures and their doubts, after an empty line."""
    in_dollars = any(state.budget.in_dollars for state in states)
    source = "From this machine's own records" + ("; costs are estimates" if in_dollars else "")
    lines = layout.wrap_text(source, width, "dim")
    unpriced = {state.unpriced for state in states} - {0}
    if unpriced:
        most = ("up to " if len(unpriced) > 1 else "") + numbers.format_count(max(unpriced), "call")
        lines += layout.wrap_text(f"Costs leave out {most} of unpriced models", width, "warn")
    if approximate:
        text = "Quarter-hours at the edges are counted in full where single calls are no longer kept"
        lines += layout.wrap_text(text, width, "warn")
    if reader.ledger_state() != "used":
        lines += blocks.format_empty(reader, reader.window_named("all"), width)
    return [[], *lines]


def _outlook_parts(state: BudgetState, reader: CommandReader) -> list[str]:
    """When the period ends, and the projected usage by then."""
    until_us = state.window.until_us or reader.now_us
    left = numbers.format_time_until(until_us, reader.now_us)
    parts = [f"resets {numbers.format_moment(until_us, reader.zone)}, {left}"]
    if state.budget.period == "weekly":
        parts.append(RESET_LABELS[str(state.window.reset_source)])
    projected = state.projected(reader.now_us)
    if projected is not None:
        share = humanize.format_percent(projected * 100 / state.budget.limit)
        parts.append(f"projection {format_amount(state.budget, projected)} by then ({share})")
    return parts


def _history_row(state: BudgetState, reader: CommandReader) -> TableRow:
    wall = reader.zone.wall(state.window.since_us)
    name = f"{wall:%b %Y}" if state.budget.period == "monthly" else f"{wall:%a %b} {wall.day:>2}"
    cells: list[TableCell] = [
        name,
        state.percent / 100,
        _format_usage(state),
        humanize.format_percent(state.percent),
        state.status,
    ]
    return TableRow(cells, "" if state.status == "OK" else level_style(state, reader))


def _format_usage(state: BudgetState) -> str:
    if not state.budget.in_dollars:
        return numbers.format_tokens(state.used)
    return (">" if state.unpriced else "") + numbers.format_dollars(state.used)
