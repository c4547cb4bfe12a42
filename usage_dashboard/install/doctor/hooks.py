"""Examines whether Claude Code will run our hooks: registered, once, allowed, and able to start."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING

from usage_dashboard.config import paths
from usage_dashboard.install import client_fit, hook_entries, settings_paths
from usage_dashboard.install.client_events import shared_vocabulary
from usage_dashboard.install.doctor import policy, trial_run
from usage_dashboard.install.doctor.finding import Finding
from usage_dashboard.install.doctor.statusline import examine_statusline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from usage_dashboard.install.clients import Client
    from usage_dashboard.install.doctor.settings_scopes import SettingsScope, SettingsScopes

SETUP = "usage-dashboard setup"
AGAIN = "usage-dashboard uninstall && usage-dashboard setup"


def examine_hooks(
    home: str, scopes: SettingsScopes, projects: list[str], installed: Sequence[Client]
) -> list[Finding]:
    """Examine the hooks in `scopes`, which should write to the ledger in `home`.

    `projects` are the folders that recording is limited to; empty means all. `installed` are the clients.
    """
    findings = [
        *_find_unreadable(scopes),
        *policy.find_switched_off(scopes),
        *_find_misfits(scopes, installed),
    ]
    for expected in _expected_scopes(scopes, projects):
        findings += _examine_registered(expected, scopes, installed)
        if expected.ours or expected.statusline or _plugins_in(scopes):
            findings += examine_statusline(expected, scopes.scopes_above(expected))
    findings += dict.fromkeys(_find_duplicates(scopes, AGAIN + (" --scope project" if projects else "")))
    # Hooks that a project brings along are not run: they may come from anywhere, and Claude Code asks too.
    trusted = [
        *scopes.users,
        *(expected for expected in _expected_scopes(scopes, projects) if expected.scope == "project"),
    ]
    hooks = [hook for scope in trusted for hook in (*scope.ours, *filter(None, [scope.statusline]))]
    return [*findings, *_find_matchers(scopes), *_find_other_ledgers(hooks, home), *_try_hooks(hooks)]


def _find_unreadable(scopes: SettingsScopes) -> Iterator[Finding]:
    for scope in scopes.all:
        if scope.error is not None:
            yield Finding("problem", "settings", str(scope.error), scope.error.hint)


def _expected_scopes(scopes: SettingsScopes, projects: list[str]) -> list[SettingsScope]:
    """The files that should hold the hooks."""
    if not projects:
        return [scopes.in_force]
    wanted = {os.path.realpath(settings_paths.project_file(project)) for project in projects}
    return [scope for scope in scopes.all if os.path.realpath(scope.path) in wanted]


def _examine_registered(
    expected: SettingsScope, scopes: SettingsScopes, installed: Sequence[Client]
) -> list[Finding]:
    if expected.error is not None:
        return []
    there = {(ours.event, ours.hook.script) for ours in expected.ours}
    if there:
        return [_examine_events(expected, there, installed)]
    enabled = _plugins_in(scopes)
    if enabled:
        return [Finding("ok", "hooks", f"The hooks come with the plugin `{enabled[0]}`")]
    return [_describe_missing(expected, scopes)]


def _examine_events(
    expected: SettingsScope, there: set[tuple[str, str]], installed: Sequence[Client]
) -> Finding:
    """Examine whether all is registered that the clients would run."""
    known = client_fit.understood_by(installed).events
    missing = [key for key in hook_entries.REGISTERED if key not in there and key[0] in known]
    if not missing:
        return Finding("ok", "hooks", f"The hooks are registered in `{expected.path}`")
    named = ", ".join(f"`{event}` ({script})" for event, script in missing)
    if any(event in shared_vocabulary([]).events for event, _ in missing):
        return Finding("problem", "hooks", f"The hooks for {named} are missing in `{expected.path}`", SETUP)
    message = f"Every client here knows {named} by now, but `{expected.path}` does not register it"
    return Finding("warning", "hooks", message, SETUP)


def _find_misfits(scopes: SettingsScopes, installed: Sequence[Client]) -> Iterator[Finding]:
    """Find registered events that make a client ignore a whole file, or may do so."""
    for scope in scopes.all:
        events = {ours.event for ours in scope.ours}
        harm = client_fit.describe_harm(installed, events, scope.path)
        doubt = client_fit.describe_doubt(installed, events, scope.path)
        if harm is not None:
            yield Finding("problem", "client", harm, SETUP)
        elif doubt is not None:
            yield Finding("warning", "client", doubt, client_fit.NAMING_A_CLIENT)


def _plugins_in(scopes: SettingsScopes) -> list[str]:
    return [name for scope in (scopes.in_force, *scopes.projects) for name in scope.plugins]


def _describe_missing(expected: SettingsScope, scopes: SettingsScopes) -> Finding:
    message = f"No hooks are registered in `{expected.path}`"
    others = [scope.path for scope in scopes.users if scope.ours] if expected.scope == "user" else []
    if others:
        named = "`CLAUDE_CONFIG_DIR` names" if os.environ.get("CLAUDE_CONFIG_DIR") else "Claude Code reads"
        message = f"{named} `{os.path.dirname(expected.path)}`, but the hooks are registered in `{others[0]}`"
    return Finding("problem", "hooks", message, SETUP)


def _find_duplicates(scopes: SettingsScopes, again: str) -> Iterator[Finding]:
    """Warn about hooks that run more than once for one event in one session."""
    for scope in scopes.all:
        keys = [(ours.event, ours.hook.script) for ours in scope.ours]
        if len(keys) != len(set(keys)):
            yield Finding("warning", "twice", f"A hook is registered twice in `{scope.path}`", SETUP)
    for together in _scopes_by_session(scopes):
        holding = [scope.path for scope in together if scope.ours]
        if len(holding) > 1:
            named = " and ".join(f"`{path}`" for path in holding)
            yield Finding("warning", "twice", f"The hooks are registered in {named}", again)
        enabled = [name for scope in together for name in scope.plugins]
        if enabled and holding:
            message = f"The plugin `{enabled[0]}` and `{holding[0]}` register the same hooks"
            yield Finding("warning", "twice", message, "usage-dashboard uninstall")


def _scopes_by_session(scopes: SettingsScopes) -> list[list[SettingsScope]]:
    """The user's settings with those of each project; one session never loads two projects."""
    folders = dict.fromkeys(os.path.dirname(scope.path) for scope in scopes.projects)
    return [
        [scopes.in_force, *(scope for scope in scopes.projects if os.path.dirname(scope.path) == folder)]
        for folder in folders
    ]


