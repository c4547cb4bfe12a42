"""The command's own names."""

PROGRAM = "usage-dashboard"
COMPLETION_VARIABLE = "_USAGE_DASHBOARD_COMPLETE"
"""The variable by which a shell asks for completions."""

DEFAULT_COMMAND = "week"
