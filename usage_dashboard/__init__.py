"""What Claude Code spent, on what, and how much of the week is left."""

__version__ = "0.1.0"
