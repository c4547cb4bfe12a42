"""The command's own names."""

PROGRAM = "usage-dashboard"
COMPLETION_VARIABLE = "_USAGE_DASHBOARD_COMPLETE"
"""The variable by which a shell asks for words that complete a line."""

DEFAULT_COMMAND = "week"
