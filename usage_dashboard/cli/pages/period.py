"""The page of a period, most important first; what does not fit the screen is folded or left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli.pages import blocks, chart, costliest
from usage_dashboard.cli.pages.dimensions import group_totals
from usage_dashboard.cli.pages.hints import format_hint
from usage_dashboard.cli.pages.limits import format_limits
from usage_dashboard.cli.pages.remarks import format_doubts
from usage_dashboard.cli.terminal import layout, output
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.reports.wording import numbers, periods, ranking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_dashboard.aggregator import Totals
    from usage_dashboard.cli.pages.comparison import Comparison
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.model.windows import Window
    from usage_dashboard.reports.window_usage import WindowUsage

WIDE = 76
"""From so many columns on, a page has two halves."""

BARS_LEAST, PARTS_LEAST = 8, 2
"""Bars of a chart, and rows of each table beside it, that even the lowest screen has to take."""

COSTLIEST = 3

PART_HEADS = 3
"""Lines that the two tables beside a chart take besides their rows."""

PARTS = (
    TableColumn("", left=True),
    TableColumn("Tokens", style="figure"),
    TableColumn("Hits"),
    TableColumn("≈ Cost"),
)


def print_period(reader: CommandReader, window: Window, *, compare: bool, breakdown: bool) -> None:
    """Print the page of `window`, or say that nothing is recorded in it."""
    usage = reader.read_usage(window, day_of=chart.hour_namer(reader.zone) if window.name == "day" else None)
    compared = None
    if compare:
        from usage_dashboard.cli.pages.comparison import Comparison  # noqa: PLC0415 - seldom asked for

        compared = Comparison(reader, usage)
    width = output.page_width()
    page = PeriodPage(reader, usage, width, breakdown=breakdown, compared=compared)
    if ranking.has_usage(usage.report.totals):
        output.print_page(page.format_page())
    else:
        output.print_page(blocks.format_empty(reader, window, width, page.format_period_facts()))


class PeriodPage:
    """The page on the `usage` of a period, in `width` columns."""

    def __init__(
        self,
        reader: CommandReader,
        usage: WindowUsage,
        width: int,
        *,
        breakdown: bool,
        compared: Comparison | None,
    ) -> None:
        self._reader = reader
        self._usage = usage
        self._width = width
        self._breakdown = breakdown
        self._compared = compared
        self._window = usage.window
        self._present = periods.is_present(usage.window, reader.now_us)

    def format_page(self) -> list[StyledLine]:
        """The lines of the page."""
        head, tail = self._head_lines(), self._tail_lines()
        room = output.page_height() - len(head) - len(tail)
        body = self._two_columns(room) if self._width >= WIDE else self._one_column(room)
        return [*head, *body, *tail]

    def format_period_facts(self) -> list[StyledLine]:
        """The dates and limits of a period without usage."""
        dates = periods.describe_dates(self._reader, self._window)
        return [*layout.join_parts(dates, self._width, "dim"), *self._limit_lines()]

    def _head_lines(self) -> list[StyledLine]:
        report, width = self._usage.report, self._width
        limits, dates = self._limit_lines(), periods.describe_dates(self._reader, self._window)
        about = [
            numbers.format_count(report.totals.calls, "call"),
            numbers.format_count(report.totals.tasks, "session"),
        ]
        if len(dates) == 1:
            about, dates = [*dates, *about], []
        words = periods.describe_window(self._window, self._reader.zone)
        return [
            *limits,
            *([[]] if limits else []),
            *blocks.format_headline(report.totals, words, width, about),
            *layout.join_parts(dates, width, "dim"),
            *chart.format_legend(report.totals, width),
            *layout.join_parts(list(self._list_facts()), width),
            *(self._compared.format_summary(self._reader, width) if self._compared else []),
        ]

    def _tail_lines(self) -> list[StyledLine]:
        lines = [*format_hint(self._usage, self._width), *format_doubts(self._usage, self._width)]
        return [[], *lines] if lines else []

    def _limit_lines(self) -> list[StyledLine]:
        """The limits, if the period is the current one."""
        return format_limits(self._reader, self._width) if self._present else []

    def _list_facts(self) -> Iterator[str]:
        report = self._usage.report
        yield f"cache hit rate {numbers.format_share(report.totals.cache_hit_rate)}"
        yield f"{blocks.format_uncached_cost(report.totals)} without cache"
        hidden, unknown = report.background.total_tokens, report.background_unknown_sessions
        share = numbers.format_share(
            hidden / report.totals.total_tokens if report.totals.total_tokens else None
        )
        sessions = numbers.format_count(unknown, "session")
        if unknown and not hidden:
            yield f"background unknown ({sessions})"
        else:
            yield f"background {share}" + (f" ({sessions} unknown)" if unknown else "")

    def _two_columns(self, room: int) -> list[StyledLine]:
        """Chart and tables beside each other, and the costliest sessions and tools below them."""
        right = (self._width - len(layout.BESIDE)) // 2
        left = self._width - len(layout.BESIDE) - right
        lower = COSTLIEST + 2
        bars = self._chart_lines(room - 2 - lower, left)
        parts = self._part_tables(max(len(bars), room - 1 - lower) - PART_HEADS, right)
        upper = layout.place_beside(bars, parts, left)
        most = min(COSTLIEST, room - len(upper) - 3)
        if most < 1:
            return [[], *upper]
        report = self._usage.report
        sessions = costliest.costliest_sessions(self._reader, report, most, left)
        return [
            [],
            *upper,
            [],
            *layout.place_beside(sessions, costliest.costliest_tools(report, most, right), left),
        ]

    def _one_column(self, room: int) -> list[StyledLine]:
        """The same parts below each other, for a narrow screen."""
        report, width = self._usage.report, self._width
        lines = [[], *self._chart_lines(room, width), [], *self._part_tables(2 * COSTLIEST, width)]
        for table in (
            costliest.costliest_sessions(self._reader, report, COSTLIEST, width),
            costliest.costliest_tools(report, COSTLIEST, width),
        ):
            lines += [[], *table] if table else []
        return lines

    def _chart_lines(self, most: int, width: int) -> list[StyledLine]:
        zone, now_us, days = self._reader.zone, self._reader.now_us, self._usage.report.days
        if self._window.name == "day":
            return chart.format_bars(*chart.split_hours(self._window, zone, now_us), days, width)
        drawn = chart.split_days(self._window, zone, now_us, days, max(BARS_LEAST, most))
        return chart.format_bars(*drawn, days, width)

    def _part_tables(self, most: int, width: int) -> list[StyledLine]:
        """A table of models and projects in about `most` rows, but at least a few."""
        report = self._usage.report
        by_model = group_totals(report, "model", breakdown=self._breakdown)
        models = ranking.rank_by_tokens(
            (name.removeprefix("claude-"), totals) for (name,), totals in by_model.items()
        )
        projects = ranking.rank_by_tokens(report.projects.items())
        for_projects = min(len(projects), max(PARTS_LEAST, most // 2))
        models = ranking.fold_rest(models, max(PARTS_LEAST, most - for_projects))
        projects = ranking.fold_rest(projects, max(PARTS_LEAST, most - len(models)))
        tables = [("By model", models), ("By project", projects)]
        return layout.lay_out_table(
            PARTS, [(title, [_part_row(*row) for row in rows]) for title, rows in tables], width
        )


def _part_row(name: str, totals: Totals) -> TableRow:
    rate, cost = numbers.format_share(totals.cache_hit_rate), numbers.format_cost(totals)
    return TableRow([f"  {name}", numbers.format_tokens(totals.total_tokens), rate, cost])
