"""Colors of the page, for light and dark."""

from __future__ import annotations

ACCENT = "#D97757"
KINDS = {
    "Input": "#7C8F78",
    "Output": ACCENT,
    "Cache write": "#C9A66B",
    "Cache read": "#B8B2A3",
}
"""The color of each kind of token."""

_SHARED = {"primaryColor": ACCENT, "baseRadius": "10px", "linkUnderline": False, "showWidgetBorder": True}
_LIGHT = {
    "backgroundColor": "#FAF9F5",
    "secondaryBackgroundColor": "#F3F1EA",
    "textColor": "#1F1E1D",
    "borderColor": "#E4E1D6",
}
_DARK = {
    "backgroundColor": "#1F1E1C",
    "secondaryBackgroundColor": "#2A2926",
    "textColor": "#F0EEE6",
    "borderColor": "#3B3934",
}

OPTIONS: dict[str, object] = {
    f"theme.{name}.{key}": value
    for name, colors in (("light", _LIGHT), ("dark", _DARK))
    for key, value in {**_SHARED, **colors}.items()
}
"""Streamlit's settings; the browser's preference decides between light and dark."""
