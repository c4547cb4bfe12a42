"""The sessions of a window, and one of them in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from usage_dashboard.model.events import SECOND_US
from usage_dashboard.reports.wording import numbers
from usage_dashboard.reports.wording.remarks import list_remarks
from usage_dashboard.web import head, tables
from usage_dashboard.web.markup import Html, amount_html, table_html, tag
from usage_dashboard.web.selection import EVERYTHING, show_choice

if TYPE_CHECKING:
    from usage_dashboard.reports.reader import LedgerReader
    from usage_dashboard.reports.window_usage import WindowUsage
    from usage_dashboard.store.read.session_detail import StoredSession
    from usage_dashboard.web.cache import LedgerCache

LISTED = 12
ID_SHOWN = 8
HEADS = ("Session", "Project", "Started", "Duration", "Calls", "Tokens", "Cost")


def show_sessions(cache: LedgerCache, reader: LedgerReader, usage: WindowUsage) -> None:
    """Show the most recently active sessions, and the chosen one in full."""
    listed = cache.sessions(reader, usage)
    st.html(_session_table(listed, reader, usage))
    by_name = {session.name: session for session in listed}

    def label_of(name: str) -> str:
        return _session_label(by_name[name], reader, usage) if name else "No session"

    chosen = show_choice("Look into a session", "session", [EVERYTHING, *by_name], label_of)
    if chosen:
        _show_detail(cache, reader, by_name[chosen])


def _session_table(listed: list[StoredSession], reader: LedgerReader, usage: WindowUsage) -> Html:
    rows = [_table_row(session, reader, usage) for session in listed[:LISTED]]
    more = len(listed) - LISTED
    note = f"The last {LISTED} of {len(listed):,}; the others can be chosen below" if more > 0 else ""
    return table_html("Sessions", HEADS, rows, note)


def _table_row(session: StoredSession, reader: LedgerReader, usage: WindowUsage) -> tuple[str, ...]:
    totals = usage.report.sessions[session.name]
    return (
        tag("code", session.name[:ID_SHOWN]),
        session.project,
        numbers.format_short_time(session.first_us, reader.zone, reader.now_us),
        numbers.format_duration((session.last_us - session.first_us) // SECOND_US),
        f"{totals.calls:,}",
        amount_html(totals.total_tokens),
        numbers.format_cost(totals),
    )


def _session_label(session: StoredSession, reader: LedgerReader, usage: WindowUsage) -> str:
    tokens = numbers.format_tokens(usage.report.sessions[session.name].total_tokens)
    when = numbers.format_short_time(session.first_us, reader.zone, reader.now_us)
    return f"{when} · {session.project} · {tokens} tokens · {session.name[:ID_SHOWN]}"


def _show_detail(cache: LedgerCache, reader: LedgerReader, session: StoredSession) -> None:
    usage, marks = cache.session_usage(reader, session)
    report, totals = usage.report, usage.report.totals
    facts = (
        session.project,
        session.channel,
        numbers.format_moment(session.first_us, reader.zone),
        numbers.format_duration((session.last_us - session.first_us) // SECOND_US),
        f"{numbers.format_count(totals.calls, 'call')}, {numbers.format_count(totals.turns, 'turn')}",
    )
    parts = [
        tag("h2", "Session ", tag("code", session.name)),
        tag("p", amount_html(totals.total_tokens), " tokens · ", " · ".join(facts), class_="about"),
        head.figures_html(totals),
        tables.by_model(report),
        tables.by_agent(report),
        tables.by_tool(report),
    ]
    if marks:
        parts.append(tables.by_mark(marks))
    parts += [tag("p", text, class_="note") for text in list_remarks(usage)]
    st.html(tag("section", *parts, class_="session", aria_label=f"Session {session.name}"))
