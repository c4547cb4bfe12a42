"""Our hooks in Claude Code's settings, added and removed: pure functions from object to object."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from usage_dashboard.install import command_line
from usage_dashboard.install.client_events import EVERYTHING, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Settings = dict[str, object]
Entries = dict[tuple[str, str], Settings]

# Events that come with every tool call run beside the session; the others are few, or must finish first.
ASYNC_EVENTS = ("PostToolUse", "PostToolUseFailure", "PostToolBatch")
COUNTER_EVENTS = (
    *ASYNC_EVENTS,
    "Stop",
    "StopFailure",
    "SubagentStop",
    "PreCompact",
    "SessionStart",
    "SessionEnd",
)
# Before work starts, and where messages of PreToolUse, shown only once the tool has ended, come too late.
ALERT_EVENTS = ("PreToolUse", "UserPromptSubmit", "SessionStart")

REGISTERED = (
    *((event, command_line.COUNTER) for event in COUNTER_EVENTS),
    *((event, command_line.ALERT) for event in ALERT_EVENTS),
)
"""Each event with a script that it runs; an event may run several."""

# In seconds. The counter's applies to SessionEnd too, whose hooks otherwise share a second and a half; the
# alert is waited for before each tool call.
TIMEOUTS = {command_line.COUNTER: 10, command_line.ALERT: 5}

# The parts of an entry that are ours to change; a timeout or a message that the user set stays.
_OURS = ("type", "command", "args", "async")


@dataclass(frozen=True)
class RegisteredHook:
    """One of our scripts in a settings object, and the event and matcher that it is registered for."""

    event: str
    matcher: object
    entry: Mapping[str, object]
    hook: command_line.HookCommand


def wanted_entries(home: str, vocabulary: Vocabulary) -> Entries:
    """The entries by event and script that this installation registers for the ledger in `home`.

    They name nothing but what is in `vocabulary`.

    Raises:
        UsageDashboardError: this installation has no hook scripts.
    """
    return entries_for(
        command_line.base_interpreter(),
        {script: command_line.script_path(script) for script in TIMEOUTS},
        home,
        vocabulary,
    )


def entries_for(
    python: str, scripts: Mapping[str, str], home: str, vocabulary: Vocabulary = EVERYTHING
) -> Entries:
    """The entries by event and script that run `scripts` (path by name) with `python` for `home`."""
    exec_form, has_async = "args" in vocabulary.fields, "async" in vocabulary.fields
    return {
        (event, script): {
            **command_line.hook_entry(python, scripts[script], home, exec_form=exec_form),
            "timeout": TIMEOUTS[script],
            **({"async": True} if has_async and event in ASYNC_EVENTS else {}),
        }
        for event, script in REGISTERED
        if event in vocabulary.events
    }


def add_hooks(settings: Mapping[str, object], entries: Mapping[tuple[str, str], Settings]) -> Settings:
    """Return `settings` with `entries` registered, each once; equal to `settings` if they already are.

    Our entry from another installation is replaced in place. Everything else, and its order, stays.

    Raises:
        ValueError: `hooks` has a shape that Claude Code does not know; the message names the part.
    """
    result = copy.deepcopy(dict(settings))
    hooks = result.setdefault("hooks", {})
    if not isinstance(hooks, dict):
        raise ValueError("`hooks` is not an object")  # noqa: TRY004 - one error for every unusable file
    _replace_hooks(hooks, entries)
    for (event, script), entry in entries.items():
        groups = hooks.setdefault(event, [])
        if not _is_list_of_groups(groups):
            raise ValueError(f"`hooks.{event}` is not a list of objects with `hooks`")
        if not any(ours.hook.script == script for ours in _hooks_of_event(event, groups)):
            groups.append({"hooks": [copy.deepcopy(entry)]})
    return result


def remove_hooks(settings: Mapping[str, object], before: Mapping[str, object] | None = None) -> Settings:
    """Return `settings` without our entries, and without lists and objects that held nothing else.

    `before` is what the file held before our entries were added: what was empty then stays.
    """
    result = copy.deepcopy(dict(settings))
    hooks = result.get("hooks")
    if not isinstance(hooks, dict) or not registered_hooks(settings):
        return result
    hooks_before = None if before is None else before.get("hooks")
    _replace_hooks(hooks, {}, hooks_before if isinstance(hooks_before, dict) else {})
    if not hooks and hooks_before is None:
        del result["hooks"]
    return result


def registered_hooks(settings: object) -> list[RegisteredHook]:
    """Our hooks in `settings`, in the order of the file; none if the shape is unknown."""
    hooks = settings.get("hooks") if isinstance(settings, dict) else None
    if not isinstance(hooks, dict):
        return []
    return [hook for event, groups in hooks.items() for hook in _hooks_of_event(event, groups)]


def _hooks_of_event(event: str, groups: object) -> Iterator[RegisteredHook]:
    for group in groups if isinstance(groups, list) else ():
        for entry in _entries_of(group):
            hook = command_line.parse_entry(entry)
            if hook is not None:
                yield RegisteredHook(event, group.get("matcher"), entry, hook)


def _replace_hooks(
    hooks: dict[str, object],
    entries: Mapping[tuple[str, str], Settings],
    before: Mapping[str, object] | None = None,
) -> None:
    """Replace our first entry per event and script by that in `entries`, and remove our others."""
    for event, groups in list(hooks.items()):
        if not isinstance(groups, list) or not any(_hooks_of_event(event, groups)):
            continue
        kept = _replace_in_groups(
            groups, {script: entry for (at, script), entry in entries.items() if at == event}
        )
        if kept or (before or {}).get(event) == []:
            hooks[event] = kept
        else:
            del hooks[event]


def _replace_in_groups(groups: list[object], entries: dict[str, Settings]) -> list[object]:
    result: list[object] = []
    for group in groups:
        kept: list[object] = []
        for old in _entries_of(group):
            hook = command_line.parse_entry(old)
            entry = None if hook is None else entries.pop(hook.script, None)
            if hook is None:
                kept.append(old)
            elif entry is not None:
                kept.append(_refresh_entry(old, entry))
        if isinstance(group, dict) and kept != _entries_of(group):
            group = {**group, "hooks": kept} if kept else None
        if group is not None:
            result.append(group)
    return result


def _refresh_entry(old: Settings, entry: Settings) -> Settings:
    stay = {name: value for name, value in old.items() if name in entry or name not in _OURS}
    return {**stay, **{name: value for name, value in entry.items() if name in _OURS or name not in old}}


def _entries_of(group: object) -> list[Settings]:
    entries = group.get("hooks") if isinstance(group, dict) else None
    return entries if isinstance(entries, list) else []


def _is_list_of_groups(groups: object) -> bool:
    return isinstance(groups, list) and all(
        isinstance(group, dict) and isinstance(group.get("hooks"), list) for group in groups
    )
