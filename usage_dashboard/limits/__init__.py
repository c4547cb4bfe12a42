"""The client's limits, the user's budgets, and the windows that both are measured in."""
