"""Examines what keeps Claude Code from running hooks at all, in the order in which the client asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.install.doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_dashboard.install.doctor.settings_scopes import SettingsScope, SettingsScopes

IMPORT = "usage-dashboard import"

OFF, MANAGED_ONLY, PLUGIN_ONLY = "disableAllHooks", "allowManagedHooksOnly", "strictPluginOnlyCustomization"


def find_switched_off(scopes: SettingsScopes) -> Iterator[Finding]:
    """Find settings that switch our hooks off: the administrator's first, then the user's and a project's."""
    ruling = scopes.managed_setting(OFF)
    if ruling is not None:
        if ruling.value[OFF] is True:
            yield _by_administrator(OFF, "every hook", ruling)
    else:
        yield from _find_own(scopes)
    if any(scope.ours for scope in scopes.managed):
        return
    only = scopes.managed_setting(MANAGED_ONLY)
    if only is not None and only.value[MANAGED_ONLY] is True:
        yield _by_administrator(MANAGED_ONLY, "the user's hooks", only)
    plugins = scopes.managed_setting(PLUGIN_ONLY)
    if plugins is not None and _locks_hooks(plugins.value[PLUGIN_ONLY]):
        yield _by_administrator(PLUGIN_ONLY, "the hooks in the user's settings", plugins)


def _find_own(scopes: SettingsScopes) -> Iterator[Finding]:
    for scope in (*scopes.users, *scopes.projects):
        if scope.value.get(OFF) is True:
            message = f"`{OFF}` in `{scope.path}` switches every hook off"
            yield Finding("problem", "switched-off", message, f'Remove "{OFF}" from `{scope.path}`')


def _by_administrator(name: str, what: str, scope: SettingsScope) -> Finding:
    return Finding("problem", "switched-off", f"`{name}` in `{scope.path}` switches {what} off", IMPORT)


def _locks_hooks(value: object) -> bool:
    """Whether the value locks hooks; the client takes one of an unknown shape for true."""
    return "hooks" in value if isinstance(value, list) else value is not False
