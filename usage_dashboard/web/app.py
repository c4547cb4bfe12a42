"""The page: a Streamlit script, run again for every visitor and every choice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from usage_dashboard.config import paths
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.reports.wording import empty, numbers
from usage_dashboard.reports.wording.remarks import list_remarks
from usage_dashboard.store.connection import is_locked
from usage_dashboard.web import charts, head, selection, sessions, tables
from usage_dashboard.web.cache import shared_cache
from usage_dashboard.web.markup import tag

if TYPE_CHECKING:
    from usage_dashboard.reports.reader import LedgerReader
    from usage_dashboard.reports.window_usage import WindowUsage
    from usage_dashboard.web.cache import LedgerCache

REFRESH_SECONDS = 5 * 60
HERE = Path(__file__).parent
LOCKED = "Another program has locked the ledger; what was recorded since is not in these figures yet"
UNREADABLE_LOCKED = "Another program has locked the ledger, so that nothing can be read for now"
ESTIMATE = (
    "Costs are estimates at list prices; a subscription is not billed by them. "
    "Nothing on this page leaves this machine."
)


@st.fragment(run_every=REFRESH_SECONDS)
def show_body() -> None:
    """Show everything that changes with the choice and with time."""
    cache = shared_cache(paths.ledger_home())
    try:
        _show_usage(cache)
    except UsageDashboardError as error:
        text = UNREADABLE_LOCKED if is_locked(error.__cause__) else str(error)
        _show_message(text, error.hint)


def _show_usage(cache: LedgerCache) -> None:
    reader = cache.new_reader()
    stale = _sweep(cache, reader)
    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="bottom", key="choice"
    ):
        st.html(tag("p", "Claude Code usage", class_="brand"))
        name = selection.chosen_window()
        chosen = selection.chosen_filters()
        with st.popover(f"Filters · {len(chosen)}" if chosen else "Filters"):
            selection.show_filters(cache.usage(reader, reader.window_named(name)).report)
    usage = cache.usage(reader, reader.window_named(name), selection.chosen_filters())
    if usage.report.totals.calls:
        _show_report(cache, reader, usage)
    else:
        _show_nothing(reader, usage)
    for text in (*stale, *filter(None, [reader.zone_problem])):
        st.html(tag("p", text, class_="remark", role="status"))
    shown = f"Shown as of {numbers.format_moment(reader.now_us, reader.zone)}; refreshed every 5 minutes."
    st.html(tag("footer", tag("p", ESTIMATE), tag("p", shown)))


def _sweep(cache: LedgerCache, reader: LedgerReader) -> list[str]:
    """Read what is new; return why that failed, if the page can be shown nevertheless."""
    try:
        cache.sweep(reader)
    except UsageDashboardError as error:
        return [LOCKED if is_locked(error.__cause__) else f"{error}; `{error.hint}` tells more"]
    return []


def _show_report(cache: LedgerCache, reader: LedgerReader, usage: WindowUsage) -> None:
    report = usage.report
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.html(head.headline_html(usage, reader))
    with right:
        st.altair_chart(
            charts.sparkline_chart(cache.recent_usage(reader, selection.chosen_filters()), reader)
        )
        st.html(tag("p", "Tokens by day, last 30 days", class_="about spark"))
    st.html(head.rings_html(reader))
    st.html(head.figures_html(report.totals))
    remarks = [tag("p", text) for text in list_remarks(usage)]
    if remarks:
        st.html(tag("section", *remarks, class_="remark", aria_label="Remarks"))
    with st.container(key="days"):
        st.html(tag("h2", "Tokens by day"))
        st.altair_chart(charts.daily_chart(usage, reader))
    for pair in ((tables.by_agent, tables.by_model), (tables.by_project, tables.by_channel)):
        for column, table_by in zip(st.columns(2), pair, strict=True):
            column.html(table_by(report))
    st.html(tables.by_tool(report))
    sessions.show_sessions(cache, reader, usage)


def _show_nothing(reader: LedgerReader, usage: WindowUsage) -> None:
    state = reader.ledger_state()
    text, hint = empty.describe_empty(state, usage.window, reader.zone)
    if selection.chosen_filters() and state == "used":
        text, hint = f"{text} that the filters let through", "Choose other filters"
    _show_message(text, hint)
    if reader.limits_overview.limits:
        st.html(head.rings_html(reader))


def _show_message(text: str, hint: str) -> None:
    """Show one sentence in place of the figures, and what to do about it."""
    st.html(tag("section", tag("h1", text), tag("p", tag("code", hint)), class_="card empty", role="status"))


st.set_page_config(page_title="Claude Code usage", page_icon=str(HERE / "icon.svg"), layout="wide")
st.html(HERE / "page.css")
show_body()
