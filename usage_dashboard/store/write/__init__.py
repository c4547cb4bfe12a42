"""Rows and totals into the ledger."""
