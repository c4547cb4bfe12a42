"""The client's allowances and the user's budgets."""
