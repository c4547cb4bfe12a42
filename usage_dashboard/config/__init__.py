"""The user's settings: `config.json` in the ledger's folder."""
