"""The client's limits in words: their names, pace, and the source of a percentage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model import humanize
from usage_dashboard.model.allowance import WHOLE
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.model.limit_names import SOURCE_LABELS, WEEKLY
from usage_dashboard.reports.wording import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_dashboard.model.allowance import Limit
    from usage_dashboard.reports.reader import LedgerReader

ABOUT_ON_PACE = 0.05


def sort_limits(limits: list[Limit]) -> list[Limit]:
    """Sort limits: the week first, then weeks of single models, then the others."""
    return sorted(limits, key=lambda limit: (not limit.window.startswith(WEEKLY), limit.window))


def describe_limit(limit: Limit, reader: LedgerReader) -> Iterator[str]:
    """Yield the limit's reset, its pace, its projection, and the source and age of its percentage."""
    full_us, around, pace = limit.full_us(), limit.projected_range(), limit.pace()
    if limit.resets_us:
        when = numbers.format_moment(limit.resets_us, reader.zone)
        yield f"resets {when}, {numbers.format_time_until(limit.resets_us, reader.now_us)}"
    if full_us is not None and limit.used < WHOLE:
        yield f"used up {numbers.format_moment(full_us, reader.zone)} at this pace"
    elif pace is not None:
        yield "on pace" if abs(pace - 1) < ABOUT_ON_PACE else f"{pace:.0%} of an even pace"
    if around is not None:
        least, most = (humanize.format_limit_percent(end) for end in around)
        yield f"{least}{numbers.DASH}{most} as in your past weeks"
    age = numbers.format_duration(limit.age_us(reader.now_us) // SECOND_US)
    yield SOURCE_LABELS[limit.source] + ("" if limit.source == "estimate" else f", {age} ago")
