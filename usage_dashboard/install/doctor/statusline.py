"""Examines our status line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from usage_dashboard.install.doctor.finding import Finding
from usage_dashboard.install.statusline_entry import NAME, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usage_dashboard.install.doctor.settings_scopes import SettingsScope

SETUP = "usage-dashboard setup"
WITHOUT = "usage-dashboard limits --refresh"


def examine_statusline(expected: SettingsScope, above: Iterable[SettingsScope]) -> Iterator[Finding]:
    """Examine the status line in `expected`, which should be ours; `above` takes precedence over it."""
    if expected.statusline is not None:
        yield Finding("ok", "statusline", f"The status line is registered in `{expected.path}`")
        for scope in above:
            if NAME in scope.value and scope.statusline is None:
                message = f"The status line in `{scope.path}` is shown in place of ours"
                yield Finding("warning", "statusline", message, WITHOUT)
    elif NAME in expected.value:
        message = f"Another status line stands in `{expected.path}`, so limits are not recorded"
        chained = fields_of(expected.value) is not None and os.name != "nt"
        yield Finding("warning", "statusline", message, SETUP if chained else WITHOUT)
    else:
        message = f"Our status line is missing in `{expected.path}`, so limits are not recorded"
        yield Finding("warning", "statusline", message, SETUP)
