"""`week`, `day` and `month`: what was used since the period began, on one screen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli import blocks, output, page, render
from usage_dashboard.cli.allowances import allowances
from usage_dashboard.cli.options import shows_usage
from usage_dashboard.cli.remarks import remarks
from usage_dashboard.cli.view import View
from usage_dashboard.envelope import envelope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.blocks import Figures
    from usage_dashboard.cli.page import Line
    from usage_dashboard.usage import Usage
    from usage_dashboard.windows import Window

GROUP_HEADS = 3
"""Lines that two groups take beside their rows."""

MODELS_LEAST = 2
PROJECTS_SHOWN = 7


@click.command()
@shows_usage()
def week(view: View, *, as_json: bool) -> None:
    """Show this week: what was used since the allowance began anew."""
    _show(view, "week", as_json=as_json)


@click.command()
@shows_usage()
def day(view: View, *, as_json: bool) -> None:
    """Show today."""
    _show(view, "day", as_json=as_json)


@click.command()
@shows_usage()
def month(view: View, *, as_json: bool) -> None:
    """Show this calendar month."""
    _show(view, "month", as_json=as_json)


def show_week(home: str) -> None:
    """Print the week's page of the ledger in the folder `home`, as it is."""
    _show(View(home), "week", as_json=False)


def _show(view: View, name: str, *, as_json: bool) -> None:
    usage = view.read(view.window(name))
    width = output.width()
    if as_json:
        output.show_json(envelope(usage, view.limits()))
    elif usage.report.totals.calls:
        output.show(_page(view, usage, width))
    else:
        about = [*_window_line(view, usage.window, width), *allowances(view, width)]
        output.show(blocks.nothing(view, usage.window, width, about))


def _page(view: View, usage: Usage, width: int) -> list[Line]:
    report, window = usage.report, usage.window
    head = [
        *blocks.headline(report.totals, render.period(window, view.zone), width),
        *_window_line(view, window, width),
        *allowances(view, width),
        [],
        *blocks.kinds(report.totals, width),
        [],
    ]
    said, parts = remarks(usage, width), _parts(view, usage)
    # Of what would not fit the screen, models are what is folded: a user has few of them.
    rows = output.height() - len(head) - len(said) - len(parts[1]) - GROUP_HEADS
    models = blocks.models(report, max(MODELS_LEAST, rows))
    return [*head, *blocks.overview([("By model", models), parts], width), *said]


def _window_line(view: View, window: Window, width: int) -> list[Line]:
    """From when to when, and when it starts anew."""
    until_us = window.until_us or view.now_us
    since = render.date(window.since_us, view.zone)
    if window.reset_source == "calendar":
        first = view.zone.wall(window.since_us)
        what = f"{first:%A}, {since}" if window.name == "day" else f"{first:%B %Y}"
        return page.flowing([what, f"ends {render.until(until_us, view.now_us)}"], width, "dim")
    reset = f"resets {render.moment(until_us, view.zone)}, {render.until(until_us, view.now_us)}"
    source = render.RESET_SOURCES[str(window.reset_source)]
    between = f"{since} {render.DASH} {render.date(until_us, view.zone)}"
    return page.flowing([between, reset, source], width, "dim")


def _parts(view: View, usage: Usage) -> tuple[str, Figures]:
    """The second group of the page: a week's days, a month's weeks, a day's projects."""
    if usage.window.name == "day":
        projects = blocks.ranked(usage.report.projects.items())
        return "By project", blocks.folded(projects, PROJECTS_SHOWN, "projects")
    days = list(_days(view, usage.window))
    found = usage.report.days
    if usage.window.name == "week":
        return "By day", [(f"{d:%a %b} {d.day:>2}", found.get(d.isoformat())) for d in days]
    return "By week", _weeks(days, found)


def _days(view: View, window: Window) -> Iterator[date]:
    """Each day of the window up to now, by the clocks of the user's zone."""
    last_us = min(view.now_us, (window.until_us or view.now_us + 1) - 1)
    found, last = view.zone.wall(window.since_us).date(), view.zone.wall(last_us).date()
    while found <= last:
        yield found
        found += timedelta(days=1)


def _weeks(days: list[date], found: dict[str, Totals]) -> Figures:
    """The days of a month in weeks that begin on Monday."""
    weeks: dict[date, list[date]] = {}
    for d in days:
        weeks.setdefault(d - timedelta(days=d.weekday()), []).append(d)
    figures: list[tuple[str, Totals | None]] = []
    for some in weeks.values():
        first, last = some[0], some[-1]
        name = f"{first:%b} {first.day}" + (f" {render.DASH} {last.day}" if last > first else "")
        recorded = [found[d.isoformat()] for d in some if d.isoformat() in found]
        figures.append((name, blocks.added(recorded) if recorded else None))
    return figures
