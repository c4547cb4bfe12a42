"""`python -m usage_dashboard` is the command `usage-dashboard`."""

from usage_dashboard.cli.start import main

main()
