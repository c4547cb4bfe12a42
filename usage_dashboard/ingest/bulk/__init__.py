"""Long histories at once: what the first import reads, without what a hook has to do without."""
