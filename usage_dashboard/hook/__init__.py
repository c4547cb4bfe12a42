"""What each hook does: a module for each script in `hooks/`."""
