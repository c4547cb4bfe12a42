"""The windows of time that the user means by a week, a block, a day or a month: one answer for everybody.

Hooks, reports, budgets and limits all ask here. A machine may have several Claude Code folders, each with
an account whose week resets at an hour of its own, while a budget is the user's own, over all of them.
So the answer does not depend on the session that asks: a hook in one session and a command in another shell
with the same `CLAUDE_CONFIG_DIR` are given the same week.

The folder that decides is the one that `CLAUDE_CONFIG_DIR` chooses. Without it, it is the first that
`setup` recorded (`roots`), then the one whose percentages were read first, among those that were read in
the last two weeks; among all of them where none was. It stays the same while the user goes back and forth
between accounts, and an account that was given up lets go.
"""

from __future__ import annotations

from usage_dashboard.config.paths import chosen_claude_folder
from usage_dashboard.limits.current import folder_id, last_reset_us
from usage_dashboard.model.allowance import group_by_window
from usage_dashboard.model.limit_names import FIVE_HOUR, WEEKLY
from usage_dashboard.model.windows import WEEK_US, block_window, resolve_window
from usage_dashboard.runtime.os_light import real_path
from usage_dashboard.store.limits.readings import list_series, read_folders, read_readings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from sqlite3 import Connection

    from usage_dashboard.config.settings import Settings
    from usage_dashboard.model.windows import Window, Zone

GIVEN_UP_US = 2 * WEEK_US
"""A folder whose percentages were last read longer ago than this lets another one decide."""


class Resets:
    """When the user's week and 5-hour block were last seen to reset, however long ago; None if never."""

    __slots__ = ("block_us", "week_us")

    def __init__(self, week_us: int | None = None, block_us: int | None = None) -> None:
        self.week_us = week_us
        self.block_us = block_us


def user_folder(db: Connection, roots: Sequence[str], now_us: int) -> int | None:
    """Return the id of the folder that decides about the user's windows; None if no percentage was ever read.

    `roots` are the folders that `setup` recorded, in their order. `CLAUDE_CONFIG_DIR` goes before them.
    """
    known = read_folders(db)
    chosen = chosen_claude_folder() if known else ""
    if chosen:
        return folder_id(db, chosen)
    if len(known) < 2:
        return known[0][0] if known else None
    recorded = [folder_id(db, real_path(root)) for root in roots]

    def rank(entry: tuple[int, int]) -> tuple[bool, int]:
        folder, seen_us = entry
        return seen_us < now_us - GIVEN_UP_US, recorded.index(folder) if folder in recorded else len(recorded)

    return min(known, key=rank)[0]  # of equals the first: the one that was read first


def observed_resets(db: Connection, roots: Sequence[str], now_us: int) -> Resets:
    """Return the resets that were observed in the folder that decides (`user_folder`)."""
    folder = user_folder(db, roots, now_us)
    if folder is None:
        return Resets()
    return Resets(last_reset_us(db, folder, WEEKLY), last_reset_us(db, folder, FIVE_HOUR))


def observed_blocks(db: Connection, roots: Sequence[str], now_us: int) -> list[int]:
    """Every reset of a 5-hour block that was observed in the folder that decides, in the order of time."""
    folder = user_folder(db, roots, now_us)
    if folder is None:
        return []
    known = (
        stretch.resets_us
        for series in list_series(db, folder)
        for stretch in group_by_window(read_readings(db, series, FIVE_HOUR))
    )
    return sorted(reset_us for reset_us in set(known) if reset_us)


def user_window(
    name: str, at_us: int, zone: Zone, settings: Settings, resets: Resets, busy_us: Iterable[int] = ()
) -> Window:
    """Return the window called `name` (see `model.windows.NAMES`) around `at_us`.

    `busy_us` are the quarter-hours with usage, which a block without an observed reset begins with.

    Raises:
        ValueError: no window is called that, or the weekly reset is in an unknown zone.
    """
    if name == "5h":
        return block_window(at_us, resets.block_us, busy_us)
    return resolve_window(name, at_us, zone, settings.weekly_reset, resets.week_us)
