"""Made-up work in a temporary folder: the screens for someone with no history yet."""
