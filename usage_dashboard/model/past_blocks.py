"""The 5-hour blocks of the past: by the resets that were observed, else by the use on this machine."""

from __future__ import annotations

from bisect import bisect_left

from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.model.windows import HOUR_US, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LENGTH_US = 5 * HOUR_US


def block_before(before_us: int, resets_us: Sequence[int], busy_us: Iterable[int]) -> Window | None:
    """The last block with any use that began before `before_us`, where it ends at the latest.

    `resets_us` are the resets that were observed and `busy_us` the quarters of an hour with any use, both
    in the order of time. None if nothing was used before.
    """
    since_us = until_us = -1
    source = "first-use"
    for at_us in busy_us:
        if at_us >= before_us:
            break
        reset_us = _observed_reset(at_us, resets_us)
        if reset_us is not None and reset_us - LENGTH_US < before_us:
            since_us, until_us, source = reset_us - LENGTH_US, reset_us, "observed"
        elif at_us >= until_us:
            since_us, until_us, source = at_us, at_us + LENGTH_US, "first-use"
    if until_us < 0:
        return None
    block = Window("5h", since_us, min(until_us, before_us))
    block.reset_at_us, block.reset_source = block.until_us, source
    return block


def _observed_reset(at_us: int, resets_us: Sequence[int]) -> int | None:
    """The last observed reset of a block that the quarter of an hour at `at_us` has a part in."""
    place = bisect_left(resets_us, at_us + BUCKET_US + LENGTH_US)
    return resets_us[place - 1] if place and resets_us[place - 1] > at_us else None
