"""Which release of Claude Code knows which hook event and field: one unknown event costs the whole file.

Clients up to 2.1.98 ignore all of a `settings.json` that names a hook event they do not know, the user's
permissions and model included; 2.1.101 and later skip the event alone (Claude Code's changelog, 2.1.101;
tried with 1.0.128, 2.0.76, 2.1.87, 2.1.98, 2.1.101, 2.1.197, 2.1.330 and 2.1.332). The versions below are
the oldest on npm that list the event or field, in `cli.js` or in the types of the agent SDK of that number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from usage_dashboard.install.seen_client import KEEPS_UNKNOWN_EVENTS, Version

if TYPE_CHECKING:
    from collections.abc import Collection

EVENTS_SINCE: dict[str, Version] = {
    "PreToolUse": (1, 0, 37),
    "PostToolUse": (1, 0, 37),
    "Stop": (1, 0, 37),
    "SubagentStop": (1, 0, 41),
    "PreCompact": (1, 0, 48),
    "UserPromptSubmit": (1, 0, 53),
    "SessionStart": (1, 0, 62),
    "SessionEnd": (1, 0, 85),
    "PostToolUseFailure": (2, 0, 56),
    "StopFailure": (2, 1, 78),
    "PostToolBatch": (2, 1, 118),
}
"""Each event that we register, with the first version that knows it."""

LAST_OF_1_0: Version = (1, 0, 128)
"""What is assumed of a client whose version is not known, and where no client is found."""

# Older clients ignore these fields (tried as above): a hook with `async` is waited for. Without its `args` an
# exec form is a bare interpreter, which would take the event for its program.
FIELDS_SINCE: dict[str, Version] = {
    "async": (2, 1, 23),
    "refreshInterval": (2, 1, 97),
    "args": (2, 1, 139),
}
"""Each field of a hook or status line that old clients lack, with the first version that knows it."""

UNSEEN = {
    "PreToolUse": "tool calls that are about to run",
    "PostToolUse": "tool calls",
    "Stop": "ends of turns",
    "PostToolUseFailure": "failed tool calls",
    "PostToolBatch": "batches of tool calls",
    "StopFailure": "turns that an API error ended",
    "SessionStart": "starts of sessions",
    "SessionEnd": "ends of sessions",
    "UserPromptSubmit": "prompts",
    "SubagentStop": "ends of subagents",
    "PreCompact": "compactions",
}
"""What is not noticed at once where a client does not know an event; a later event or sweep counts it."""

_VERSION = re.compile(r"(?<![\d.])(\d{1,4})\.(\d{1,4})\.(\d{1,6})(?![\d.])")


def parse_version(text: str) -> Version | None:
    """The first version such as `2.1.332` in `text`; None if there is none."""
    match = _VERSION.search(text)
    return None if match is None else (int(match[1]), int(match[2]), int(match[3]))


def format_version(version: Version) -> str:
    """`version` as the client writes it."""
    return ".".join(map(str, version))


def is_harmed_by(version: Version, event: str) -> bool:
    """Whether a client of `version` drops all settings in a file that names `event`."""
    return version < min(KEEPS_UNKNOWN_EVENTS, EVENTS_SINCE[event])


@dataclass(frozen=True)
class Vocabulary:
    """The hook events and fields that a settings file may name."""

    events: frozenset[str]
    fields: frozenset[str]


EVERYTHING = Vocabulary(frozenset(EVENTS_SINCE), frozenset(FIELDS_SINCE))


def shared_vocabulary(versions: Collection[Version | None]) -> Vocabulary:
    """What clients of `versions` all bear; None is a version that is not known.

    Without any client it is the events that 1.0 knows, and the fields that do no harm where they are unknown.
    """
    oldest = [LAST_OF_1_0 if version is None else version for version in versions] or [LAST_OF_1_0]
    known = [version for version in versions if version is not None]
    fields = {name for name, since in FIELDS_SINCE.items() if all(version >= since for version in known)}
    if not known or None in versions:
        fields.discard("args")
    return Vocabulary(
        frozenset(
            event for event in EVENTS_SINCE if not any(is_harmed_by(version, event) for version in oldest)
        ),
        frozenset(fields),
    )
