"""What a command that shows usage starts from: the ledger as it is now, and a bar for long readings."""

from __future__ import annotations

import sys
import time
from contextlib import closing

from usage_dashboard.cli.terminal.progress import ProgressBar
from usage_dashboard.reports.reader import LedgerReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.model.windows import Zone


class CommandReader(LedgerReader):
    """The ledger in a folder as it is seen now, in the `zone` of the settings unless one is given.

    Raises:
        SettingsError: `config.json` cannot be used.
    """

    def __init__(self, home: str = "", zone: Zone | None = None) -> None:
        super().__init__(home, time.time_ns() // 1000, zone)

    def sweep_with_progress(self, extra: tuple[str, ...] = (), *, quiet: bool = False) -> int:
        """Take what is new in the transcripts into the ledger; how many responses were new.

        A long reading shows how far it is, on a terminal and unless `quiet`.

        Raises:
            SettingsError: `config.json` cannot be used.
            LedgerError: the ledger is locked, full or damaged, or its folder cannot be written.
        """
        if quiet or not sys.stderr.isatty():
            return self.sweep(extra)
        with closing(ProgressBar()) as bar:
            return self.sweep(extra, bar)
