"""What the command line and the page in the browser have in common."""
