"""Whether what is registered fits the installed clients: what harms one, and what all of them would bear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.install.client_events import (
    EVENTS_SINCE,
    UNSEEN,
    Vocabulary,
    is_harmed_by,
    shared_vocabulary,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from usage_dashboard.install.clients import Client

NAMING_A_CLIENT = "usage-dashboard config set claude.path <path of claude>"


def understood_by(clients: Sequence[Client]) -> Vocabulary:
    """What a settings file may name before `clients`, which may be older where they were only seen."""
    versions = [client.version for client in clients]
    return shared_vocabulary(versions if not all(client.seen for client in clients) else [*versions, None])


def describe_harm(clients: Iterable[Client], events: Collection[str], path: str) -> str | None:
    """Which client loses all settings in `path` by one of the registered `events`; None if none does."""
    for client in clients:
        harmful = [
            event
            for event in sorted(events)
            if client.version is not None and is_harmed_by(client.version, event)
        ]
        if harmful:
            return f"{client} ignores all of `{path}`, since it does not know {_list_names(harmful)}"
    return None


def describe_doubt(clients: Sequence[Client], events: Collection[str], path: str) -> str | None:
    """What may be harmed where no client, or one of unknown version, is there; None if nothing is."""
    risky = sorted(set(events) - understood_by(clients).events)
    if not risky:
        return None
    unknown = next((client for client in clients if client.version is None), None)
    which = "No Claude Code client was found, and one" if unknown is None else f"{unknown}, if it is"
    return f"{which} before 2.1.101 would ignore all of `{path}` because of {_list_names(risky)}"


def describe_restraint(clients: Sequence[Client]) -> list[str]:
    """Sentences on what setup leaves out before `clients`, and what that costs; empty if nothing."""
    missing = [event for event in EVENTS_SINCE if event not in understood_by(clients).events]
    if not missing:
        return []
    unseen = _join([UNSEEN[event] for event in missing])
    verb = "is" if len(missing) == 1 else "are"
    return [
        f"{_reason(clients, missing)}, so {_list_names(missing)} {verb} not registered",
        f"Not noticed at once: {unseen}; their tokens are counted at the next tool call, turn or command",
    ]


def _reason(clients: Sequence[Client], missing: Collection[str]) -> str:
    for client in clients:
        if client.version is not None and any(is_harmed_by(client.version, event) for event in missing):
            return f"{client} ignores settings that name an event it does not know"
    unknown = next((client for client in clients if client.version is None), None)
    if unknown is not None:
        return f"{unknown} may be one that ignores settings with a newer event"
    return "No Claude Code client was found, and one before 2.1.101 ignores settings with a newer event"


def _list_names(events: Iterable[str]) -> str:
    return _join([f"`{event}`" for event in events])


def _join(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
