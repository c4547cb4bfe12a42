"""The page: a Streamlit script, run anew for every reader and every choice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from usage_dashboard.config import paths
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.reports.wording import empty, numbers
from usage_dashboard.reports.wording.remarks import sentences
from usage_dashboard.store.connection import is_locked
from usage_dashboard.web import charts, head, selection, sessions, tables
from usage_dashboard.web.cache import shared
from usage_dashboard.web.markup import tag

if TYPE_CHECKING:
    from usage_dashboard.reports.reader import LedgerReader
    from usage_dashboard.reports.window_usage import WindowUsage
    from usage_dashboard.web.cache import Ledger

REFRESH_SECONDS = 5 * 60
HERE = Path(__file__).parent
LOCKED = "Another program has locked the ledger; what was recorded since is not in these figures yet"
UNREADABLE_LOCKED = "Another program has locked the ledger, so that nothing can be read for now"
ESTIMATE = (
    "Costs are estimates at list prices; a subscription is not billed by them. "
    "Nothing on this page leaves this machine."
)


@st.fragment(run_every=REFRESH_SECONDS)
def body() -> None:
    """Everything that changes with the choice and with time."""
    ledger = shared(paths.ledger_home())
    try:
        _show(ledger)
    except UsageDashboardError as error:
        text = UNREADABLE_LOCKED if is_locked(error.__cause__) else str(error)
        _say(text, error.hint)


def _show(ledger: Ledger) -> None:
    reader = ledger.reader()
    stale = _take_new(ledger, reader)
    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="bottom", key="choice"
    ):
        st.html(tag("p", "Claude Code usage", class_="brand"))
        name = selection.window()
        chosen = selection.asked()
        with st.popover(f"Filters · {len(chosen)}" if chosen else "Filters"):
            selection.filters(ledger.usage(reader, reader.window_named(name)).report)
    usage = ledger.usage(reader, reader.window_named(name), selection.asked())
    if usage.report.totals.calls:
        _report(ledger, reader, usage)
    else:
        _nothing(reader, usage)
    for text in stale:
        st.html(tag("p", text, class_="remark", role="status"))
    shown = f"Shown as of {numbers.moment(reader.now_us, reader.zone)}; refreshed every 5 minutes."
    st.html(tag("footer", tag("p", ESTIMATE), tag("p", shown)))


def _take_new(ledger: Ledger, reader: LedgerReader) -> list[str]:
    """Read what is new; what kept us from it, where the page can be shown nevertheless."""
    try:
        ledger.take_new(reader)
    except UsageDashboardError as error:
        return [LOCKED if is_locked(error.__cause__) else f"{error}; `{error.hint}` tells more"]
    return []


def _report(ledger: Ledger, reader: LedgerReader, usage: WindowUsage) -> None:
    report = usage.report
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.html(head.headline(usage, reader))
    with right:
        st.altair_chart(charts.sparkline(ledger.recent(reader, selection.asked()), reader))
        st.html(tag("p", "Tokens by day, last 30 days", class_="about spark"))
    st.html(head.rings(reader))
    st.html(head.figures(report.totals))
    remarks = [tag("p", text) for text in sentences(usage)]
    if remarks:
        st.html(tag("section", *remarks, class_="remark", aria_label="Remarks"))
    with st.container(key="days"):
        st.html(tag("h2", "Tokens by day"))
        st.altair_chart(charts.by_day(usage, reader))
    for pair in ((tables.by_agent, tables.by_model), (tables.by_project, tables.by_channel)):
        for column, by in zip(st.columns(2), pair, strict=True):
            column.html(by(report))
    st.html(tables.by_tool(report))
    sessions.show(ledger, reader, usage)


def _nothing(reader: LedgerReader, usage: WindowUsage) -> None:
    state = reader.ledger_state()
    text, hint = empty.nothing(state, usage.window, reader.zone)
    if selection.asked() and state == "used":
        text, hint = f"{text} that the filters let through", "Choose other filters"
    _say(text, hint)
    if reader.standing.limits:
        st.html(head.rings(reader))


def _say(text: str, hint: str) -> None:
    """One sentence in place of the figures, and what to do about it."""
    st.html(tag("section", tag("h1", text), tag("p", tag("code", hint)), class_="card empty", role="status"))


st.set_page_config(page_title="Claude Code usage", page_icon=str(HERE / "icon.svg"), layout="wide")
st.html(HERE / "page.css")
body()
