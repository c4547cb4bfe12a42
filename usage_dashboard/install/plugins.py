"""Our plugin as a settings object enables it."""

from __future__ import annotations

PLUGIN = "usage-dashboard"


def enabled_plugins(value: dict[str, object]) -> list[str]:
    """Our plugins that a settings object enables, such as `usage-dashboard@market`."""
    enabled = value.get("enabledPlugins")
    if not isinstance(enabled, dict):
        return []
    return [name for name, on in enabled.items() if name.startswith(PLUGIN) and on not in (False, None)]
