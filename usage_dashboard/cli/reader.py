"""The reader of commands: reads the ledger as of now, with a progress bar for long sweeps."""

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
    """Reads the ledger in a folder as of now, in the given `zone` or that of the settings.

    A wrong `TZ` is reported on standard error.

    Raises:
        SettingsError: `config.json` cannot be used.
    """

    def __init__(self, home: str = "", zone: Zone | None = None) -> None:
        super().__init__(home, time.time_ns() // 1000, zone)
        if zone is None and self.zone_problem:
            sys.stderr.write(f"Warning: {self.zone_problem}\n")

    def sweep_with_progress(self, extra: tuple[str, ...] = (), *, quiet: bool = False) -> int:
        """Read new transcript lines into the ledger; return the number of new responses.

        A long sweep shows its progress on a terminal, unless `quiet`.

        Raises:
            SettingsError: `config.json` cannot be used.
            LedgerError: the ledger is locked, full or damaged, or its folder cannot be written.
        """
        if quiet or not sys.stderr.isatty():
            return self.sweep(extra)
        with closing(ProgressBar()) as bar:
            return self.sweep(extra, bar)
