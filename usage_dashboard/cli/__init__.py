"""The command line: the only rooms that read the clock, print and ask."""
