"""All modules of a hook in one file."""
