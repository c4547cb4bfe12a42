"""What each hook does: one use case a script of `hooks/`."""
