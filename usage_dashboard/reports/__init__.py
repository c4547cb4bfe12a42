"""Reports of a window, for every screen and program."""
