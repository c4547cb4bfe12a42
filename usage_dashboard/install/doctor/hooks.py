"""Whether Claude Code will run our hooks and status line: registered, once, allowed, and able to start."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING

from usage_dashboard.config import paths
from usage_dashboard.install import entries, settings_paths
from usage_dashboard.install.doctor import statusline, trial_run
from usage_dashboard.install.doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_dashboard.install.doctor.settings_scopes import Source, Sources

SETUP = "usage-dashboard setup"
AGAIN = "usage-dashboard uninstall && usage-dashboard setup"


def examine(home: str, sources: Sources, projects: list[str]) -> list[Finding]:
    """What is right and wrong with the hooks in `sources`, which are to write to the ledger in `home`.

    `projects` are the folders that recording is limited to; empty: all.
    """
    findings = [*_unreadable(sources), *_switched_off(sources)]
    for place in _expected(sources, projects):
        findings += _registered(place, sources)
        if place.ours or place.statusline or _plugins(sources):
            findings += statusline.examine(place, sources.above(place))
    findings += dict.fromkeys(_twice(sources, AGAIN + (" --scope project" if projects else "")))
    # What a project brings along is not run: it may come from anywhere, and Claude Code asks first too.
    trusted = [*sources.users, *(place for place in _expected(sources, projects) if place.scope == "project")]
    found = [hook for source in trusted for hook in (*source.ours, *filter(None, [source.statusline]))]
    return [*findings, *_narrowed(sources), *_other_ledger(found, home), *_able_to_start(found)]


def _unreadable(sources: Sources) -> Iterator[Finding]:
    for source in sources.all:
        if source.error is not None:
            yield Finding("problem", "settings", str(source.error), source.error.hint)


def _switched_off(sources: Sources) -> Iterator[Finding]:
    for source in sources.all:
        if source.value.get("disableAllHooks") is True:
            message = f"`disableAllHooks` in `{source.path}` switches every hook off"
            yield Finding(
                "problem", "switched-off", message, f'Remove "disableAllHooks" from `{source.path}`'
            )
    if sources.managed is not None and sources.managed.value.get("allowManagedHooksOnly") is True:
        message = f"`allowManagedHooksOnly` in `{sources.managed.path}` switches the user's hooks off"
        hint = "usage-dashboard import"
        yield Finding("problem", "switched-off", message, hint)


def _expected(sources: Sources, projects: list[str]) -> list[Source]:
    """The files in which the hooks have to stand."""
    if not projects:
        return [sources.in_force]
    wanted = {os.path.realpath(settings_paths.project_file(project)) for project in projects}
    return [source for source in sources.all if os.path.realpath(source.path) in wanted]


def _registered(place: Source, sources: Sources) -> list[Finding]:
    if place.error is not None:
        return []
    there = {(found.event, found.hook.script) for found in place.ours}
    missing = [key for key in entries.REGISTERED if key not in there]
    if not missing:
        return [Finding("ok", "hooks", f"The hooks are registered in `{place.path}`")]
    if there:
        named = ", ".join(f"`{event}` ({script})" for event, script in missing)
        return [Finding("problem", "hooks", f"The hooks for {named} are missing in `{place.path}`", SETUP)]
    enabled = _plugins(sources)
    if enabled:
        return [Finding("ok", "hooks", f"The hooks come with the plugin `{enabled[0]}`")]
    return [_absent(place, sources)]


def _plugins(sources: Sources) -> list[str]:
    return [name for source in (sources.in_force, *sources.projects) for name in source.plugins]


def _absent(place: Source, sources: Sources) -> Finding:
    message = f"No hooks are registered in `{place.path}`"
    others = [source.path for source in sources.users if source.ours] if place.scope == "user" else []
    if others:
        named = "`CLAUDE_CONFIG_DIR` names" if os.environ.get("CLAUDE_CONFIG_DIR") else "Claude Code reads"
        message = f"{named} `{os.path.dirname(place.path)}`, but the hooks are registered in `{others[0]}`"
    return Finding("problem", "hooks", message, SETUP)


def _twice(sources: Sources, again: str) -> Iterator[Finding]:
    """Warnings about hooks that run more than once for one event in one session."""
    for source in sources.all:
        registered = [(found.event, found.hook.script) for found in source.ours]
        if len(registered) != len(set(registered)):
            yield Finding("warning", "twice", f"A hook is registered twice in `{source.path}`", SETUP)
    for together in _loaded_together(sources):
        holding = [source.path for source in together if source.ours]
        if len(holding) > 1:
            named = " and ".join(f"`{path}`" for path in holding)
            yield Finding("warning", "twice", f"The hooks are registered in {named}", again)
        enabled = [name for source in together for name in source.plugins]
        if enabled and holding:
            message = f"The plugin `{enabled[0]}` and `{holding[0]}` register the same hooks"
            yield Finding("warning", "twice", message, "usage-dashboard uninstall")


def _loaded_together(sources: Sources) -> list[list[Source]]:
    """The user's settings with those of each project; two projects never meet in one session."""
    folders = dict.fromkeys(os.path.dirname(source.path) for source in sources.projects)
    return [
        [sources.in_force, *(source for source in sources.projects if os.path.dirname(source.path) == folder)]
        for folder in folders
    ]


def _narrowed(sources: Sources) -> Iterator[Finding]:
    for source in sources.all:
        for found in source.ours:
            if found.matcher not in (None, "", "*"):
                message = f"A matcher in `{source.path}` limits our hook for `{found.event}`"
                hint = f'Remove "matcher": {json.dumps(found.matcher)} there'
                yield Finding("warning", "matcher", message, hint)


def _other_ledger(hooks: list[entries.Found], home: str) -> list[Finding]:
    usual = os.path.join(paths.user_home(), ".claude-usage")
    # The forms for Windows have no place for a ledger.
    homes = {found.hook.home or usual for found in hooks if " exec " in str(found.entry["command"])}
    message = "The hooks write to the ledger in `{}`, this command reads `{}`"
    return [
        Finding(
            "problem",
            "other-ledger",
            message.format(other, home),
            f"USAGE_DASHBOARD_HOME={shlex.quote(other)} usage-dashboard",
        )
        for other in sorted(homes)
        if os.path.realpath(other) != os.path.realpath(home)
    ]


def _able_to_start(hooks: list[entries.Found]) -> list[Finding]:
    """Whether the interpreters and scripts are there; if so, each hook is run once."""
    findings = [
        trial_run.interpreter(python) for python in dict.fromkeys(found.hook.python for found in hooks)
    ]
    for path in dict.fromkeys(found.hook.path for found in hooks):
        if not os.path.isfile(path):
            message = f"The registered hook `{path}` is gone, so nothing is recorded"
            findings.append(Finding("problem", "hook", message, SETUP))
    if any(finding.level == "problem" for finding in findings):
        return findings
    different = {(found.hook.path, str(found.entry["command"])): found for found in hooks}
    return findings + [trial_run.hook(found) for found in different.values()]
