"""Numbers, times, windows and limits as words, for the command line and the browser."""
