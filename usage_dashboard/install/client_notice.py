"""Whether the registered hooks fit the client that ran last, for `week`, which asks this each time.

So it loads little: only what looks wrong is examined with all that setup knows.
"""

from __future__ import annotations

import os

from usage_dashboard.install.seen_client import KEEPS_UNKNOWN_EVENTS, Version, find_last
from usage_dashboard.model.errors import SettingsError

Notice = tuple[str, str]

SETUP = "usage-dashboard setup"

_NEWEST_EVENT = b'"PostToolBatch"'


def describe_misfit(home: str, root: str) -> Notice | None:
    """A sentence and a hint where the hooks in `root` do not fit the client that ran there last."""
    path = os.path.join(root, "settings.json")
    try:
        with open(path, "rb") as file:
            text, changed = file.read(), os.fstat(file.fileno()).st_mtime
    except OSError:
        return None
    seen = find_last(root) if b"counter.py" in text else None
    if seen is None:
        return None
    version, time = seen
    try:
        if version < KEEPS_UNKNOWN_EVENTS:
            return _describe_harm(home, path) if time > changed else None
        return None if _NEWEST_EVENT in text else _describe_offer(home, path, version)
    except SettingsError:  # `doctor` reports it
        return None


def _describe_harm(home: str, path: str) -> Notice | None:
    from usage_dashboard.install import client_fit, clients, hook_entries, settings_file  # noqa: PLC0415 - seldom

    value = settings_file.read_settings(path).value
    events = {ours.event for ours in hook_entries.registered_hooks(value)}
    harm = client_fit.describe_harm(clients.find_seen(home), events, path)
    return None if harm is None else (harm, SETUP)


def _describe_offer(home: str, path: str, version: Version) -> Notice | None:
    from usage_dashboard.install import client_fit, clients, hook_entries, settings_file  # noqa: PLC0415 - seldom

    value = settings_file.read_settings(path).value
    there = {ours.event for ours in hook_entries.registered_hooks(value)}
    known = client_fit.understood_by(clients.find_all(home)).events
    if not there or known <= there:
        return None
    number = ".".join(map(str, version))
    return f"Claude Code is {number} by now and knows more hook events than are registered", SETUP
