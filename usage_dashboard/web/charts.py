"""The charts: tokens by day and kind, and the last days as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from usage_dashboard.aggregator import Totals
from usage_dashboard.reports.wording import numbers
from usage_dashboard.reports.wording.days import days_of_window
from usage_dashboard.web.theme import ACCENT, KINDS

if TYPE_CHECKING:
    from datetime import date

    from usage_dashboard.reports.reader import LedgerReader
    from usage_dashboard.reports.window_usage import WindowUsage

FIELDS = {"Input": "input", "Output": "output", "Cache write": "cache_creation", "Cache read": "cache_read"}
WEEKDAYS_MOST = 10
"""With more days than these, weekdays have no room on the axis."""

PADDING = {"left": 0, "right": 0, "top": 0, "bottom": 0}

_AT = "toDate(datum.value + 'T00:00')"
_WEEKDAY, _DATE = f"timeFormat({_AT}, '%a %-d')", f"timeFormat({_AT}, '%b %-d')"
_SHORT = "replace(format(datum.value, '.3~s'), 'G', 'B')"
"""4.2M and 1.1B, as everywhere else."""


def daily_chart(usage: WindowUsage, reader: LedgerReader) -> Any:
    """Draw the tokens of each day of the window as bars, stacked by kind."""
    shown = _daily_totals(usage, reader)
    rows = [
        {**_day_fields(day), "kind": kind, "order": order, "tokens": getattr(totals, field)}
        for day, totals in shown
        for order, (kind, field) in enumerate(FIELDS.items())
    ]
    axis = alt.Axis(
        labelAngle=0,
        labelExpr=_WEEKDAY if len(shown) <= WEEKDAYS_MOST else _DATE,
        labelOverlap="greedy",
        labelSeparation=12,
        ticks=False,
        domainOpacity=0.3,
    )
    amounts = alt.Axis(labelExpr=_SHORT, tickCount=4, domain=False)
    colors = alt.Scale(domain=list(KINDS), range=list(KINDS.values()))
    legend = alt.Legend(title=None, orient="top", symbolType="circle")
    encoded = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(cornerRadius=1)
        .encode(
            x=alt.X("day:N", title=None, axis=axis, scale=alt.Scale(paddingInner=0.5, paddingOuter=0.25)),
            y=alt.Y("tokens:Q", title=None, axis=amounts),
            color=alt.Color("kind:N", scale=colors, legend=legend),
            order=alt.Order("order:Q"),
            tooltip=[
                _tooltip("named:N", "Day"),
                _tooltip("kind:N", "Kind"),
                _tooltip("tokens:Q", "Tokens", format=","),
            ],
        )
    )
    return encoded.properties(height=240, padding=PADDING, description=_describe("Tokens by day", shown))


def sparkline_chart(usage: WindowUsage, reader: LedgerReader) -> Any:
    """Draw the tokens of each of the last days as a line, with today marked."""
    shown = _daily_totals(usage, reader)
    rows = [
        {**_day_fields(day), "at": number, "tokens": totals.total_tokens}
        for number, (day, totals) in enumerate(shown)
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("at:Q", axis=None, scale=alt.Scale(nice=False)),
        y=alt.Y("tokens:Q", axis=None),
        tooltip=[_tooltip("named:N", "Day"), _tooltip("tokens:Q", "Tokens", format=",")],
    )
    area = base.mark_area(color=ACCENT, opacity=0.16, interpolate="monotone")
    line = base.mark_line(color=ACCENT, strokeWidth=1.5, interpolate="monotone")
    today = base.transform_filter(f"datum.at == {len(rows) - 1}").mark_circle(
        color=ACCENT, size=40, opacity=1
    )
    description = _describe("Tokens by day, the last 30 days", shown)
    return alt.layer(area, line, today).properties(height=64, padding=PADDING, description=description)


def _daily_totals(usage: WindowUsage, reader: LedgerReader) -> list[tuple[date, Totals]]:
    """Each day of the window with its totals, in order."""
    recorded = usage.report.days
    every = days_of_window(usage.window, reader.zone, reader.now_us, recorded)
    return [(day, recorded.get(day.isoformat(), Totals())) for day in every]


def _day_fields(day: date) -> dict[str, str]:
    return {"day": day.isoformat(), "named": f"{day:%a %b} {day.day}, {day.year}"}


def _tooltip(field: str, title: str, **more: Any) -> alt.Tooltip:
    return alt.Tooltip(field, title=title, **more)


def _describe(title: str, shown: list[tuple[date, Totals]]) -> str:
    """Describe the chart in words, for those who cannot see it."""
    if not shown:
        return f"{title}: none"
    day, most = max(shown, key=lambda item: item[1].total_tokens)
    total = numbers.format_tokens(sum(totals.total_tokens for _, totals in shown))
    on = f"{day:%b} {day.day}"
    return f"{title}: {total} in all, most on {on} with {numbers.format_tokens(most.total_tokens)}"
