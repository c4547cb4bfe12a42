"""The opt-in receiver of the client's own telemetry: exact counts of calls that no transcript shows."""
