"""The failures that a user can act on.

Everything else that goes wrong is a bug and keeps its traceback::

    UsageDashboardError        exit 1: one sentence and a hint that can be pasted
    ├── SettingsError          a settings.json or config.json that cannot be used as it is
    └── LedgerError            the ledger cannot be opened, read or written
        └── NewerLedgerError   written by a release that this one does not understand
"""


class UsageDashboardError(Exception):
    """An expected failure: one sentence for the user, and what to do about it.

    `hint` is shown on a second line that starts with `hint:`; it names a command or an edit.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SettingsError(UsageDashboardError):
    """A settings file holds something that cannot be used; it was left as it is."""


class LedgerError(UsageDashboardError):
    """The ledger cannot be opened, read or written."""


class NewerLedgerError(LedgerError):
    """The ledger was written by a later release, in a format that this one does not know."""
