"""Another ledger's rows into this one."""
