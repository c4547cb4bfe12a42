"""What is right and wrong with our status line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from usage_dashboard.install.doctor.finding import Finding
from usage_dashboard.install.statusline import NAME, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usage_dashboard.install.doctor.settings_scopes import Source

SETUP = "usage-dashboard setup"
WITHOUT = "usage-dashboard limits --refresh"


def examine(place: Source, above: Iterable[Source]) -> Iterator[Finding]:
    """What is right and wrong with the status line in `place`, where ours is to stand.

    `above` are the settings that win over those.
    """
    if place.statusline is not None:
        yield Finding("ok", "statusline", f"The status line is registered in `{place.path}`")
        for source in above:
            if NAME in source.value and source.statusline is None:
                message = f"The status line in `{source.path}` is shown in place of ours"
                yield Finding("warning", "statusline", message, WITHOUT)
    elif NAME in place.value:
        message = f"Another status line stands in `{place.path}`, so limits are not recorded"
        chained = fields_of(place.value) is not None and os.name != "nt"
        yield Finding("warning", "statusline", message, SETUP if chained else WITHOUT)
    else:
        message = f"Our status line is missing in `{place.path}`, so limits are not recorded"
        yield Finding("warning", "statusline", message, SETUP)
