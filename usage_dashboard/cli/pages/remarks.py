"""Format the remarks on a page's figures as its last lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli.terminal import layout
from usage_dashboard.reports.wording.remarks import list_doubts, list_remarks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.reports.window_usage import WindowUsage


def format_remarks(usage: WindowUsage, width: int) -> list[StyledLine]:
    """All remarks on `usage`, after an empty line; no lines if there are none."""
    lines = _warning_lines(list_remarks(usage), width)
    return [[], *lines] if lines else []


def format_doubts(usage: WindowUsage, width: int) -> list[StyledLine]:
    """The remarks without those on background calls, for a page that shows these itself."""
    return _warning_lines(list_doubts(usage), width)


def _warning_lines(texts: Iterable[str], width: int) -> list[StyledLine]:
    return [line for text in texts for line in layout.wrap_text(text, width, "warn")]
