"""From Claude Code into the ledger: transcripts, telemetry, other ledgers."""
