"""The ledger: one SQLite file of counts, keys, times and bounded labels."""
