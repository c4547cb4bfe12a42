"""The plugins of ours that a settings object enables."""

from __future__ import annotations

PLUGIN = "usage-dashboard"


def plugins(value: dict[str, object]) -> list[str]:
    """The enabled plugins of ours in a settings object, such as `usage-dashboard@market`."""
    enabled = value.get("enabledPlugins")
    if not isinstance(enabled, dict):
        return []
    return [name for name, on in enabled.items() if name.startswith(PLUGIN) and on not in (False, None)]
