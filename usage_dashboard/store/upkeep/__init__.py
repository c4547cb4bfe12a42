"""Retention, new prices, forgetting."""
