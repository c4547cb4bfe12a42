"""Generated usage in a temporary folder, for users without a history."""
