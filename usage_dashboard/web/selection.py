"""The choice of window and filters, which the address of the page holds too."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from usage_dashboard.aggregator import Report

WINDOWS = {
    "week": "This week",
    "day": "Today",
    "month": "This month",
    "all": "All time",
    "5h": "5-hour block",
    "1H": "Last hour",
    "3H": "Last 3 hours",
    "6H": "Last 6 hours",
    "12H": "Last 12 hours",
    "24H": "Last 24 hours",
    "3D": "Last 3 days",
    "7D": "Last 7 days",
    "1M": "Last 30 days",
}
FILTERS = ("project", "model", "agent", "channel")
EVERYTHING = ""
WIDTHS = {"window": 190}
"""Pixels."""


def chosen_window() -> str:
    """Show the choice of windows; return the name of the chosen one."""
    return show_choice("Window", "window", list(WINDOWS), WINDOWS.__getitem__)


def chosen_filters() -> dict[str, tuple[str, ...]]:
    """The filters that the address sets."""
    values = {key: _value_in_address(key) for key in FILTERS}
    return {key: (value,) for key, value in values.items() if value}


def show_filters(report: Report) -> None:
    """Show each filter as a choice among the names in `report`."""
    names = {
        "project": report.projects,
        "model": report.models,
        "agent": {name for name, _, _ in report.agents},
        "channel": report.channels,
    }
    for key in FILTERS:
        some = sorted({*names[key], _value_in_address(key)} - {EVERYTHING})
        show_choice(key.capitalize(), key, [EVERYTHING, *some], partial(_filter_label, key))


def show_choice(label: str, key: str, options: Sequence[str], label_of: Callable[[str], str]) -> str:
    """Show a choice of `options`; return the chosen one, by default the first unless the address has another.

    The address follows the choice, and the choice follows the address when the browser goes back.
    """
    value = _value_in_address(key)
    st.session_state[key] = value if value in options else options[0]
    chosen = st.selectbox(
        label,
        options,
        key=key,
        format_func=label_of,
        on_change=_write_to_address,
        args=(key, options[0]),
        width=WIDTHS.get(key, "stretch"),
    )
    if key in st.query_params and chosen == options[0]:
        del st.query_params[key]
    return chosen


def _filter_label(key: str, name: str) -> str:
    return name or f"All {key}s"


def _value_in_address(key: str) -> str:
    """The value of `key` in the address, `EVERYTHING` if it is not there."""
    return str(st.query_params.get(key, EVERYTHING))


def _write_to_address(key: str, default: str) -> None:
    """Write what was just chosen into the address; the default needs no mention there."""
    chosen = st.session_state[key]
    if chosen == default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = chosen
