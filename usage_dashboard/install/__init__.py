"""Putting the hooks into Claude Code's settings, taking them out again, and finding out what is broken."""
