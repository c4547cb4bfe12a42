"""The command's own names."""

PROGRAM = "usage-dashboard"
COMPLETING = "_USAGE_DASHBOARD_COMPLETE"
"""The variable by which a shell asks for words that complete a line."""

USUAL = "week"
