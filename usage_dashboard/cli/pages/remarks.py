"""The remarks on the figures of a page, as its last lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.cli.terminal import layout
from usage_dashboard.reports.wording.remarks import list_doubts, list_remarks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_dashboard.cli.terminal.layout import Line
    from usage_dashboard.reports.window_usage import WindowUsage


def remarks(usage: WindowUsage, width: int) -> list[Line]:
    """The remarks on a page of `usage`, after an empty line; nothing if there are none."""
    lines = _painted(list_remarks(usage), width)
    return [[], *lines] if lines else []


def doubts(usage: WindowUsage, width: int) -> list[Line]:
    """The remarks without those on background calls, for a page that has figures of them."""
    return _painted(list_doubts(usage), width)


def _painted(texts: Iterable[str], width: int) -> list[Line]:
    return [line for text in texts for line in layout.wrapped(text, width, "warn")]
