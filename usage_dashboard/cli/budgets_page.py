"""Budgets as lines of a page: what is used of each, and how its past periods went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard import words
from usage_dashboard.allowance import LEVEL_NAMES
from usage_dashboard.cli import blocks, page
from usage_dashboard.cli.page import Column, Row
from usage_dashboard.config import settings
from usage_dashboard.config.checks import KINDS
from usage_dashboard.screen import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.budget import Budget, State
    from usage_dashboard.cli.budgets import Spent
    from usage_dashboard.cli.page import Cell, Line
    from usage_dashboard.cli.view import View

BAR_ROOM = 56
"""Columns of a wide line that are no bar."""

HISTORY = (
    Column("", left=True),
    Column("", 2, style="bar", bars=True),
    Column("Used", 1, style="figure"),
    Column("Of limit"),
    Column("Status", left=True),
)

_LAST = {"daily": "yesterday", "weekly": "last week", "monthly": "last month"}
_NOW = {"daily": "today", "weekly": "this week", "monthly": "this month"}


def names(budget: Budget) -> list[str]:
    """What a budget is of: its period, and whatever narrows it."""
    source = f" ({budget.variable})" if budget.variable else ""
    found = [f"{budget.period.capitalize()} budget{source}"]
    if budget.project:
        found.append(f"project {budget.project}")
    if budget.model:
        found.append(f"model {budget.model}")
    if budget.kinds != KINDS:
        found.append(" + ".join(kind.replace("_", " ") for kind in budget.kinds) + " tokens")
    return found


def amount(budget: Budget, count: int) -> str:
    """An amount in the budget's unit: `$12.50`, `4.2M tokens`."""
    return render.dollars(count) if budget.in_dollars else f"{render.tokens(count)} tokens"


def used(state: State) -> str:
    """What is used of the limit: `4.2M of 40.0M tokens`, `>$3.20 of $20.00` where costs are not known."""
    return f"{_figure(state)} of {amount(state.budget, state.budget.limit)}"


def left(state: State) -> str:
    """What remains of the limit, or how far beyond it the use is."""
    return f"{amount(state.budget, abs(state.remaining))} {'over' if state.remaining < 0 else 'left'}"


def style(state: State, view: View) -> str:
    """The color of a state's level."""
    return LEVEL_NAMES[state.level(settings.numbers_of(view.config, "alerts.levels"))]


def block(state: State, view: View, width: int) -> list[Line]:
    """A budget as a few lines of a page."""
    color = style(state, view)
    *head, last = page.flowing(names(state.budget), width, "title")
    status = (f"{state.status} {words.percent(state.percent)}", color)
    size = max(page.BAR_LEAST, min(page.BAR_MOST, width - BAR_ROOM))
    bar = (page.padded(page.bar(state.percent / 100, size), size, left=True), color)
    figures = f"{used(state)}, {left(state)}"
    fits = size + len(page.GAP) + page.cells(figures) <= width
    return [
        *head,
        *page.spread(last[0], status, width),
        *([[bar, (page.GAP, ""), (figures, "")]] if fits else [[bar], *page.wrapped(figures, width)]),
        *page.flowing(_outlook(state, view), width, "dim"),
    ]


def comparison(last: State, now: State, width: int) -> list[Line]:
    """A budget beside what the period before came to, with a warning where it would not hold."""
    budget = last.budget
    period = _LAST[budget.period]
    what = [*names(budget), amount(budget, budget.limit), f"warns at {budget.warn_percent}%"]
    before = f"Nothing that it counts is recorded of {period}"
    if last.used or last.unpriced:
        before = f"{period.capitalize()}: {used(last)} ({words.percent(last.percent)})"
    lines = [*page.flowing(what, width, "title"), *page.wrapped(before, width)]
    if last.status == "EXCEEDED":
        lines += page.wrapped(f"Warning: {period} would have exceeded it", width, "warn")
    if now.status == "EXCEEDED":
        so_far = f"{used(now)} are used {_NOW[budget.period]}"
        lines += page.wrapped(f"Warning: it is exceeded already: {so_far}", width, "warn")
    return lines


def verdict(state: State, view: View, width: int) -> list[Line]:
    """A budget as one sentence that its status begins."""
    what = ", ".join(names(state.budget))
    share = words.percent(state.percent)
    resets = render.moment(state.window.until_us or view.now_us, view.zone)
    text = f"{state.status}: {what}: {used(state)} ({share}), {left(state)}; resets {resets}"
    return page.wrapped(text, width, style(state, view))


def table(budget: Budget, periods: Sequence[Spent], view: View, width: int) -> list[Line]:
    """The past periods of a budget against its present limit."""
    head = page.flowing([*names(budget), amount(budget, budget.limit)], width, "title")
    if not periods:
        return [*head, *page.wrapped("No earlier period is recorded", width, "dim")]
    rows = [_row(spent.state(budget), view) for spent in periods]
    return [*head, *page.table(HISTORY, [("From", rows)], width)]


def remarks(states: Sequence[State], view: View, width: int, *, approximate: bool) -> list[Line]:
    """Where the figures are from, after an empty line, and what a reader has to know about them."""
    in_dollars = any(state.budget.in_dollars for state in states)
    source = "From this machine's own records" + ("; costs are estimates" if in_dollars else "")
    lines = page.wrapped(source, width, "dim")
    unpriced = {state.unpriced for state in states} - {0}
    if unpriced:
        most = ("up to " if len(unpriced) > 1 else "") + render.count(max(unpriced), "call")
        lines += page.wrapped(f"Costs leave out {most} of unpriced models", width, "warn")
    if approximate:
        text = "Quarter-hours at the edges are counted in full where single calls are no longer kept"
        lines += page.wrapped(text, width, "warn")
    if view.state() != "used":
        lines += blocks.nothing(view, view.window("all"), width)
    return [[], *lines]


def _outlook(state: State, view: View) -> list[str]:
    """When the period ends, and what it comes to by then."""
    until_us = state.window.until_us or view.now_us
    found = [f"resets {render.moment(until_us, view.zone)}, {render.until(until_us, view.now_us)}"]
    if state.budget.period == "weekly":
        found.append(render.RESET_SOURCES[str(state.window.reset_source)])
    projected = state.projected(view.now_us)
    if projected is not None:
        share = words.percent(projected * 100 / state.budget.limit)
        found.append(f"projection {amount(state.budget, projected)} by then ({share})")
    return found


def _row(state: State, view: View) -> Row:
    wall = view.zone.wall(state.window.since_us)
    name = f"{wall:%b %Y}" if state.budget.period == "monthly" else f"{wall:%a %b} {wall.day:>2}"
    found: list[Cell] = [
        name,
        state.percent / 100,
        _figure(state),
        words.percent(state.percent),
        state.status,
    ]
    return Row(found, "" if state.status == "OK" else style(state, view))


def _figure(state: State) -> str:
    if not state.budget.in_dollars:
        return render.tokens(state.used)
    return (">" if state.unpriced else "") + render.dollars(state.used)
