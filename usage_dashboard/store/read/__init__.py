"""Rows and totals out of the ledger."""
