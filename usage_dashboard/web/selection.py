"""What is looked at: the window and the filters, which are in the page's address too."""

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


def window() -> str:
    """The name of the window that is chosen."""
    return choose("Window", "window", list(WINDOWS), WINDOWS.__getitem__)


def asked() -> dict[str, tuple[str, ...]]:
    """The filters that are set, as the address has them."""
    found = {key: _chosen(key) for key in FILTERS}
    return {key: (value,) for key, value in found.items() if value}


def filters(report: Report) -> None:
    """Let each filter be chosen among the names in `report`."""
    names = {
        "project": report.projects,
        "model": report.models,
        "agent": {name for name, _, _ in report.agents},
        "channel": report.channels,
    }
    for key in FILTERS:
        some = sorted({*names[key], _chosen(key)} - {EVERYTHING})
        choose(key.capitalize(), key, [EVERYTHING, *some], partial(_named, key))


def choose(label: str, key: str, options: Sequence[str], words: Callable[[str], str]) -> str:
    """The one of `options` that is chosen, the first unless the address says another.

    The address follows the choice, and the choice follows the address where the browser went back.
    """
    found = _chosen(key)
    st.session_state[key] = found if found in options else options[0]
    chosen = st.selectbox(
        label,
        options,
        key=key,
        format_func=words,
        on_change=_note,
        args=(key, options[0]),
        width=WIDTHS.get(key, "stretch"),
    )
    if key in st.query_params and chosen == options[0]:
        del st.query_params[key]
    return chosen


def _named(key: str, name: str) -> str:
    return name or f"All {key}s"


def _chosen(key: str) -> str:
    """What the address says of `key`."""
    return str(st.query_params.get(key, EVERYTHING))


def _note(key: str, usual: str) -> None:
    """Have the address say what was just chosen."""
    chosen = st.session_state[key]
    if chosen == usual:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = chosen