def _find_matchers(scopes: SettingsScopes) -> Iterator[Finding]:
    for scope in scopes.all:
        for ours in scope.ours:
            if ours.matcher not in (None, "", "*"):
                message = f"A matcher in `{scope.path}` limits our hook for `{ours.event}`"
                hint = f'Remove "matcher": {json.dumps(ours.matcher)} there'
                yield Finding("warning", "matcher", message, hint)


def _find_other_ledgers(hooks: list[hook_entries.RegisteredHook], home: str) -> list[Finding]:
    usual = os.path.join(paths.user_home(), ".claude-usage")
    # The forms for Windows do not name a ledger.
    homes = {ours.hook.home or usual for ours in hooks if " exec " in str(ours.entry["command"])}
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


def _try_hooks(hooks: list[hook_entries.RegisteredHook]) -> list[Finding]:
    """Look for the interpreters and scripts; if they are there, run each hook once."""
    findings = [
        trial_run.try_interpreter(python) for python in dict.fromkeys(ours.hook.python for ours in hooks)
    ]
    for path in dict.fromkeys(ours.hook.path for ours in hooks):
        if not os.path.isfile(path):
            message = f"The registered hook `{path}` is gone, so nothing is recorded"
            findings.append(Finding("problem", "hook", message, SETUP))
    if any(finding.level == "problem" for finding in findings):
        return findings
    different = {(ours.hook.path, str(ours.entry["command"])): ours for ours in hooks}
    return findings + [trial_run.try_hook(ours) for ours in different.values()]
