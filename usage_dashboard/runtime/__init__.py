"""Light stand-ins for heavy standard modules, and the bundle: what a hook can afford."""
